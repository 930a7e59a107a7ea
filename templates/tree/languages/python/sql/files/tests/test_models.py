from django.core.management import call_command


def test_migrations_are_those_of_the_models() -> None:
    call_command("makemigrations", check_changes=True, dry_run=True)
