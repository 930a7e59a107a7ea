"""Counts attempts per key and minute, for all workers together."""

import sqlite3
import threading
import time
from functools import cache

from django.conf import settings

WINDOW = 60

lock = threading.Lock()


@cache
def database() -> sqlite3.Connection:
    """Opens a file that the workers share and nobody needs after a crash."""
    path = settings.SHARED_DIR / "attempts.sqlite3"
    connection = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA journal_mode = MEMORY")
    connection.execute("CREATE TABLE IF NOT EXISTS attempts (key TEXT PRIMARY KEY, count INTEGER, ends REAL)")
    connection.execute("CREATE INDEX IF NOT EXISTS attempts_ends ON attempts (ends)")
    return connection


def take(key: str, limit: int) -> float:
    """Counts an attempt; over the limit, returns the seconds to wait."""
    now = time.time()
    with lock:
        database().execute("DELETE FROM attempts WHERE ends <= ?", [now])
        taken = database().execute(
            "INSERT INTO attempts VALUES (?, 1, ?) ON CONFLICT (key) DO UPDATE SET count = count + 1 WHERE count < ? RETURNING count",
            [key, now + WINDOW, limit],
        )
        if taken.fetchone():
            return 0
        (ends,) = database().execute("SELECT ends FROM attempts WHERE key = ?", [key]).fetchone() or (now,)
    return max(ends - now, 0.001)


def give_back(key: str) -> None:
    """Takes back an attempt that does not count after all."""
    with lock:
        database().execute("UPDATE attempts SET count = count - 1 WHERE key = ?", [key])
