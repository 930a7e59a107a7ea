"""The service's settings without its middleware and its log."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "bare.urls"
MIDDLEWARE = []
LOGGING = {}
