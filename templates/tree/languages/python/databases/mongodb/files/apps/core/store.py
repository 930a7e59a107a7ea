"""The database, as far as the rest of the service needs to know it."""

import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import pymongo
from django.conf import settings
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import ConfigurationError, ConnectionFailure, DuplicateKeyError, PyMongoError

from apps.core.exceptions import Conflict

logging.getLogger("pymongo").setLevel(logging.WARNING)  # for debugging, it logs every value


class Unavailable(Exception):
    """The database does not answer, or cannot serve now."""


UNAVAILABLE: tuple[type[Exception], ...] = (Unavailable,)

# What a server answers that cannot serve now, beside what the driver takes for a lost connection.
AWAY = {
    6, 7, 89, 133, 134, 9001,  # a router does not reach the servers behind it
    64, 100,  # too few servers confirm a write
    262,  # it took too long
    18,  # the credentials are refused
    14031,  # its disk is full
}  # fmt: skip

# What makes the list of a collection's indexes, by its name; the models' managers fill it.
indexes: dict[str, Callable[[], list[pymongo.IndexModel]]] = {}

opening = threading.Lock()


@cache
def client() -> pymongo.MongoClient:
    return pymongo.MongoClient(**settings.DATABASE["CLIENT"], maxPoolSize=settings.DATABASE_POOL_SIZE)


@contextmanager
def database() -> Iterator[Database]:
    """Reaches the database, and gives its errors their meaning."""
    with opening:
        connected = client()
    try:
        yield connected[settings.DATABASE["NAME"]]
    except DuplicateKeyError as error:
        # E11000 duplicate key error collection: app.products index: sku dup key: { owner_id: …, sku: "Blue" }
        raise Conflict(re.search(r" index: (\S+)", str(error))[1]) from error
    except PyMongoError as error:
        if error.timeout or isinstance(error, ConnectionFailure | ConfigurationError) or getattr(error, "code", None) in AWAY:
            raise Unavailable(re.split(r" \(configured|, full error", str(error))[0]) from error
        raise


@contextmanager
def collection(name: str) -> Iterator[Collection]:
    with database() as found:
        yield found[name]


def ping() -> None:
    with pymongo.timeout(2), database() as found:
        found.command("ping")


def disconnect() -> None:
    with opening:
        client().close()
        client.cache_clear()


def migrate() -> None:
    """Makes the indexes that are missing. The server makes each of them once, even if two ask for it."""
    with pymongo.timeout(600), database() as found:  # one on many records takes its time
        for name, list_indexes in indexes.items():
            for index in list_indexes():
                found[name].create_indexes([index])
