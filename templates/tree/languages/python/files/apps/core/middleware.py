"""What is done for every request: headers, the log and the metrics."""

import ipaddress
import logging
import re
import time
import uuid
from collections.abc import Callable
from functools import cache, lru_cache

from corsheaders.middleware import CorsMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from apps.core import metrics
from apps.core.problems import problem

logger = logging.getLogger(__name__)

Handler = Callable[[HttpRequest], HttpResponse]

TRACEPARENT = r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"


class RequestMiddleware:
    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        start = time.perf_counter()
        given = request.headers.get("X-Request-Id", "")
        request.id = given if re.fullmatch("[A-Za-z0-9._-]{1,64}", given) else str(uuid.uuid4())
        request.client = client(request)
        answer = self.get_response(request)
        answer["X-Request-Id"] = request.id
        answer["Content-Security-Policy"] = content_security_policy(request.path)
        if f"{request.path}/".startswith("/api/"):
            answer["Cache-Control"] = "no-store"
        self.record(request, answer, time.perf_counter() - start)
        return answer

    def process_view(self, request: HttpRequest, view: Handler, positional: tuple, named: dict) -> HttpResponse | None:
        return problem(503, "the service is busy") if request.META.get("app.busy") else None

    def record(self, request: HttpRequest, answer: HttpResponse, seconds: float) -> None:
        metrics.observe(request.method, route(request), answer.status_code, seconds)
        line = {
            "request_id": request.id,
            "method": request.method,
            "path": request.path,
            "status": answer.status_code,
            "duration_ms": round(seconds * 1000, 3),
            "client": request.client,
        }
        if user_id := getattr(request, "auth", None):
            line["user_id"] = user_id
        if trace := re.fullmatch(TRACEPARENT, request.headers.get("Traceparent", "")):
            line["trace_id"] = trace[1]
        logger.info("request", extra=line)


class PreflightMiddleware(CorsMiddleware):
    def check_preflight(self, request: HttpRequest) -> HttpResponse | None:
        """Answers a preflight; any other OPTIONS is a method like others."""
        preflight = request.headers.get("Origin") and request.headers.get("Access-Control-Request-Method")
        return super().check_preflight(request) if preflight else None


def methods(get_response: Handler) -> Handler:
    """Answers HEAD like GET (the server leaves the body out); makes a problem of what Django answers to a wrong method."""

    def handle(request: HttpRequest) -> HttpResponse:
        method = request.method
        if method == "HEAD":
            request.method = "GET"
        answer = get_response(request)
        request.method = method
        if isinstance(answer, HttpResponseNotAllowed):
            allow = set(answer["Allow"].split(", "))
            answer = problem(405, "method not allowed")
            answer["Allow"] = ", ".join(sorted(allow | {"HEAD"} if "GET" in allow else allow))
        return answer

    return handle


def content_security_policy(path: str) -> str:
    for prefix, policy in settings.CONTENT_SECURITY_POLICIES.items():
        if path == prefix or path.startswith(f"{prefix}/"):
            return policy
    return "default-src 'none'; frame-ancestors 'none'"


def route(request: HttpRequest) -> str:
    """Returns the template of the route, never the path."""
    return template(request.resolver_match.route) if request.resolver_match else ""


@cache
def template(pattern: str) -> str:
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", pattern)


def client(request: HttpRequest) -> str:
    """Returns the address of the client. Each trusted proxy has appended the one it saw to X-Forwarded-For."""
    peer = address(request.META["REMOTE_ADDR"]) or ""
    if not settings.TRUSTED_PROXIES:
        return peer
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    return address(forwarded[-settings.TRUSTED_PROXIES :][0].strip()) or peer


@lru_cache
def address(text: str) -> str | None:
    """Reads an address that may have a port: 192.0.2.1:80, [2001:db8::1]:80."""
    text = re.sub(r"^\[(.*)](:[0-9]+)?$|^([0-9.]+):[0-9]+$", r"\1\3", text)
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return str(getattr(found, "ipv4_mapped", None) or found)
