from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from pymongo import IndexModel

from apps.core.models import Document, Manager
from apps.core.values import now, uuid7


class UserManager(Manager):
    def create_user(self, email: str, password: str) -> "User":
        user = User(id=uuid7(), email=email, password=make_password(password), created_at=now())
        with self.collection() as users:
            users.insert_one(user.model_dump(by_alias=True))
        return user

    def find_by_email(self, email: str) -> "User | None":
        return self.find({"email": email})

    def find_by_id(self, id: UUID) -> "User | None":
        return self.find({"_id": id})

    def find(self, key: dict[str, Any]) -> "User | None":
        with self.collection() as users:
            document = users.find_one(key)
        return User.model_validate(document) if document else None

    def indexes(self) -> list[IndexModel]:
        return [IndexModel("email", name="email", unique=True)]


class User(Document):
    email: str
    password: str

    objects = UserManager("accounts_user")
