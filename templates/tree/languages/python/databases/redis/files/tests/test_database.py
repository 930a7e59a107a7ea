import socket
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
import redis

from apps.accounts.models import User
from apps.core import fields, store
from apps.core.exceptions import Conflict, NotFound
from apps.core.models import Record, RecordManager
from config import database
from tests.conftest import Caller


class Thing(Record):
    name: fields.String
    size: fields.Integer | None = None

    objects = RecordManager("things", unique=["name", "size"])


@pytest.fixture
def owner() -> UUID:
    return User.objects.create_user("owner@example.com", "a long enough password").id


@pytest.mark.parametrize(
    ("url", "host", "number", "password"),
    [
        ("redis://localhost", "localhost", 0, None),
        ("redis://localhost:6379/3", "localhost", 3, None),
        ("redis://:p%40ss%2F@[::1]:6379/0", "::1", 0, "p@ss/"),
        ("rediss://user:password@localhost/", "localhost", 0, "password"),
    ],
)
def test_urls(url: str, host: str, number: int, password: str | None) -> None:
    settings = database.parse(url)
    assert (settings["host"], settings["db"], settings["password"]) == (host, number, password)
    assert settings["ssl"] == url.startswith("rediss")


@pytest.mark.parametrize(
    "url",
    [
        "redis:///0",
        "redis://localhost/secret",
        "redis://localhost/-1",
        "redis://:secret#@localhost/0",
        "redis://user:1/secret@localhost/0",
        "redis://user:%secret@localhost/0",
        "redis://user:secret@localhost:port/0",
        "redis://user:secret@[localhost/0",
        "postgres://user:secret@localhost/db",
    ],
)
def test_refused_urls(url: str) -> None:
    with pytest.raises(ValueError, match="must be redis://") as refusal:
        database.parse(url)
    assert "secret" not in str(refusal.value)


def test_a_unique_value_under_a_race(owner: UUID) -> None:
    def add(_: int) -> bool:
        try:
            Thing.objects.add(owner, {"name": "lamp"})
        except Conflict as conflict:
            assert conflict.field == "name"
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(add, range(16))) == 1


def test_unique_values_follow_their_record(owner: UUID) -> None:
    lamp = Thing.objects.add(owner, {"name": "lamp", "size": 1})
    desk = Thing.objects.add(owner, {"name": "desk", "size": None})
    Thing.objects.add(owner, {"name": "null", "size": None})
    with pytest.raises(Conflict, match="size"):
        Thing.objects.change(owner, desk.id, {"name": "door", "size": 1})
    Thing.objects.change(owner, lamp.id, {"name": "lamp", "size": None})
    assert Thing.objects.change(owner, desk.id, {"size": 1}).name == "desk"
    Thing.objects.remove(owner, desk.id)
    with pytest.raises(NotFound):
        Thing.objects.change(owner, desk.id, {"name": "door"})
    Thing.objects.add(owner, {"name": "desk", "size": 1})


def test_changes_of_different_fields(owner: UUID) -> None:
    id = Thing.objects.add(owner, {"name": "lamp"}).id
    Thing.objects.change(owner, id, {"size": 2})
    Thing.objects.change(owner, id, {"name": "desk"})
    thing = Thing.objects.find(owner, id)
    assert (thing.name, thing.size) == ("desk", 2)


def test_pages(owner: UUID) -> None:
    ids = [Thing.objects.add(owner, {"name": f"thing {number}"}).id for number in range(5)]
    newest = sorted(ids, reverse=True)
    assert [thing.id for thing in Thing.objects.page(owner, None, 3)] == newest[:3]
    assert [thing.id for thing in Thing.objects.page(owner, newest[2], 3)] == newest[3:]


def test_a_server_that_cannot_serve() -> None:
    for answer in ("MISCONF the disk is full", "OOM command not allowed", "ERR DB index is out of range"):
        with pytest.raises(store.UNAVAILABLE):
            store.client.eval("return redis.error_reply(ARGV[1])", 0, answer)
    with pytest.raises(redis.ResponseError):
        store.client.eval("return redis.error_reply('ERR a fault of ours')", 0)


def test_a_server_that_is_silent(service: Caller, ada: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = store.client.connection_pool
    with socket.create_server(("127.0.0.1", 0)) as server, monkeypatch.context() as elsewhere:
        elsewhere.setitem(pool.connection_kwargs, "port", server.getsockname()[1])
        pool.reset()
        for path in ("/readyz", "/api/v1/auth/me"):
            start = time.monotonic()
            ada("GET", path, status=503)
            assert time.monotonic() - start < 5
        server.close()
        ada("GET", "/api/v1/auth/me", status=503)
    pool.reset()
    ada("GET", "/api/v1/auth/me")


def test_an_account_is_found_as_it_was_written() -> None:
    user = User.objects.create_user("ada@example.com", "a long enough password")
    assert User.objects.find_by_email("ada@example.com") == user == User.objects.find_by_id(user.id)
    assert User.objects.find_by_email("Ada@example.com") is None
