"""Where the database is: MySQL or MariaDB."""

import ssl
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

DEFAULT_URL = ""


def parse(url: str, certificates: str = "") -> dict[str, Any]:
    """Makes Django's settings of a URL. A file of certificates alone asks for TLS too."""
    form = "must be mysql://user:password@host:3306/database, with names and password percent-encoded"
    try:
        address = urlsplit(url)
        port = address.port or 3306
        query = dict(parse_qsl(address.query, keep_blank_values=True))
    except ValueError:
        raise ValueError(form) from None
    name = unquote(address.path[1:])
    if address.scheme != "mysql" or not address.hostname or not name or "/" in name or address.fragment:
        raise ValueError(form)
    tls = query.pop("tls", "true" if certificates else "false")
    if query or tls not in ("true", "false", "skip-verify"):
        raise ValueError("has an unknown parameter; tls=true, tls=false and tls=skip-verify are the only ones")
    options: dict[str, Any] = {
        "charset": "utf8mb4",
        "connect_timeout": 3,
        "read_timeout": 4,
        "write_timeout": 4,
        "init_command": "SET sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = 3",
    }
    if tls != "false":
        options["ssl"] = ssl.create_default_context(cafile=certificates or None)
        if tls == "skip-verify":
            options["ssl"].check_hostname = False
            options["ssl"].verify_mode = ssl.CERT_NONE
    return {
        "ENGINE": "config.backend",
        "NAME": name,
        "USER": unquote(address.username or ""),
        "PASSWORD": unquote(address.password or ""),
        "HOST": address.hostname,
        "PORT": port,
        "OPTIONS": options,
        "TEST": {"CHARSET": "utf8mb4"},
    }
