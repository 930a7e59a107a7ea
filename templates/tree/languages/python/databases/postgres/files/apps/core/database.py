"""What only PostgreSQL does in its way."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, connection
from psycopg.errors import UniqueViolation

MIGRATION_LOCK = 7_236_012_917


def taken_field(error: IntegrityError, table: str) -> str | None:
    """Returns the field whose value is taken, by the constraint's name: products_sku"""
    cause = error.__cause__
    return cause.diag.constraint_name.removeprefix(f"{table}_") if isinstance(cause, UniqueViolation) else None


@contextmanager
def migration_lock() -> Iterator[None]:
    connection.seconds = 0  # migrations may take long
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        yield
        cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])
