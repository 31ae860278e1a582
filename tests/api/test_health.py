import pytest
from django.test import Client

from conversations import clock
from conversations.models import Worker

pytestmark = pytest.mark.django_db


def test_alive_without_asking_anything(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"


def test_ready_with_database_and_redis_and_strict_about_the_worker_on_request(client: Client) -> None:
    assert client.get("/readyz").json() == {"database": True, "redis": True, "worker": False}
    assert client.get("/readyz?worker=1").status_code == 503
    Worker.objects.create(host="here", pid=1, started_at=clock.now(), beat_at=clock.now())
    assert client.get("/readyz?worker=1").status_code == 200


@pytest.mark.usefixtures("redis_away")
def test_not_ready_without_redis(client: Client) -> None:
    assert client.get("/readyz").status_code == 503
