"""Whether the service is alive, and whether it can serve."""

from datetime import timedelta

import redis
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from conversations import bus, clock
from conversations.models import Worker


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """503 when the database or Redis is away; with `?worker=1` also when no worker beats."""
    state = {"database": _database(), "redis": _redis()}
    state["worker"] = state["database"] and _worker()
    needed = state.values() if request.GET.get("worker") == "1" else (state["database"], state["redis"])
    return JsonResponse(state, status=200 if all(needed) else 503)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _redis() -> bool:
    try:
        return bool(bus.client().ping())
    except (redis.RedisError, ImproperlyConfigured):
        return False


def _worker() -> bool:
    return living_workers().exists()


def living_workers() -> QuerySet[Worker]:
    alive_since = clock.now() - timedelta(seconds=settings.LEASE_SECONDS)
    return Worker.objects.filter(beat_at__gte=alive_since)
