"""Django's backend for PostgreSQL, with a limit on the time that a statement takes, for a server that falls silent too."""

import select
import time
from collections.abc import Generator
from functools import partial
from typing import Any

import psycopg
from django.db.backends.postgresql import base

SECONDS = 4


class DatabaseWrapper(base.DatabaseWrapper):
    seconds: float = SECONDS

    def get_new_connection(self, conn_params: dict[str, Any]) -> psycopg.Connection:
        connection = super().get_new_connection(conn_params)
        connection.wait = partial(self.wait, connection)
        return connection

    def init_connection_state(self) -> None:
        super().init_connection_state()
        with self.connection.cursor() as cursor:
            cursor.execute(f"SET statement_timeout = '{self.seconds}s'")

    def wait(self, connection: psycopg.Connection, steps: Generator, interval: float = 0.1) -> Any:
        """Does what psycopg's own method does, but not for ever."""
        try:
            return psycopg.Connection.wait(connection, self.limited(steps), interval)
        except TimeoutError:
            connection.close()
            raise psycopg.OperationalError("the server fell silent") from None

    def limited(self, steps: Generator) -> Generator:
        deadline = time.monotonic() + self.seconds
        try:
            wanted = next(steps)
            while True:
                ready = yield wanted
                if not ready and self.seconds > 0 and time.monotonic() > deadline:
                    raise TimeoutError
                wanted = steps.send(ready)
        except StopIteration as end:
            return end.value

    def is_usable(self) -> bool:
        """Tells whether the server has closed the connection, without asking it: then there is something to read."""
        if self.connection.closed:
            return False
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN)
        return not poll.poll(0)
