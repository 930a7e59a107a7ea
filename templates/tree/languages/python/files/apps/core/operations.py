"""Operations of the service itself: health and metrics."""

import hmac
import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.errors import HttpError

from apps.core import metrics, store
from apps.core.exceptions import NotFound
from apps.core.schemas import Answer

router = Router()


class Health(Answer):
    status: str


@router.get("/healthz", response=Health, summary="Check that the process lives")
def healthz(request: HttpRequest) -> Health:
    return Health(status="ok")


@router.get("/readyz", response=Health, summary="Check that the database answers")
def readyz(request: HttpRequest) -> Health:
    start = time.monotonic()
    store.ping()
    if time.monotonic() - start > 2:
        raise HttpError(503, "the database is slow to answer")
    return Health(status="ok")


TEXT = {"responses": {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}}


@router.get("/metrics", summary="Metrics for Prometheus", response=None, openapi_extra=TEXT)
def prometheus(request: HttpRequest) -> HttpResponse:
    token = settings.METRICS_TOKEN
    if settings.PRODUCTION and not token:
        raise NotFound
    given = request.headers.get("Authorization", "").encode()
    if token and not hmac.compare_digest(given, f"Bearer {token}".encode()):
        raise HttpError(401, "the token is missing or wrong")
    return HttpResponse(metrics.render(), content_type="text/plain; version=0.0.4; charset=utf-8")
