"""Where the database is: PostgreSQL."""

from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

DEFAULT_URL = ""


def parse(url: str, certificates: str = "") -> dict[str, Any]:
    """Makes Django's settings of a URL."""
    form = "must be postgres://user:password@host:5432/database, with names and password percent-encoded"
    if not url.startswith(("postgres://", "postgresql://")):
        raise ValueError(form)
    try:
        options = conninfo_to_dict(url, connect_timeout=3)
    except psycopg.ProgrammingError:
        raise ValueError(f"{form}; it is malformed or has an unknown parameter") from None
    if certificates:
        options["sslrootcert"] = certificates
    elif options.get("sslmode") == "verify-full":
        options.setdefault("sslrootcert", "system")  # libpq knows of no other by itself than a file in the user's home
    return {
        "ENGINE": "config.backend",
        "NAME": options.pop("dbname", options.get("user", "")),
        "USER": options.pop("user", ""),
        "PASSWORD": options.pop("password", ""),
        "HOST": options.pop("host", ""),
        "PORT": options.pop("port", ""),
        "OPTIONS": options,
    }
