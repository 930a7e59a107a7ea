"""The settings of the service, in an environment of the tests' own."""

import os

os.environ |= {
    "APP_ENV": "test",
    "JWT_SECRET": "s" * 32,
    "AUTH_RATE_LIMIT": "1000",
    "API_DOCS": "true",
    "METRICS_TOKEN": "",
    "CORS_ORIGINS": "https://app.example.com",
    "LOG_LEVEL": "error",
}

from config.settings import *  # noqa: F403
