from typing import Any

from django.core.management.base import BaseCommand
from django.db.migrations.autodetector import MigrationAutodetector

from apps.core import store
from apps.core.startup import wait_for_database


class Command(BaseCommand):
    help = "Brings the database up to date."
    autodetector = MigrationAutodetector  # Django's checks want it of a command with this name

    def handle(self, *args: Any, **options: Any) -> None:
        wait_for_database()
        store.migrate()
