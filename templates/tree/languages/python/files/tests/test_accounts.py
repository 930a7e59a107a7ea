import time
from uuid import uuid4

import jwt
import pytest
from django.conf import settings

from apps.accounts import tokens
from tests.conftest import Caller

REGISTER = "/api/v1/auth/register"
LOGIN = "/api/v1/auth/login"
ME = "/api/v1/auth/me"


def test_an_account(service: Caller) -> None:
    ada = service.user(" Ada@example.com ")
    assert ada("GET", ME).json()["email"] == "ada@example.com"


@pytest.mark.parametrize(
    ("email", "password", "status", "field"),
    [
        ("ada@example.com", "a long enough password", 409, "email"),
        ("\u212aada@example.com", "a long enough password", 422, "email"),
        ("ada@", "a long enough password", 422, "email"),
        ("carl@example.com", "too short", 422, "password"),
        ("carl@example.com", "x" * 129, 422, "password"),
        ("carl@example.com", None, 422, "password"),
    ],
)
def test_refused_registrations(service: Caller, ada: Caller, email: str, password: str, status: int, field: str) -> None:
    answer = service("POST", REGISTER, {"email": email, "password": password}, status)
    assert answer.json()["errors"][0]["field"] == field


def test_a_wrong_password_and_an_unknown_email_answer_alike(service: Caller, ada: Caller) -> None:
    wrong = service("POST", LOGIN, {"email": "ada@example.com", "password": "wrong"}, 401)
    unknown = service("POST", LOGIN, {"email": "bob@example.com", "password": "wrong"}, 401)
    assert wrong.content == unknown.content
    assert wrong["WWW-Authenticate"] == "Bearer"


def test_an_account_that_is_gone(service: Caller) -> None:
    now = int(time.time())
    claims = {"sub": str(uuid4()), "iat": now, "exp": now + 60, "iss": settings.PROJECT_NAME}
    Caller(jwt.encode(claims, settings.JWT_SECRET))("GET", ME, status=401)


@pytest.mark.parametrize(
    ("key", "algorithm", "change"),
    [
        ("x" * 32, "HS256", {}),
        (settings.JWT_SECRET, "HS384", {}),
        (settings.JWT_SECRET, "HS256", {"exp": 1}),
        (settings.JWT_SECRET, "HS256", {"iss": "another"}),
        (settings.JWT_SECRET, "HS256", {"sub": "nobody"}),
        (settings.JWT_SECRET, "HS256", {"exp": "9999999999"}),
        (settings.JWT_SECRET, "HS256", {"iat": "1"}),
        (settings.JWT_SECRET, "HS256", {"iat": time.time() + 1000}),
    ],
)
@pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")
def test_refused_tokens(ada: Caller, key: str, algorithm: str, change: dict[str, object]) -> None:
    claims = jwt.decode(ada.headers["Authorization"].removeprefix("Bearer "), options={"verify_signature": False})
    Caller(jwt.encode(claims | {"aud": "somebody"}, settings.JWT_SECRET))("GET", ME)
    Caller(jwt.encode(claims | change, key, algorithm))("GET", ME, status=401)


def test_a_token_expires(ada: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    ada("GET", ME)
    later = time.time() + settings.ACCESS_TOKEN_TTL + tokens.LEEWAY
    monkeypatch.setattr(time, "time", lambda: later)
    ada("GET", ME, status=401)


def test_limits(service: Caller, settings: pytest.FixtureRequest) -> None:
    settings.AUTH_RATE_LIMIT = 4
    ada, bob = ({"email": f"{name}@example.com", "password": "wrong"} for name in ("ada", "bob"))
    for _ in range(2):
        service("POST", LOGIN, ada, 401)
    service("POST", LOGIN, ada, 429)
    service("POST", LOGIN, bob, 401)
    answer = service("POST", LOGIN, "no JSON", 429)
    assert 1 <= int(answer["Retry-After"]) <= 60
