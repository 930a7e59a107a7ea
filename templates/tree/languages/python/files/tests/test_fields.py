from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from apps.core import fields

TAKEN = [
    (fields.String, " a\n", "a"),
    (fields.String, "é" * 255, "é" * 255),
    (fields.Text, " a ", " a "),
    (fields.Integer, 2**53 - 1, 2**53 - 1),
    (fields.Float, 5, 5.0),
    (fields.Decimal, "-007.5", "-7.50"),
    (fields.Decimal, "-0.00", "0.00"),
    (fields.Date, "2024-02-29", "2024-02-29"),
    (fields.DateTime, "2026-11-20T10:23:00.123987654+02:00", "2026-11-20T08:23:00.123Z"),
    (fields.DateTime, "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"),
    (fields.Uuid, "ABCDEFAB-CDEF-4BCD-8BCD-ABCDEFABCDEF", "abcdefab-cdef-4bcd-8bcd-abcdefabcdef"),
]

REFUSED = [
    (fields.String, " "),
    (fields.String, "a" * 256),
    (fields.String, "a\0b"),
    (fields.String, 5),
    (fields.Text, "a" * 65_536),
    (fields.Integer, "5"),
    (fields.Integer, True),
    (fields.Integer, 1.5),
    (fields.Integer, 2**53),
    (fields.Float, float("inf")),
    (fields.Float, True),
    (fields.Float, 10**400),
    (fields.Decimal, 1.5),
    (fields.Decimal, "1.234"),
    (fields.Decimal, "٣"),
    (fields.Decimal, "1\n"),
    (fields.Boolean, "true"),
    (fields.Boolean, 1),
    (fields.Date, "2023-02-29"),
    (fields.Date, "2024-W01-1"),
    (fields.DateTime, "2026-11-20T24:00:00Z"),
    (fields.DateTime, "2026-11-20 10:23:00Z"),
    (fields.DateTime, "2026-11-20T10:23:00"),
    (fields.DateTime, "0001-01-01T00:00:00+00:01"),
    (fields.Uuid, "123456781234123412341234567890ab"),
]


@pytest.mark.parametrize(("kind", "value", "written"), TAKEN)
def test_taken(kind: Any, value: Any, written: Any) -> None:
    adapter = TypeAdapter(kind)
    assert adapter.dump_python(adapter.validate_python(value)) == written


@pytest.mark.parametrize(("kind", "value"), REFUSED)
def test_refused(kind: Any, value: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(value)
