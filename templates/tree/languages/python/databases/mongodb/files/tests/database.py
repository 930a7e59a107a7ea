"""The tests' own database, on the server of DATABASE_URL."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.conf import settings

from apps.core import store


@pytest.fixture(scope="session")
def migrated_database() -> Iterator[None]:
    settings.DATABASE["NAME"] = f"test_{uuid4().hex}"
    store.migrate()
    yield
    with store.database() as database:
        database.client.drop_database(database)
    store.disconnect()


@pytest.fixture(autouse=True)
def database(migrated_database: None) -> Iterator[None]:
    """Empties the database after each test."""
    yield
    with store.database() as database:
        for name in store.indexes:
            database[name].delete_many({})
