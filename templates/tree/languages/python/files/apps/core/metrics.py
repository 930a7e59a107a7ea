"""Metrics for Prometheus, of all workers together."""

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

durations = Histogram(
    "http_server_request_duration_seconds",
    "Duration of HTTP requests.",
    ["http_request_method", "http_route", "http_response_status_code"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10),  # as OpenTelemetry advises
)


def observe(method: str, route: str, status: int, seconds: float) -> None:
    if method not in METHODS:
        method = "_OTHER"  # clients may make up methods, each of which would be a series of its own
    durations.labels(method, route, status).observe(seconds)


def render() -> bytes:
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    return generate_latest(registry)
