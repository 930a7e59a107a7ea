"""What only MySQL does in its way."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, connection

DUPLICATE = 1062


def taken_field(error: IntegrityError, table: str) -> str | None:
    """Returns the field whose value is taken: Duplicate entry '…' for key 'products.products_sku'; MariaDB leaves the table out."""
    number, message = error.args
    key = message.rstrip("'").rpartition("'")[2].rpartition(".")[2]
    return key.removeprefix(f"{table}_") if number == DUPLICATE else None


@contextmanager
def migration_lock() -> Iterator[None]:
    connection.close()
    connection.settings_dict["OPTIONS"] |= {"read_timeout": None, "write_timeout": None}  # migrations may take long
    with connection.cursor() as cursor:
        cursor.execute("SELECT GET_LOCK(CONCAT('migrate ', DATABASE()), 300)")
        if cursor.fetchone() != (1,):
            raise TimeoutError("another migration has run for five minutes")
        yield
        cursor.execute("SELECT RELEASE_LOCK(CONCAT('migrate ', DATABASE()))")
