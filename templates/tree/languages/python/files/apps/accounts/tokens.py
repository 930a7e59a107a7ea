"""Access tokens."""

import time
from functools import lru_cache
from uuid import UUID

import jwt
from django.conf import settings
from django.http import HttpRequest
from ninja.security import HttpBearer

LEEWAY = 5


def sign(account_id: UUID) -> str:
    now = int(time.time())
    claims = {"sub": str(account_id), "iat": now, "exp": now + settings.ACCESS_TOKEN_TTL, "iss": settings.PROJECT_NAME}
    return jwt.encode(claims, settings.JWT_SECRET, algorithm="HS256")


@lru_cache(maxsize=1024)  # a client sends its token again and again
def read(token: str) -> tuple[UUID, int]:
    """Returns the id of the account and when the token expires, if it is one of ours."""
    decoded = jwt.decode_complete(
        token,
        settings.JWT_SECRET,
        algorithms=["HS256"],
        issuer=settings.PROJECT_NAME,
        leeway=LEEWAY,
        options={"require": ["sub", "iat", "exp", "iss"], "verify_aud": False},
    )
    claims = decoded["payload"]
    account_id = UUID(claims["sub"])
    if "crit" in decoded["header"] or str(account_id) != claims["sub"] or {type(claims["iat"]), type(claims["exp"])} - {int, float}:
        raise jwt.InvalidTokenError("has another form than those of this service")
    return account_id, int(claims["exp"])


def verify(token: str) -> UUID | None:
    """Returns the id of the account, if the token is one of ours and not expired."""
    try:
        account_id, expires = read(token)
    except (jwt.InvalidTokenError, ValueError):
        return None
    return account_id if time.time() < expires + LEEWAY else None


class BearerToken(HttpBearer):
    """Lets only requests with a token through; request.auth is the id of the account."""

    def authenticate(self, request: HttpRequest, token: str) -> UUID | None:
        return verify(token)
