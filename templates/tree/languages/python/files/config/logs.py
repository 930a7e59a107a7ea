"""The log: one JSON line per event on stdout."""

from typing import Any


def configuration(level: str) -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": "pythonjsonlogger.json.JsonFormatter",
                "format": "{levelname}{message}",
                "style": "{",
                "rename_fields": {"levelname": "level", "message": "msg"},
                "timestamp": "time",
            },
        },
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
