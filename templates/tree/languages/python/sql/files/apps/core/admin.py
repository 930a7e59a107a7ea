"""Django's admin is at /admin/; `manage.py createsuperuser` makes an account for it."""

from typing import Any

from django.contrib import admin

from apps.core.values import now


class RecordAdmin(admin.ModelAdmin):
    list_display = ("id", "owner", "created_at", "updated_at")
    list_select_related = ("owner",)
    raw_id_fields = ("owner",)
    readonly_fields = ("created_at", "updated_at")
    ordering = ("-id",)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        obj.updated_at = now()
        super().save_model(request, obj, form, change)
