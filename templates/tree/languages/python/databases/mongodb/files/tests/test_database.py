import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings

from apps.accounts.models import User
from apps.core import models, store
from apps.core.exceptions import Conflict, NotFound
from apps.core.models import Record, RecordManager
from apps.core.values import now
from config import database


class Thing(Record):
    name: str
    code: str | None
    price: models.Decimal | None
    day: models.Date | None
    moment: datetime | None
    number: int | None

    objects = RecordManager("tests.things", unique=["name", "code", "price"])


OWNER, ANOTHER = uuid4(), uuid4()
EMPTY: dict[str, Any] = {"code": None, "price": None, "day": None, "moment": None, "number": None}


@pytest.fixture(autouse=True)
def accounts(database: None) -> None:
    with store.collection("accounts_user") as users:
        users.insert_many([{"_id": id, "email": str(id), "password": "", "created_at": now()} for id in (OWNER, ANOTHER)])


def add(**values: Any) -> Record:
    return Thing.objects.add(OWNER, {**EMPTY, **values})


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Makes the calls at the same time, and returns what came of them."""

    def result(call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Conflict as conflict:
            return conflict.field

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(result, calls))


@pytest.mark.parametrize(
    "values",
    [
        {"price": Decimal("-9999999999.99"), "day": date.min, "moment": datetime(1, 1, 1, tzinfo=UTC), "number": 1 - 2**53},
        {"price": Decimal("0.00"), "day": date.max, "moment": datetime(9999, 12, 31, 23, 59, 59, 999000, UTC), "number": 2**53 - 1},
        EMPTY,
    ],
)
def test_values_come_back_as_they_were(values: dict[str, Any]) -> None:
    thing = add(name="a", **values)
    found = Thing.objects.find(OWNER, thing.id)
    assert found == thing
    assert {name: getattr(found, name) for name in values} == values


def test_a_null_is_never_taken_and_a_value_is_free_again() -> None:
    first, second = add(name="a", code="x"), add(name="b")
    add(name="A")
    with pytest.raises(Conflict, match="code"):
        Thing.objects.change(OWNER, second.id, {"code": "x"})
    assert Thing.objects.change(OWNER, first.id, {"code": None}).code is None
    assert Thing.objects.change(OWNER, second.id, {"code": "x"}).code == "x"
    Thing.objects.add(ANOTHER, {**EMPTY, "name": "a", "code": "x"})


def test_races() -> None:
    things = at_once(*[lambda: add(name="a")] * 4)
    assert things.count("name") == 3
    thing = next(thing for thing in things if thing != "name")
    at_once(
        lambda: Thing.objects.change(OWNER, thing.id, {"number": 1}),
        lambda: Thing.objects.change(OWNER, thing.id, {"code": "x"}),
    )
    assert (Thing.objects.find(OWNER, thing.id).number, Thing.objects.find(OWNER, thing.id).code) == (1, "x")
    users = at_once(*[lambda: User.objects.create_user("ada@example.com", "a long enough password")] * 3)
    assert users.count("email") == 2


def test_pages() -> None:
    ids = [add(name=str(number)).id for number in range(5)]
    ids.sort(reverse=True)
    assert [thing.id for thing in Thing.objects.page(OWNER, None, 3)] == ids[:3]
    assert [thing.id for thing in Thing.objects.page(OWNER, ids[2], 3)] == ids[3:]


@pytest.mark.parametrize("owner", [OWNER, uuid4()])
def test_a_record_that_is_not_there(owner: UUID) -> None:
    id = uuid4() if owner == OWNER else add(name="a").id
    for call in (Thing.objects.find, Thing.objects.remove, lambda *key: Thing.objects.change(*key, {})):
        with pytest.raises(NotFound):
            call(owner, id)


def test_migrations_at_once() -> None:
    at_once(*[store.migrate] * 3)
    with store.collection("tests.things") as things:
        assert things.index_information().keys() == {"_id_", "owner_id", "name", "code", "price"}


def test_the_log_holds_no_values(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        User.objects.create_user("ada@example.com", "a long enough password")
    assert "ada@example.com" not in caplog.text


def test_a_silent_server(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"mongodb://{silent.getsockname()[0]}:{silent.getsockname()[1]}"
        store.disconnect()
        monkeypatch.setitem(settings.DATABASE, "CLIENT", database.parse(url)["CLIENT"])
        start = time.monotonic()
        with pytest.raises(store.UNAVAILABLE):
            store.ping()
        with pytest.raises(store.UNAVAILABLE):
            add(name="a")
        store.disconnect()
        assert time.monotonic() - start < 7
    monkeypatch.undo()
    add(name="a")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("mongodb://h", "app"),
        ("mongodb://h/?tls=true", "app"),
        ("mongodb://h1:1,h2:2/my%2Dapp?w=1", "my-app"),
        ("mongodb://u:p%2F%40%3F@[::1]:27017/app", "app"),
        ("mongodb+srv://u:p@cluster.example.com/app", "app"),
    ],
)
def test_urls(url: str, name: str) -> None:
    assert database.parse(url)["NAME"] == name


@pytest.mark.parametrize(
    "url",
    [
        "secret",
        "postgres://h/app",
        "mongodb://u:se/cret@h/app",
        "mongodb://u:se@cret@h/app",
        "mongodb://u:%zzsecret@h/app",
        "mongodb://u:secret@h:0/app",
        "mongodb://u:secret@h/a%2Fb",
        "mongodb://u:secret@h/app?tls=maybe",
        "mongodb://u:secret@h/app?unknown=1",
        f"mongodb://u:secret@h/{64 * 'a'}",
    ],
)
def test_refused_urls(url: str) -> None:
    with pytest.raises(ValueError, match=r"^(must be|names a)") as refused:
        database.parse(url)
    assert "cret" not in str(refused.value)
