from uuid import uuid4

from django.core.management import call_command

from apps.accounts import tokens
from tests.conftest import Caller
from tests.test_records import RESOURCES


def test_migrations_are_those_of_the_models() -> None:
    call_command("makemigrations", check_changes=True, dry_run=True)


def test_a_record_of_an_account_that_is_gone() -> None:
    for path, body, _ in RESOURCES:
        Caller(tokens.sign(uuid4()))("POST", path, body, 401)
