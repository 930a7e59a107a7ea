"""What the models of all apps share: documents of MongoDB, read and written by pydantic."""

import datetime
import decimal
from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from types import NoneType
from typing import Annotated, Any, get_args
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer
from pydantic.fields import FieldInfo
from pymongo import IndexModel, ReturnDocument
from pymongo.collection import Collection

from apps.core import store
from apps.core.exceptions import NoAccount, NotFound
from apps.core.values import now, uuid7

# Kept as whole hundredths.
Decimal = Annotated[
    decimal.Decimal,
    BeforeValidator(lambda hundredths: decimal.Decimal(hundredths).scaleb(-2)),
    PlainSerializer(lambda value: int(value.scaleb(2))),
]
# Kept as its first moment in UTC.
Date = Annotated[
    datetime.date,
    BeforeValidator(datetime.datetime.date),
    PlainSerializer(lambda day: datetime.datetime.combine(day, datetime.time(), datetime.UTC)),
]


class Manager:
    """Reaches the documents of one collection."""

    model: type["Document"]

    def __init__(self, collection: str) -> None:
        self.name = collection
        store.indexes[collection] = self.indexes

    def __set_name__(self, model: type["Document"], name: str) -> None:
        self.model = model

    def collection(self) -> AbstractContextManager[Collection]:
        return store.collection(self.name)

    def indexes(self) -> list[IndexModel]:
        """An index has the name of its field, which a conflict is told by."""
        raise NotImplementedError


class Document(BaseModel):
    model_config = ConfigDict(ignored_types=(Manager,), populate_by_name=True, protected_namespaces=())

    id: UUID = Field(alias="_id")
    created_at: datetime.datetime


class RecordManager(Manager):
    """Reaches the records of one owner. A null is left out of a document."""

    def __init__(self, collection: str, unique: Sequence[str] = ()) -> None:
        super().__init__(collection)
        self.unique = unique

    def add(self, owner_id: UUID, values: dict[str, Any]) -> "Record":
        from apps.accounts.models import User  # which needs this module itself

        if not User.objects.find_by_id(owner_id):
            raise NoAccount
        moment = now()
        document, _ = self.write(owner_id, {"id": uuid7(), **values, "created_at": moment, "updated_at": moment})
        document["owner_id"] = owner_id
        with self.collection() as records:
            records.insert_one(document)
        return self.read(document)

    def page(self, owner_id: UUID, before: UUID | None, limit: int) -> list["Record"]:
        """Returns the newest records, or those older than the one given."""
        older = {"_id": {"$lt": before}} if before else {}
        with self.collection() as records:
            return [self.read(document) for document in records.find({"owner_id": owner_id, **older}).sort("_id", -1).limit(limit)]

    def find(self, owner_id: UUID, id: UUID) -> "Record":
        with self.collection() as records:
            return self.read(records.find_one({"_id": id, "owner_id": owner_id}))

    def change(self, owner_id: UUID, id: UUID, values: dict[str, Any]) -> "Record":
        """Writes the values given and no others, so that two changes of different fields both survive."""
        present, absent = self.write(owner_id, {**values, "updated_at": now()})
        change = {"$set": present, "$unset": absent}
        with self.collection() as records:
            return self.read(records.find_one_and_update({"_id": id, "owner_id": owner_id}, change, return_document=ReturnDocument.AFTER))

    def remove(self, owner_id: UUID, id: UUID) -> None:
        with self.collection() as records:
            if not records.delete_one({"_id": id, "owner_id": owner_id}).deleted_count:
                raise NotFound

    def write(self, owner_id: UUID, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, None]]:
        """Returns what is to be kept of the values, and what is to be left out."""
        document = self.model.model_construct(**values).model_dump(by_alias=True, exclude_unset=True)
        for name in self.unique:
            if name in document:
                document[self.owner_key(name)] = owner_id if document[name] is not None else None
        present = {name: value for name, value in document.items() if value is not None}
        absent = {name: value for name, value in document.items() if value is None}
        return present, absent

    def read(self, document: dict[str, Any] | None) -> "Record":
        if document is None:
            raise NotFound
        return self.model.model_validate(dict.fromkeys(self.fields) | document)

    @cached_property
    def fields(self) -> dict[str, FieldInfo]:
        """The fields by the names that they are kept under."""
        return {field.alias or name: field for name, field in self.model.model_fields.items()}

    def owner_key(self, name: str) -> str:
        """Returns the key that holds the owner in the index of a unique value. An index takes missing values for equal
        ones; only a sparse one passes over a document, and only if it has none of the keys. So a value that may be null has
        a copy of the owner beside it, which is left out together with it."""
        return f"_owner_of_{name}" if NoneType in get_args(self.fields[name].annotation) else "owner_id"

    def indexes(self) -> list[IndexModel]:
        newest_first = IndexModel([("owner_id", 1), ("_id", -1)], name="owner_id")
        unique = [IndexModel([(self.owner_key(name), 1), (name, 1)], name=name, unique=True, sparse=True) for name in self.unique]
        return [newest_first, *unique]


class Record(Document):
    """What the records of all resources have in common."""

    updated_at: datetime.datetime
