"""The database, as far as the rest of the service needs to know it."""

import logging
import re
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.retry import Retry

logger = logging.getLogger(__name__)

# What the client raises when the database does not answer.
UNAVAILABLE: tuple[type[Exception], ...] = (redis.ConnectionError, redis.TimeoutError)

# Begins every key, so that a server can be shared.
PREFIX = settings.PROJECT_NAME


class Client(redis.Redis):
    """Takes a server that lives, but cannot serve, for one that does not answer."""

    REFUSALS = re.compile(r"\b(BUSY|CLUSTERDOWN|MASTERDOWN|MISCONF|NOREPLICAS|OOM|READONLY|TRYAGAIN|DB index)\b")

    def execute_command(self, *args: Any, **options: Any) -> Any:
        try:
            return super().execute_command(*args, **options)
        except redis.ResponseError as error:
            if self.REFUSALS.search(f"{error.status_code} {error}"):
                raise redis.ConnectionError(str(error)) from error
            raise


# It connects when it is first used. The workers' threads, each of which holds one connection at most, share it.
client = Client(
    **settings.DATABASE,
    protocol=2,  # the third brings push messages, of which there are none here
    decode_responses=True,
    socket_connect_timeout=1,
    socket_timeout=2,
    retry=Retry(NoBackoff(), 0),  # the change may have been made, and only its answer lost
)


def script(name: str) -> Script:
    """Reads a script. Each is one change or one answer as a whole: Redis runs nothing else meanwhile."""
    return client.register_script((Path(__file__).parent / "scripts" / f"{name}.lua").read_text())


def ping() -> None:
    client.ping()


def disconnect() -> None:
    client.connection_pool.disconnect(inuse_connections=False)


def migrate() -> None:
    """Has no schema to bring up to date; it looks at how the server keeps the records."""
    try:
        server = client.info()
    except redis.ResponseError:
        return  # a managed server may refuse it
    if server.get("maxmemory_policy", "").startswith("allkeys"):
        logger.warning("the server deletes records when its memory is full: set maxmemory-policy to noeviction")
    if server.get("aof_enabled") == 0:
        logger.warning("the server loses the latest records when it stops unexpectedly: set appendonly to yes, unless replicas keep them")
