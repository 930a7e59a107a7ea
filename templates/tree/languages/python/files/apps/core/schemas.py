"""What the schemas of all apps share."""

import base64
import hmac
import re
from collections.abc import Sequence
from typing import Annotated, Any, Generic, Self, TypeVar
from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac
from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema, create_model

from apps.core import fields

T = TypeVar("T")


class Schema(BaseModel):
    """What a client sends. Unknown fields are ignored."""

    model_config = ConfigDict(protected_namespaces=())

    def sent(self) -> dict[str, Any]:
        """Returns the values of the fields that the client sent."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class Answer(Schema):
    """What the service answers with."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    @classmethod
    def of(cls, record: Any) -> Self:
        """Takes a record of the database, which needs no validation."""
        return cls.model_construct(**{name: getattr(record, name) for name in cls.model_fields})


class RecordAnswer(Answer):
    id: fields.Uuid
    created_at: fields.DateTime
    updated_at: fields.DateTime


class Page(Answer, Generic[T]):
    items: list[T]
    next_cursor: str | None = Field(pattern="^[A-Za-z0-9_-]+$")

    @classmethod
    def of(cls, records: Sequence[Any], limit: int) -> Self:
        """Makes a page of up to limit records out of up to one more."""
        (answer,) = cls.__pydantic_generic_metadata__["args"]
        cursor = write_cursor(records[limit - 1].id) if len(records) > limit else None
        return cls.model_construct(items=[answer.of(record) for record in records[:limit]], next_cursor=cursor)


def partial(schema: type[Schema], name: str) -> type[Schema]:
    """Makes a schema with the same fields, each of which may be left out."""
    changes: dict[str, Any] = {
        field: (info.rebuild_annotation(), Field(default_factory=lambda: None, alias=info.alias))
        for field, info in schema.model_fields.items()
    }
    return create_model(name, __base__=Schema, **changes)


def write_cursor(id: UUID) -> str:
    """Names the record after which a page begins; signed, so that only those of the service are taken."""
    signature = salted_hmac("cursor", id.bytes, settings.SECRET_KEY, algorithm="sha256").digest()[:14]
    return base64.urlsafe_b64encode(id.bytes + signature).decode()


def read_cursor(cursor: Any) -> UUID:
    try:
        id = UUID(bytes=base64.b64decode(cursor.encode(), altchars=b"-_", validate=True)[:16])
        if hmac.compare_digest(write_cursor(id), cursor):
            return id
    except (AttributeError, ValueError):
        pass
    raise ValueError("is not one of this service")


def read_limit(limit: Any) -> int:
    if isinstance(limit, str) and re.fullmatch("[1-9][0-9]?|100", limit):
        return int(limit)
    raise ValueError("must be a whole number from 1 to 100")


Limit = Annotated[
    int,
    PlainValidator(read_limit),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 100}),
]
Cursor = Annotated[
    UUID | None,
    PlainValidator(read_cursor),
    WithJsonSchema({"type": "string", "pattern": "^[A-Za-z0-9_-]+$"}),
]
