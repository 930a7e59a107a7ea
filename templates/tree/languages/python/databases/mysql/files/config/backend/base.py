"""Django's backend for MySQL, with PyMySQL as the driver, which needs nothing that has to be compiled."""

import select
from typing import Any

import pymysql

pymysql.install_as_MySQLdb()

from django.db.backends.mysql import base  # noqa: E402

DEADLOCK = 1213


class CursorWrapper(base.CursorWrapper):
    """Repeats a statement that lost a deadlock. Outside of a transaction, nothing of it was done."""

    def execute(self, query: str, args: Any = None) -> int:
        while True:
            try:
                return super().execute(query, args)
            except pymysql.OperationalError as error:
                if error.args[0] != DEADLOCK or not self.cursor.connection.get_autocommit():
                    raise


class DatabaseWrapper(base.DatabaseWrapper):
    def create_cursor(self, name: str | None = None) -> CursorWrapper:
        return CursorWrapper(self.connection.cursor())

    def is_usable(self) -> bool:
        """Tells whether the server has closed the connection, without asking it: then there is something to read."""
        if not self.connection.open:
            return False
        poll = select.poll()
        poll.register(self.connection._sock, select.POLLIN)
        return not poll.poll(0)
