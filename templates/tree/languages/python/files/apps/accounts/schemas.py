import re
from typing import Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema

from apps.core import fields
from apps.core.schemas import Answer, Schema

MAX_EMAIL = 254
EMAIL = r"[a-z0-9.!#$%&'*+/=?^_{|}~-]+@[a-z0-9-]+(\.[a-z0-9-]+)+"


def normal_email(text: str) -> str:
    email = text.strip(fields.SPACE)
    return email.lower() if email.isascii() else email  # in lower case, a letter such as the Kelvin sign would become another


def read_email(value: Any) -> str:
    email = normal_email(fields.plain(value))
    if len(email) > MAX_EMAIL or not re.fullmatch(EMAIL, email):
        raise ValueError("must be an e-mail address")
    return email


def read_new_password(value: Any) -> str:
    password = fields.plain(value)
    if not 15 <= len(password) <= 128:
        raise ValueError("must have 15 to 128 characters")
    return password


class Registration(Schema):
    email: Annotated[
        str,
        PlainValidator(read_email),
        WithJsonSchema({"type": "string", "format": "email", "maxLength": MAX_EMAIL}),
    ]
    password: Annotated[
        str,
        PlainValidator(read_new_password),
        WithJsonSchema({"type": "string", "format": "password", "minLength": 15, "maxLength": 128}),
    ]


class Credentials(Schema):
    email: fields.Text
    password: fields.Text


class AccessToken(Answer):
    access_token: str
    token_type: str = "Bearer"
    expires_in: int = Field(examples=[3600])


class Account(Answer):
    id: fields.Uuid
    email: str
    created_at: fields.DateTime
