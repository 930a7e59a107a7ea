"""What only SQLite does in its way."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, connection


def taken_field(error: IntegrityError, table: str) -> str | None:
    """Returns the field whose value is taken: UNIQUE constraint failed: products.owner_id, products.sku"""
    message = str(error)
    return message.rpartition(".")[2] if message.startswith("UNIQUE") else None


@contextmanager
def migration_lock() -> Iterator[None]:
    with open(f"{connection.settings_dict['NAME']}.migrate", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
