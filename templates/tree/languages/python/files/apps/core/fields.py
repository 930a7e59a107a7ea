"""Types of fields: strict when they are read from JSON, canonical when they are written."""

import datetime
import decimal
import re
import uuid
from typing import Annotated, Any

from pydantic import Field, PlainSerializer, PlainValidator, Strict, WithJsonSchema

from apps.core.values import milliseconds

SPACE = " \t\r\n"
MAX_INTEGER = 2**53 - 1
DECIMAL = r"-?[0-9]{1,10}(\.[0-9]{1,2})?"
DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?"
DATETIME = DATE + "T" + TIME + r"(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
UUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


def plain(value: Any) -> str:
    """Checks what holds for every text."""
    if not isinstance(value, str):
        raise ValueError("must be a string")
    if "\0" in value:
        raise ValueError("must not contain U+0000")
    return value


def read_string(value: Any) -> str:
    text = plain(value).strip(SPACE)
    if not 1 <= len(text) <= 255:
        raise ValueError("must have 1 to 255 characters")
    return text


def read_text(value: Any) -> str:
    text = plain(value)
    if len(text) > 65_535:
        raise ValueError("must have at most 65535 characters")
    return text


def read_decimal(value: Any) -> decimal.Decimal:
    if not re.fullmatch(DECIMAL, plain(value)):
        raise ValueError('must be a string such as "12.50", of up to 10 digits and 2 after the point')
    return decimal.Decimal(value).quantize(decimal.Decimal("0.01")) + 0  # which takes the sign off zero


def read_date(value: Any) -> datetime.date:
    try:
        if re.fullmatch(DATE, plain(value)):
            return datetime.date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError("must be a day as YYYY-MM-DD")


def read_datetime(value: Any) -> datetime.datetime:
    try:
        if re.fullmatch(DATETIME, plain(value)):
            return milliseconds(datetime.datetime.fromisoformat(value).astimezone(datetime.UTC))
    except (ValueError, OverflowError):
        pass
    raise ValueError("must be a time such as 2026-11-20T10:23:00Z, of the years 0001 to 9999")


def write_datetime(value: datetime.datetime) -> str:
    return value.astimezone(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_uuid(value: Any) -> uuid.UUID:
    if not re.fullmatch(UUID, plain(value)):
        raise ValueError("must be a UUID")
    return uuid.UUID(value)


String = Annotated[
    str,
    PlainValidator(read_string),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 255}),
]
Text = Annotated[
    str,
    PlainValidator(read_text),
    WithJsonSchema({"type": "string", "maxLength": 65_535}),
]
Integer = Annotated[int, Strict(), Field(ge=-MAX_INTEGER, le=MAX_INTEGER)]
Float = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Decimal = Annotated[
    decimal.Decimal,
    PlainValidator(read_decimal),
    PlainSerializer(lambda value: f"{value:.2f}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^{DECIMAL}$", "examples": ["12.50"]}),
]
Boolean = Annotated[bool, Strict()]
Date = Annotated[
    datetime.date,
    PlainValidator(read_date),
    PlainSerializer(datetime.date.isoformat, return_type=str),
    WithJsonSchema({"type": "string", "format": "date"}),
]
DateTime = Annotated[
    datetime.datetime,
    PlainValidator(read_datetime),
    PlainSerializer(write_datetime, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Uuid = Annotated[
    uuid.UUID,
    PlainValidator(read_uuid),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "format": "uuid"}),
]
