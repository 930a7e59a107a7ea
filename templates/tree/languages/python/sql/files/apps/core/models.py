from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, models

from apps.core.database import taken_field
from apps.core.exceptions import Conflict, NoAccount, NotFound
from apps.core.values import now, uuid7


class RecordManager(models.Manager):
    """Reaches the records of one owner."""

    def add(self, owner_id: UUID, values: dict[str, Any]) -> "Record":
        moment = now()
        with self.faults():
            return self.create(owner_id=owner_id, created_at=moment, updated_at=moment, **values)

    def page(self, owner_id: UUID, before: UUID | None, limit: int) -> list["Record"]:
        """Returns the newest records, or those older than the one given."""
        records = self.filter(owner_id=owner_id)
        if before:
            records = records.filter(id__lt=before)
        return list(records.order_by("-id")[:limit])

    def find(self, owner_id: UUID, id: UUID) -> "Record":
        try:
            return self.get(owner_id=owner_id, id=id)
        except self.model.DoesNotExist:
            raise NotFound from None

    def change(self, owner_id: UUID, id: UUID, values: dict[str, Any]) -> "Record":
        """Writes the values given and no others, so that two changes of different fields both survive."""
        with self.faults():
            changed = self.filter(owner_id=owner_id, id=id).update(**values, updated_at=now())
        if not changed:
            raise NotFound
        return self.find(owner_id, id)

    def remove(self, owner_id: UUID, id: UUID) -> None:
        removed, _ = self.filter(owner_id=owner_id, id=id).delete()
        if not removed:
            raise NotFound

    @contextmanager
    def faults(self) -> Iterator[None]:
        """Gives a broken constraint its meaning."""
        try:
            yield
        except IntegrityError as error:
            field = taken_field(error, self.model._meta.db_table)
            raise (Conflict(field) if field else NoAccount()) from error


class Record(models.Model):
    """What the records of all resources have in common."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(default=now, editable=False)

    objects = RecordManager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.id)
