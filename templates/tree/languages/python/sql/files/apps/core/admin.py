"""Django's admin is at /admin/, in production too; `manage.py createsuperuser` makes an account for it."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse

from apps.core.fields import MAX_INTEGER
from apps.core.middleware import Handler
from apps.core.values import now


def referrer_policy(get_response: Handler) -> Handler:
    """Lets browsers tell the admin where its forms come from, without which Django takes them for forged."""

    def handle(request: HttpRequest) -> HttpResponse:
        answer = get_response(request)
        if request.path.startswith("/admin/"):
            answer["Referrer-Policy"] = "same-origin"
        return answer

    return handle


class RecordAdmin(admin.ModelAdmin):
    list_display = ("id", "owner", "created_at", "updated_at")
    list_select_related = ("owner",)
    raw_id_fields = ("owner",)
    readonly_fields = ("created_at", "updated_at")
    ordering = ("-id",)
    formfield_overrides = {  # the limits of the API
        models.CharField: {"max_length": 255},
        models.TextField: {"max_length": 65_535},
        models.BigIntegerField: {"min_value": -MAX_INTEGER, "max_value": MAX_INTEGER},
    }

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        obj.updated_at = now()
        super().save_model(request, obj, form, change)
