import logging

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest, HttpResponse
from ninja import Router, Status
from ninja.decorators import decorate_view
from ninja.errors import HttpError

from apps.core.body import Body
from apps.core.exceptions import NoAccount
from apps.core.problems import Problem

from . import tokens
from .limits import Login, limited, too_many
from .models import User
from .schemas import MAX_EMAIL, AccessToken, Account, Credentials, Registration, normal_email

logger = logging.getLogger(__name__)

router = Router(tags=["accounts"])


@router.post("/register", response={201: Account, 409: Problem, 429: Problem}, summary="Register")
@decorate_view(limited)
def register(request: HttpRequest, registration: Body[Registration]) -> Status:
    account = User.objects.create_user(registration.email, registration.password)
    return Status(201, Account.of(account))


@router.post("/login", response={200: AccessToken, 401: Problem, 429: Problem}, summary="Log in")
@decorate_view(limited)
def login(request: HttpRequest, credentials: Body[Credentials]) -> AccessToken | HttpResponse:
    email = normal_email(credentials.email)
    if len(email) > MAX_EMAIL:
        email = ""  # belongs to nobody, and the limits need not remember it
    attempt = Login(email, request.client)
    if wait := attempt.wait():
        return too_many(wait)
    account = User.objects.find_by_email(email)
    if account:
        right = check_password(credentials.password, account.password)
    else:
        make_password(credentials.password)  # so that the answer takes as long
        right = False
    event = {"request_id": request.id, "client": request.client}
    if not right:
        logger.warning("login failed", extra=event)
        raise HttpError(401, "the e-mail address or the password is wrong")
    attempt.succeeded()
    request.auth = account.id
    logger.info("login succeeded", extra={**event, "user_id": account.id})
    return AccessToken(access_token=tokens.sign(account.id), expires_in=settings.ACCESS_TOKEN_TTL)


@router.get("/me", response=Account, auth=tokens.BearerToken(), summary="Get the account")
def me(request: HttpRequest) -> Account:
    account = User.objects.find_by_id(request.auth)
    if not account:
        raise NoAccount
    return Account.of(account)
