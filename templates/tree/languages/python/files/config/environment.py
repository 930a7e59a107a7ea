"""The environment variables, checked at the start."""

import os
import re
import ssl
import sys
from pathlib import Path
from typing import Literal

from dotenv.parser import parse_stream
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from config import database

BASE_DIR = Path(__file__).resolve().parent.parent


class Environment(BaseSettings):
    model_config = SettingsConfigDict(case_sensitive=True, env_ignore_empty=True, extra="ignore")

    APP_ENV: Literal["development", "test", "production"] = "development"
    PORT: int = Field(8080, ge=1, le=65535)
    DATABASE_URL: str = Field(database.DEFAULT_URL, validate_default=True)
    DATABASE_POOL_SIZE: int = Field(10, ge=1, le=10_000)
    DATABASE_CA_FILE: str = ""
    JWT_SECRET: str
    ACCESS_TOKEN_TTL: int = Field(3600, ge=1, le=365 * 24 * 3600)
    CORS_ORIGINS: str = ""
    AUTH_RATE_LIMIT: int = Field(10, ge=1, le=1_000_000)
    TRUSTED_PROXIES: int = Field(0, ge=0, le=100)
    METRICS_TOKEN: str = ""
    API_DOCS: Literal["true", "false", ""] = ""
    LOG_LEVEL: Literal["debug", "info", "warn", "error"] = "info"

    @field_validator("DATABASE_URL")
    @classmethod
    def check_database_url(cls, url: str) -> str:
        if not url:
            raise ValueError("is not set")
        database.parse(url)
        return url

    @field_validator("DATABASE_CA_FILE")
    @classmethod
    def check_certificates(cls, path: str) -> str:
        try:
            if path:
                ssl.create_default_context(cafile=path)
        except OSError:
            raise ValueError("must be a readable file of certificates in PEM form") from None
        return path

    @field_validator("JWT_SECRET")
    @classmethod
    def check_secret(cls, secret: str) -> str:
        try:
            if len(secret.encode()) >= 32:
                return secret
        except UnicodeEncodeError:  # it is not UTF-8
            pass
        raise ValueError("must have 32 bytes of UTF-8 or more")

    @field_validator("CORS_ORIGINS")
    @classmethod
    def check_origins(cls, text: str) -> str:
        if not all(re.fullmatch(r"[a-z][a-z0-9+.-]*://[^/*?#@\s]+", origin) for origin in split(text)):
            raise ValueError("must be origins such as https://example.com, separated by commas; * is refused")
        return text


def split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def read_file(path: Path) -> dict[str, str]:
    """Reads a file such as .env, in which a $ is no more than that."""
    try:
        with path.open(encoding="utf-8") as file:
            lines = list(parse_stream(file))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        sys.exit(f"error: {path}: cannot be read: {getattr(error, 'strerror', 'it is not UTF-8')}")
    for line in lines:
        if line.error:
            sys.exit(f"error: {path}: line {line.original.line} is malformed")
    return {line.key: line.value for line in lines if line.key and line.value}


def load() -> Environment:
    """Reads the variables; in development those that are not set come from the file .env, if there is one."""
    if os.environ.get("APP_ENV") in (None, "", "development"):
        for name, value in read_file(BASE_DIR / ".env").items():
            os.environ[name] = os.environ.get(name) or value
    try:
        return Environment()  # type: ignore[call-arg]
    except ValidationError as invalid:
        # Without the value, which may be a secret.
        fault = invalid.errors(include_url=False, include_input=False)[0]
        message = str(fault["ctx"]["error"]) if fault["type"] == "value_error" else fault["msg"]
        sys.exit(f"error: {fault['loc'][0]}: {message}")
