"""The tests' own keys on the server of DATABASE_URL, which go away with each test."""

import secrets
from collections.abc import Iterator

import pytest

from apps.core import store


@pytest.fixture(autouse=True)
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    prefix = f"test_{secrets.token_hex(8)}"
    monkeypatch.setattr(store, "PREFIX", prefix)
    yield
    for key in store.client.scan_iter(f"{prefix}:*", count=1000):
        store.client.unlink(key)
