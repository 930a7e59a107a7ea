from uuid import UUID

from django.contrib.auth.hashers import make_password

from apps.core import store
from apps.core.models import Manager, Model
from apps.core.values import now, uuid7

NOBODY = UUID(int=0)  # owns the accounts


class UserManager(Manager):
    def create_user(self, email: str, password: str) -> "User":
        values = {"id": uuid7(), "email": email, "password": make_password(password), "created_at": now()}
        return self.save("create", NOBODY, values)

    def find_by_email(self, email: str) -> "User | None":
        id = store.client.hget(self.key(NOBODY, "email"), email)
        return self.find_by_id(UUID(id)) if id else None

    def find_by_id(self, id: UUID) -> "User | None":
        values = store.client.hgetall(self.key(NOBODY, id))
        return User.model_validate_strings(values) if values else None


class User(Model):
    email: str
    password: str

    objects = UserManager("users", unique=["email"])
