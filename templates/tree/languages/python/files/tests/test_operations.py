import pytest

from tests.conftest import Caller


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/docs", "/openapi.json"])
def test_operations(service: Caller, path: str) -> None:
    answer = service("GET", path)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Request-Id"]


def test_metrics_need_a_token_in_production(service: Caller, settings: pytest.FixtureRequest) -> None:
    settings.PRODUCTION = True
    service("GET", "/metrics", status=404)
    settings.METRICS_TOKEN = "secret"
    service("GET", "/metrics", status=401)
    assert b"http_server_request_duration_seconds_bucket" in service("GET", "/metrics", Authorization="Bearer secret").content


def test_what_django_answers_is_a_problem(service: Caller) -> None:
    service("GET", "/nowhere", status=404)
    assert service("DELETE", "/healthz", status=405)["Allow"] == "GET, HEAD"
    service("FOO", "/healthz", status=405)
    service("OPTIONS", "/healthz", status=405, **{"Access-Control-Request-Method": "GET"})
    service("POST", "/docs", status=405)
    service("GET", f"/api/v1/auth/me?{'a&' * 2000}", status=401)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/docs", "/openapi.json"])
def test_head_is_a_get_without_a_body(service: Caller, path: str) -> None:
    answer = service("HEAD", path)
    assert answer.content == b""
    assert answer["Content-Type"] == service("GET", path)["Content-Type"]


def test_request_id(service: Caller) -> None:
    assert service("GET", "/healthz", **{"X-Request-Id": "abc.1"})["X-Request-Id"] == "abc.1"
    assert service("GET", "/healthz", **{"X-Request-Id": "a b"})["X-Request-Id"] != "a b"
