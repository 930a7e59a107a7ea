from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from .limits import Login
from .models import User
from .schemas import normal_email


class LimitedBackend(ModelBackend):
    """Logs in to the admin, under the limits of the API."""

    def authenticate(self, request: HttpRequest, username: str = "", password: str = "") -> User | None:
        email = normal_email(username)
        attempt = Login(email, request.client)
        if attempt.wait():
            raise PermissionDenied
        user = super().authenticate(request, email, password)
        if user:
            attempt.succeeded()
        return user
