"""What stands in for an ORM: a record is a hash in Redis, which holds its values as text, without those that are null."""

import json
from collections.abc import Sequence
from typing import Any, Self
from uuid import UUID

from pydantic import ConfigDict

from apps.core import fields, store
from apps.core.exceptions import Conflict, NoAccount, NotFound
from apps.core.schemas import Schema
from apps.core.values import now, uuid7

save_script = store.script("save")
page_script = store.script("page")
remove_script = store.script("remove")


class Manager:
    """Keeps the records of a model."""

    def __init__(self, name: str, unique: Sequence[str] = ()) -> None:
        self.name = name
        self.unique = unique

    def __set_name__(self, model: type["Model"], name: str) -> None:
        self.model = model

    def key(self, owner_id: UUID, part: object = None) -> str:
        """Names the sorted set of the ids of an owner's records; with an id, that record; with a unique field, the hash of ids by value.

        The braces keep all keys of an owner on one node of a cluster, so that a script may use them together.
        """
        key = f"{store.PREFIX}:{{{owner_id}}}:{self.name}"
        return f"{key}:{part}" if part else key

    def save(self, how: str, owner_id: UUID, values: dict[str, Any]) -> Any:
        """Writes the values given and no others, so that two changes of different fields both survive."""
        content = self.model.model_construct(**values).model_dump(mode="json", by_alias=True, exclude_unset=True)
        texts = {name: None if value is None else str(value) for name, value in content.items()}
        unique = [name for name in self.unique if name in texts]
        keys = [self.key(owner_id, part) for part in (values["id"], None, *unique)]
        answer = save_script(keys, [how, json.dumps(texts), *unique])
        if not answer:
            raise NotFound
        if isinstance(answer, str):
            raise Conflict(answer)
        return self.model.of(answer)


class Model(Schema):
    model_config = ConfigDict(ignored_types=(Manager,))

    id: fields.Uuid
    created_at: fields.DateTime

    @classmethod
    def of(cls, answer: Sequence[str]) -> Self:
        """Reads names and values in turn, as a script answers."""
        return cls.model_validate_strings(dict(zip(answer[::2], answer[1::2], strict=True)))


class RecordManager(Manager):
    """Reaches the records of one owner."""

    def add(self, owner_id: UUID, values: dict[str, Any]) -> "Record":
        from apps.accounts.models import User  # which needs this module itself

        if not User.objects.find_by_id(owner_id):
            raise NoAccount
        moment = now()
        return self.save("create", owner_id, {"id": uuid7(), "created_at": moment, "updated_at": moment} | values)

    def page(self, owner_id: UUID, before: UUID | None, limit: int) -> list["Record"]:
        """Returns the newest records, or those older than the one given."""
        start = f"({before}" if before else "+"
        return [self.model.of(answer) for answer in page_script([self.key(owner_id)], [start, limit])]

    def find(self, owner_id: UUID, id: UUID) -> "Record":
        values = store.client.hgetall(self.key(owner_id, id))
        if not values:
            raise NotFound
        return self.model.model_validate_strings(values)

    def change(self, owner_id: UUID, id: UUID, values: dict[str, Any]) -> "Record":
        return self.save("change", owner_id, {"id": id, "updated_at": now()} | values)

    def remove(self, owner_id: UUID, id: UUID) -> None:
        keys = [self.key(owner_id, part) for part in (id, None, *self.unique)]
        if not remove_script(keys, [str(id), *self.unique]):
            raise NotFound


class Record(Model):
    """What the records of all resources have in common."""

    updated_at: fields.DateTime
