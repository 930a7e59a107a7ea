import pytest
from django.contrib import admin
from django.test import Client

from apps.accounts.models import User

CREDENTIALS = {"username": "root@example.com", "password": "a long enough password"}


@pytest.fixture
def client() -> Client:
    User.objects.create_superuser("Root@example.com", CREDENTIALS["password"])
    return Client()


def test_every_page(client: Client) -> None:
    assert client.post("/admin/login/?next=/admin/", CREDENTIALS).status_code == 302
    assert client.get("/admin/").status_code == 200
    for model in admin.site._registry:
        page = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert client.get(page).status_code == 200
        assert client.get(f"{page}add/").status_code == 200


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_browser_logs_in(client: Client, settings: pytest.FixtureRequest, scheme: str) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    browser = Client(enforce_csrf_checks=True, headers={"Host": "shop.example.com", "X-Forwarded-Proto": scheme})
    page = browser.get("/admin/login/")
    assert page["Referrer-Policy"] == "same-origin"  # with no-referrer, the origin would be null
    form = CREDENTIALS | {"csrfmiddlewaretoken": browser.cookies["csrftoken"].value}
    assert browser.post("/admin/login/", form, headers={"Origin": f"{scheme}://shop.example.com"}).status_code == 302


def test_a_new_account(client: Client) -> None:
    client.post("/admin/login/", CREDENTIALS)
    password = "another long password"
    form = {"email": " Ada@example.com", "usable_password": "true", "password1": password, "password2": password}
    assert client.post("/admin/accounts/user/add/", form).status_code == 302
    assert User.objects.find_by_email("ada@example.com").check_password(password)
    assert client.post("/admin/accounts/user/add/", form | {"email": "ada@EXAMPLE.com"}).status_code == 200  # it is taken


def test_attempts_are_limited(client: Client, settings: pytest.FixtureRequest) -> None:
    settings.AUTH_RATE_LIMIT = 2
    client.post("/admin/login/", CREDENTIALS | {"password": "wrong"})
    assert client.post("/admin/login/", CREDENTIALS).status_code == 200  # the form again
