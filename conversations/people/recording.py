"""Changes of people, teams, endpoints and deployments as the audit trail has them: field by field."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from django.db.models import QuerySet

from conversations.models import (
    ApiVersion,
    ComputerPolicy,
    Deployment,
    Endpoint,
    KnownModel,
    Limit,
    McpServer,
    Membership,
    NoticeChannel,
    Region,
    RetentionBounds,
    RetentionPolicy,
    Team,
    User,
)
from conversations.models.audit import Action
from conversations.people.audit import Actor, audited, record

Incapable = KnownModel | ApiVersion | Region
Watched = (
    User
    | Team
    | Endpoint
    | Deployment
    | RetentionPolicy
    | RetentionBounds
    | NoticeChannel
    | McpServer
    | ComputerPolicy
    | Incapable
    | Limit
)
ACTIONS: dict[type[Watched], Action] = {
    User: Action.PERSON_CHANGED,
    Team: Action.TEAM_CHANGED,
    Endpoint: Action.ENDPOINT_CHANGED,
    Deployment: Action.DEPLOYMENT_CHANGED,
    RetentionPolicy: Action.POLICY_CHANGED,
    RetentionBounds: Action.POLICY_CHANGED,
    NoticeChannel: Action.CHANNEL_CHANGED,
    McpServer: Action.MCP_SERVER_CHANGED,
    ComputerPolicy: Action.COMPUTER_POLICY_CHANGED,
    KnownModel: Action.CAPABILITY_CHANGED,
    ApiVersion: Action.CAPABILITY_CHANGED,
    Region: Action.CAPABILITY_CHANGED,
    Limit: Action.CAPABILITY_CHANGED,
}
RIGHTS = {"role", "is_active", "is_superuser"}
# Of these only the name is told.
PRIVATE = {"password", "first_name", "last_name", "email", "address"}
UNTOLD = {"id", "last_login", "date_joined", "changed_at", "looked_at", "trouble"}


@contextmanager
def recorded(row: Watched, *, actor: Actor, reason: str = "") -> Generator[None]:
    """Around the saving of a row: an entry about what that changes, in the same transaction."""
    with audited():
        before = _stored(row)
        yield
        after = _stored(row)
        names = [name for name in after if _differs(name, before, after)]
        changed = {name: _change(name, before.get(name), after[name]) for name in names}
        if changed:
            details = {"changed" if before else "added": changed}
            action, team = _action(row, set(changed)), _team(row)
            record(action, actor=actor, subject=row, team=team, reason=reason, details=details)


@contextmanager
def limits_recorded(user: User, *, actor: Actor) -> Generator[None]:
    """The same for the teams that staff are limited to, which are no field of the row."""
    before = _limits(user)
    yield
    after = _limits(user)
    if before != after:
        details = {"changed": {"limited_to": [before, after]}}
        record(Action.ROLE_CHANGED, actor=actor, subject=user, details=details)


@contextmanager
def teams_recorded(server: McpServer, *, actor: Actor) -> Generator[None]:
    """The same for the teams that may use an MCP server."""
    before = _teams(server)
    yield
    after = _teams(server)
    if before != after:
        details = {"changed": {"teams": [before, after]}}
        record(Action.MCP_SERVER_CHANGED, actor=actor, subject=server, details=details)


@contextmanager
def inabilities_recorded(row: Incapable, *, actor: Actor) -> Generator[None]:
    """The same for what a model, an API version or a region can't do."""
    before = _inabilities(row)
    yield
    after = _inabilities(row)
    if before != after:
        details = {"changed": {"cannot": [before, after]}}
        record(Action.CAPABILITY_CHANGED, actor=actor, subject=row, details=details)


def _inabilities(row: Incapable) -> dict[str, str]:
    return dict(row.inabilities.order_by("feature").values_list("feature", "reason"))


def _teams(server: McpServer) -> list[int]:
    return sorted(server.teams.values_list("pk", flat=True))


def _limits(user: User) -> list[int]:
    return sorted(user.limited_to.values_list("pk", flat=True))


def membership_changed(membership: Membership, how: str, *, actor: Actor) -> None:
    """`how`: added, changed or removed."""
    record(
        Action.MEMBERSHIP_CHANGED,
        actor=actor,
        subject=("user", str(membership.user_id)),
        team=membership.team_id,
        details={"how": how},
    )


def password_changed(user: User, *, actor: Actor) -> None:
    record(Action.PASSWORD_CHANGED, actor=actor, subject=user)


def _stored(row: Watched) -> dict[str, Any]:
    """What the database has of it, without types that audit entries don't take."""
    rows: QuerySet[Any] = type(row).objects.filter(pk=row.pk)
    values = rows.values().first() or {}
    return {name: _plain(value) for name, value in values.items() if name not in UNTOLD}


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def _differs(name: str, before: dict[str, Any], after: dict[str, Any]) -> bool:
    return before[name] != after[name] if before else after[name] not in ("", None, False)


def _change(name: str, before: Any, after: Any) -> list[Any]:
    return [] if name in PRIVATE else [before, after]


def _action(row: Watched, names: set[str]) -> Action:
    return Action.ROLE_CHANGED if isinstance(row, User) and names & RIGHTS else ACTIONS[type(row)]


def _team(row: Watched) -> int | None:
    if isinstance(row, RetentionPolicy | NoticeChannel | ComputerPolicy):
        return row.team_id
    return row.pk if isinstance(row, Team) else None
