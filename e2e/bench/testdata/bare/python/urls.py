"""Plain views that do what the service does and nothing else: no accounts, no log, no metrics, no checks."""

import json
import os
from uuid import UUID

from apps.items.models import Item
from django.http import HttpResponse, JsonResponse
from django.urls import path

OWNER = UUID(os.environ["OWNER"])


def moment(value):
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def answer(item):
    return {
        "id": str(item.id),
        "name": item.name,
        "notes": item.notes,
        "done": item.done,
        "created_at": moment(item.created_at),
        "updated_at": moment(item.updated_at),
    }


def one(request, id):
    return JsonResponse(answer(Item.objects.find(OWNER, id)))


def many(request):
    if request.method == "POST":
        body = json.loads(request.body)
        return JsonResponse(answer(Item.objects.add(OWNER, body)), status=201)
    items = [answer(item) for item in Item.objects.page(OWNER, before=None, limit=21)]
    return JsonResponse({"items": items[:20], "next_cursor": items[19]["id"] if len(items) > 20 else None})


urlpatterns = [
    path("readyz", lambda request: HttpResponse()),
    path("api/v1/items", many),
    path("api/v1/items/<uuid:id>", one),
]
