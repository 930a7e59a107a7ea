"""The log: one JSON line per event on stdout."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

# What every record has, beside what the caller adds.
STANDARD = {*vars(logging.makeLogRecord({})), "asctime", "message"}

encode = json.JSONEncoder(default=str).encode


class JSONFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat()
        line = {"time": time, "level": record.levelname, "msg": record.getMessage()}
        line |= {name: value for name, value in vars(record).items() if name not in STANDARD}
        if record.exc_info:
            line["exc_info"] = self.formatException(record.exc_info)
        return encode(line)


def configuration(level: str) -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JSONFormatter}},
        "handlers": {
            "stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "json"},
        },
        "root": {"handlers": ["stdout"], "level": "WARNING" if level == "warn" else level.upper()},
        "loggers": {
            # Both come with handlers of their own. A request has a line of ours.
            "django": {"handlers": ["stdout"], "level": "WARNING", "propagate": False},
            "django.request": {"level": "ERROR"},
            "gunicorn.error": {"handlers": ["stdout"], "level": "WARNING", "propagate": False},
        },
    }
