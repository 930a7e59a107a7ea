"""Where the database is: MongoDB."""

import warnings
from datetime import UTC
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

DEFAULT_URL = ""

OPTIONS = {
    "connectTimeoutMS": 3000,
    "timeoutMS": 4000,  # for all that an operation does, repeating it included
    "tz_aware": True,
    "tzinfo": UTC,
    "uuidRepresentation": "standard",
}


def parse(url: str, certificates: str = "") -> dict[str, Any]:
    """Makes the name of the database and the client's options of a URL. A file of certificates asks for TLS too."""
    options = {"host": url, **OPTIONS}
    if certificates:
        options |= {"tls": True, "tlsCAFile": certificates}
    form = "must be mongodb://user:password@host:27017/database?options or mongodb+srv://…, with names and password percent-encoded"
    if not url.startswith(("mongodb://", "mongodb+srv://")):
        raise ValueError(form)
    try:
        with warnings.catch_warnings(action="error"):  # of unknown options
            client = MongoClient(**options, connect=False)
        name = client.get_default_database("app").name
    except (PyMongoError, OSError, ValueError, UserWarning):  # the cause may quote the password
        raise ValueError(form) from None
    if len(name) > 63:
        raise ValueError("names a database that MongoDB cannot have")
    return {"NAME": name, "CLIENT": options}
