"""Limits on attempts to register and log in."""

import ipaddress
import math
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from apps.core import attempts
from apps.core.problems import problem


def network(client: str) -> str:
    """Returns what counts as one client: with IPv6, everybody has at least a /64."""
    return str(ipaddress.ip_network(f"{client}/64", strict=False)) if ":" in client else client


def too_many(wait: float) -> HttpResponse:
    answer = problem(429, "too many attempts")
    answer["Retry-After"] = math.ceil(wait)
    return answer


def limited(operation: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Counts the requests of a client, before anything else is done for them."""

    @wraps(operation)
    def limited_operation(request: HttpRequest, **values: object) -> HttpResponse:
        wait = attempts.take(f"client {network(request.client)}", settings.AUTH_RATE_LIMIT)
        return too_many(wait) if wait else operation(request, **values)

    return limited_operation


class Login:
    """An attempt to log in. It counts from the start, so that many at once cannot slip through."""

    def __init__(self, email: str, client: str) -> None:
        self.limits = {
            f"login {email} {network(client)}": max(1, settings.AUTH_RATE_LIMIT // 2),
            f"login {email}": 10 * settings.AUTH_RATE_LIMIT,
        }

    def wait(self) -> float:
        """Returns the seconds to wait, if there were too many."""
        return next((wait for key, limit in self.limits.items() if (wait := attempts.take(key, limit))), 0)

    def succeeded(self) -> None:
        for key in self.limits:
            attempts.give_back(key)
