"""Every door of the product against every role: what `doors.txt` says, and nothing else.

A new page, API or action fails here until it has its lines in that file; the failure says which. What a role
is refused changes no row, and no words of others stand in any answer.
"""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db import connection
from django.db.models import Model, QuerySet
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from conversations.models import User
from conversations.people import audit, grants
from tests.doors import CANARY, READERS, ROLES, TABLE, World, table

# Rights are the same on both databases, and every door takes a while.
pytestmark = [pytest.mark.django_db, pytest.mark.once]

METHODS = ("GET", "POST")
# Sessions come and go, and refusals are written down.
NOT_COUNTED = {"sessions.Session", "conversations.AuditEntry", "conversations.AuditHead"}
REFUSED = {"login", "401", "403", "404", "405"}


def patterns(found: list[URLPattern | URLResolver] | None = None, before: str = "") -> Iterator[str]:
    for each in get_resolver().url_patterns if found is None else found:
        way = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from patterns(each.url_patterns, way)
        else:
            yield way


def address(pattern: str, world: World) -> str:
    """The pattern with keys of rows that exist, where there are such rows."""
    model = re.search(r"^admin/conversations/(\w+)/", pattern)
    row = example(model[1], world) if model else None
    keys: dict[str, Any] = {
        "conversation": world.conversation.pk,
        "response": world.response.pk,
        "attachment": world.attachment.pk,
        "sha256": world.attachment.content_id,
        "object_id": row.pk if row else 1,
        "key": key_of(row, is_number="<int:key>" in pattern),
        "content_type_id": 1,
        "id": User.objects.get(username="bob").pk,
        "endpoint": world.response.endpoint_id,
        "app_label": "conversations",
        "url": "nothing-here",
    }
    plain = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", pattern.replace("^", "").replace("$", ""))
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda name: str(keys[name[1]]), plain)


def key_of(row: Model | None, *, is_number: bool) -> Any:
    if row is not None and isinstance(row.pk, int) == is_number:
        return row.pk
    return 1 if is_number else uuid4()


def example(model: str, world: World) -> Model | None:
    if model == "response":
        return world.response
    rows: QuerySet[Model] = apps.get_model("conversations", model)._default_manager.order_by("pk")
    return rows.first()


def knock(client: Client, method: str, path: str) -> tuple[str, str]:
    """The answer as the table writes it, and all that was sent along."""
    answer = client.get(path) if method == "GET" else client.post(path, {})
    said = str(answer.status_code)
    target = answer.headers.get("Location", "")
    if said == "302" and re.match(r"(/admin)?/login/", target):
        said = "login"
    return said, whole(answer).decode(errors="replace") + str(answer.headers)


def whole(answer: Any) -> bytes:
    if not answer.streaming:
        return bytes(answer.content)
    if not answer.is_async:
        return bytes(answer.getvalue())

    async def read() -> bytes:
        return b"".join([part async for part in answer])

    return async_to_sync(read)()


def has_signed_out(client: Client) -> bool:
    cookie = client.cookies.get(settings.SESSION_COOKIE_NAME)
    return cookie is not None and not cookie.value


def counts() -> list[int]:
    names = [model._meta.db_table for model in apps.get_models() if model._meta.label not in NOT_COUNTED]
    each = ", ".join(f'(SELECT COUNT(*) FROM "{name}")' for name in names)  # noqa: S608 (our own tables)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {each}")
        return list(cursor.fetchone() or ())


def doors() -> list[str]:
    return [f"{method} /{pattern}" for pattern in patterns() for method in METHODS]


def test_every_door_is_in_the_table_and_no_other() -> None:
    known = table(*METHODS)
    missing = [door for door in doors() if door not in known]
    assert not missing, f"Say in {TABLE.name} what each role is answered: {missing}"
    assert not [door for door in known if door not in doors()], "These are gone; take them out of the table"


@pytest.mark.parametrize("role", ROLES)
def test_every_door_answers_the_role_as_the_table_says(role: str, world: World) -> None:
    known, wrong = table(*METHODS), []
    client, before = world.client(role), counts()
    for door in doors():
        method, _space, pattern = door.partition(" /")
        said, sent = knock(client, method, address(pattern, world))
        if has_signed_out(client):
            client = world.client(role)
        expected = known.get(door, {}).get(role, "nothing")
        if said != expected:
            wrong.append(f"{door}: {said}, where {TABLE.name} says {expected}")
        assert role in READERS or CANARY not in sent, f"{door} tells {role} what others wrote"
        if said in REFUSED:
            assert counts() == before, f"{door} refuses {role} and changes rows all the same"
        before = counts()
    assert not wrong, "\n".join([f"As {role}:", *wrong])


@pytest.mark.parametrize("role", ["auditor", "operator", "admin"])
def test_words_are_shown_under_a_grant_and_to_its_holder_only(role: str, world: World) -> None:
    page = f"/admin/conversations/response/{world.response.pk}/change/"
    file = f"/admin/conversations/response/{world.response.pk}/files/{world.attachment.content_id}/"
    assert CANARY not in world.client(role).get(page).content.decode()
    holder = world.people[role]
    grants.grant(holder, world.response, "A complaint", actor=audit.person(holder))
    for other in ("auditor", "operator", "admin", "limited"):
        seen = CANARY in world.client(other).get(page).content.decode()
        assert seen == (other == role)
        assert (world.client(other).get(file).status_code == 200) == (other == role)


# Name of a ModelAdmin's action: the roles that may take it.
ACTIONS = {
    "user.deactivate": ("admin",),
    "response.export_ticked": ("auditor", "limited", "operator", "admin"),
}


def test_every_action_is_in_the_table_and_others_cannot_take_it(world: World) -> None:
    found = {
        f"{model._meta.model_name}.{name}"
        for model, owner in admin.site._registry.items()
        for name in owner.actions or ()
        if isinstance(name, str)
    }
    assert found == set(ACTIONS), "Say in ACTIONS which roles may take it"
    for action, allowed in ACTIONS.items():
        model, _dot, name = action.partition(".")
        chosen = User.objects.get(username="bob").pk
        for role in set(ROLES) - set(allowed):
            form = {
                "action": name,
                "_selected_action": [chosen],
                "post": "yes",
                "reason": "No",
                "confirmed": "1",
            }
            world.client(role).post(f"/admin/conversations/{model}/", form)
            assert User.objects.get(pk=chosen).is_active, f"{role} could {action}"
