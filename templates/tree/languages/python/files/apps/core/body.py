"""Bodies of requests: the checks that come before those of the fields."""

from typing import Annotated, Any, TypeVar

from django.http import HttpRequest
from ninja.errors import HttpError, ValidationError
from ninja.params import models
from pydantic_core import from_json

MAX_BODY = 1024 * 1024

T = TypeVar("T")


def read_object(request: HttpRequest) -> dict[str, Any]:
    accepted = ["application/json"]
    if request.method == "PATCH":
        accepted.append("application/merge-patch+json")
    if request.content_type.lower() not in accepted:
        raise HttpError(415, "the body must be application/json")
    # Django reads no body that comes in chunks.
    stream = request.META["wsgi.input"] if "HTTP_TRANSFER_ENCODING" in request.META else request
    try:
        body = stream.read(MAX_BODY + 1)
    except OSError:
        raise HttpError(400, "the body did not arrive as a whole") from None
    if len(body) > MAX_BODY:
        raise HttpError(413, "the body must have at most 1 MiB")
    try:
        value = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise HttpError(400, "the body is not valid JSON in UTF-8") from None
    if not isinstance(value, dict):
        raise ValidationError([{"loc": ("body",), "msg": "must be an object"}])
    return value


class JSONModel(models.BodyModel):
    @classmethod
    def get_request_data(cls, request: HttpRequest, api: Any, path_params: Any) -> dict[str, Any]:
        return {cls.__read_from_single_attr__: read_object(request)}


class JSON(models.Body):
    _model = JSONModel

    @classmethod
    def _param_source(cls) -> str:
        return "body"


Body = Annotated[T, JSON(...)]
