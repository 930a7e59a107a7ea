"""Where the database is: SQLite."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

DEFAULT_URL = "sqlite:data/app.db"

BASE_DIR = Path(__file__).resolve().parent.parent

OPTIONS = {
    "timeout": 3,  # seconds to wait for another writer
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL",
}


def parse(url: str, certificates: str = "") -> dict[str, Any]:
    """Makes Django's settings of a URL, and the folder."""
    match = re.fullmatch(r"sqlite:(?://(?=/))?([^?]*[^?/])", url)
    path = unquote(match[1]) if match else ""
    if not path or path.startswith("//") or "\0" in path:
        raise ValueError("must be sqlite:///absolute/path or sqlite:relative/path")
    file = BASE_DIR / path
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(f"has a folder that cannot be made: {error.strerror}") from None
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": file,
        "OPTIONS": OPTIONS,
        "TEST": {"NAME": file.with_name("test.db")},  # in memory, SQLite would not let writers wait
    }
