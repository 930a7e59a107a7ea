import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from apps.core import attempts

pytest_plugins = ["tests.database"]


@pytest.fixture(autouse=True)
def no_attempts() -> None:
    attempts.database().execute("DELETE FROM attempts")


class Caller:
    """Calls the service, as one user or as none."""

    def __init__(self, token: str = "") -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def __call__(self, method: str, path: str, body: Any = None, status: int = 200, **headers: str) -> HttpResponse:
        """Returns the answer, whose status must be as wanted."""
        content = body if isinstance(body, str) else json.dumps(body)
        data = {} if body is None else {"data": content, "content_type": "application/json"}
        answer = self.client.generic(method, path, headers=self.headers | headers, **data)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.content!r}"
        if status >= 400:
            assert answer["Content-Type"] == "application/problem+json"
        return answer

    def user(self, email: str) -> "Caller":
        """Returns a caller with an account of its own."""
        credentials = {"email": email, "password": "a long enough password"}
        self("POST", "/api/v1/auth/register", credentials, 201)
        return Caller(self("POST", "/api/v1/auth/login", credentials).json()["access_token"])


@pytest.fixture
def service() -> Caller:
    return Caller()


@pytest.fixture
def ada(service: Caller) -> Caller:
    return service.user("ada@example.com")


@pytest.fixture
def bob(service: Caller) -> Caller:
    return service.user("bob@example.com")
