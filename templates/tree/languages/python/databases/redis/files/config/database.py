"""Where the database is: Redis or Valkey."""

import re
from typing import Any
from urllib.parse import unquote, urlsplit

DEFAULT_URL = ""


def parse(url: str, certificates: str = "") -> dict[str, Any]:
    """Makes the client's settings of a URL."""
    form = "must be redis://user:password@host:6379/0, or rediss:// for TLS, with name and password percent-encoded"
    try:
        address = urlsplit(url)
        port = address.port or 6379
    except ValueError:
        raise ValueError(form) from None
    if address.scheme not in ("redis", "rediss") or not address.hostname or not re.fullmatch("/?[0-9]{0,5}", address.path):
        raise ValueError(form)
    if address.query or address.fragment or re.search(r"%(?![0-9A-Fa-f]{2})|\s", url):
        raise ValueError(form)
    return {
        "host": address.hostname,
        "port": port,
        "db": int(address.path[1:] or 0),
        "username": unquote(address.username or "") or None,
        "password": unquote(address.password or "") or None,
        "ssl": address.scheme == "rediss",
        "ssl_ca_certs": certificates or None,
    }
