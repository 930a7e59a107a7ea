"""The database, as far as the rest of the service needs to know it."""

from django.db import InterfaceError, OperationalError, connection, connections

# What the database raises when it does not answer.
UNAVAILABLE: tuple[type[Exception], ...] = (OperationalError, InterfaceError)


def ping() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def disconnect() -> None:
    connections.close_all()
