from typing import Any

from django.core.management.commands import migrate

from apps.core.database import migration_lock
from apps.core.startup import wait_for_database


class Command(migrate.Command):
    """Django's own, but it waits for the database, and two at once take turns."""

    def handle(self, *args: Any, **options: Any) -> None:
        wait_for_database()
        with migration_lock():
            super().handle(*args, **options)
