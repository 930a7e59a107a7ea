"""Errors, as problem details (RFC 9457)."""

import logging
from collections.abc import Iterable
from http import HTTPStatus

from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from pydantic import BaseModel

from apps.core import store
from apps.core.exceptions import Conflict, NoAccount, NotFound

logger = logging.getLogger(__name__)


class FieldError(BaseModel):
    field: str
    message: str


class Problem(BaseModel):
    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] = []


def problem(status: int, detail: str, kind: str = "about:blank", errors: Iterable[FieldError] = ()) -> HttpResponse:
    content = Problem(type=kind, title=HTTPStatus(status).phrase, status=status, detail=detail, errors=list(errors))
    answer = JsonResponse(content.model_dump(exclude_defaults=True), status=status, content_type="application/problem+json")
    if status == HTTPStatus.UNAUTHORIZED:
        answer["WWW-Authenticate"] = "Bearer"
    return answer


def validation_problem(errors: Iterable[FieldError]) -> HttpResponse:
    return problem(422, "the request has invalid values", "urn:problem-type:validation", errors)


# Views for what Django itself answers.


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem(400, "the request is malformed")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem(403, "forbidden")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem(404, "not found")


def server_error(request: HttpRequest) -> HttpResponse:
    return problem(500, "an error of the service")


def add_handlers(api: NinjaAPI) -> None:
    """Tells the API how to answer what its operations raise."""

    @api.exception_handler(HttpError)
    def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
        return problem(error.status_code, str(error))

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        errors = []
        for fault in error.errors:
            # ("body", "payload", "price"), ("query", "limit")
            name = fault["loc"][-1] if len(fault["loc"]) > 1 else ""
            cause = fault.get("ctx", {}).get("error")
            errors.append(FieldError(field=str(name), message=str(cause or fault["msg"])))
        return validation_problem(errors)

    @api.exception_handler(Conflict)
    def conflict(request: HttpRequest, error: Conflict) -> HttpResponse:
        errors = [FieldError(field=error.field, message="is taken")]
        return problem(409, f"the value of {error.field} is taken", "urn:problem-type:conflict", errors)

    @api.exception_handler(Http404)
    @api.exception_handler(NotFound)
    def no_record(request: HttpRequest, error: Exception) -> HttpResponse:
        return problem(404, "no such record")

    @api.exception_handler(NoAccount)
    def no_account(request: HttpRequest, error: NoAccount) -> HttpResponse:
        return problem(401, "no such account")

    @api.exception_handler(SuspiciousOperation)
    def suspicious(request: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
        return bad_request(request, error)

    @api.exception_handler(Exception)
    def fault(request: HttpRequest, error: Exception) -> HttpResponse:
        logger.error("request failed", exc_info=error, extra={"request_id": request.id})
        return server_error(request)

    def unavailable(request: HttpRequest, error: Exception) -> HttpResponse:
        logger.warning("the database does not answer", extra={"request_id": request.id, "error": str(error)})
        return problem(503, "the database does not answer")

    for kind in store.UNAVAILABLE:
        api.add_exception_handler(kind, unavailable)
