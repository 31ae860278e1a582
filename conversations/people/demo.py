"""The people of the demo and of the tests, and what the demo's deployments cost."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password

from conversations import clock
from conversations.models import Deployment, Membership, Response, Team, User
from conversations.models.people import Role
from conversations.people import recording
from conversations.people.audit import audited, command

LOOPBACK = "http://127.0.0.1:"

CAST = {
    "alice": ("Alice", "Okafor", Role.MEMBER, "Research"),
    "bob": ("Bob", "Lindqvist", Role.MEMBER, "Research"),
    "carol": ("Carol", "Menendez", Role.MEMBER, "Field"),
    "audrey": ("Audrey", "Tanaka", Role.AUDITOR, None),
    "oscar": ("Oscar", "Petrov", Role.OPERATOR, None),
    "admin": ("Ada", "Min", Role.ADMIN, None),
}
AGE = timedelta(days=35)


@contextmanager
def in_its_youth() -> Iterator[None]:
    """The demo's people and deployments are older than the history that is told afterwards."""
    upstream = settings.UPSTREAM
    with clock.restored():
        local = upstream is not None and upstream.base_url.startswith(LOOPBACK)
        if settings.DEMO and local and not Response.objects.exists():
            clock.set_to(clock.now() - AGE)
        yield


def make_cast(password: str) -> list[User]:
    """Everyone, with this password; people who exist get it too and keep the rest."""
    with audited():
        known = {user.username: user for user in User.objects.filter(username__in=CAST)}
        encoded = _encoded(password, known.values())
        return [_member_of_cast(username, known.get(username), encoded) for username in CAST]


def _encoded(password: str, known: Iterable[User]) -> str:
    """One hash for all, since each takes a while: one that they have already, if it is of this password."""
    kept = {user.password for user in known}
    return next((each for each in kept if check_password(password, each)), None) or make_password(password)


def _member_of_cast(username: str, known: User | None, encoded: str) -> User:
    first, last, role, team = CAST[username]
    user = known or User(
        username=username, first_name=first, last_name=last, role=role, date_joined=clock.now()
    )
    if user.password != encoded:
        user.password = encoded
        with recording.recorded(user, actor=command()):
            user.save()
    if team is not None:
        _put_into(team, user)
    return user


# They only appear in the demo's history and can't log in.
COLLEAGUES = {
    "ines": ("Ines", "Castellano", "Research"),
    "david": ("David", "Osei", "Field"),
}


def make_colleagues() -> None:
    with audited():
        for username, (first, last, team) in COLLEAGUES.items():
            user = User(username=username, first_name=first, last_name=last, date_joined=clock.now())
            user.set_unusable_password()
            with recording.recorded(user, actor=command()):
                user.save()
            _put_into(team, user)


def _put_into(name: str, user: User) -> None:
    team = Team.objects.filter(name=name).first() or Team(name=name)
    with recording.recorded(team, actor=command()):
        team.save()
    membership, created = Membership.objects.get_or_create(team=team, user=user)
    if created:
        recording.membership_changed(membership, "added", actor=command())


# Title and model, then input, cached input and output per million tokens: made up, in the usual proportions.
PRICES = {
    "gpt-5.1": ("GPT-5.1", "gpt-5.1", "1.25", "0.125", "10"),
    "gpt-5.1-thinking": ("GPT-5.1 thinking", "gpt-5.1", "1.25", "0.125", "10"),
    "gpt-5.1-slow": ("GPT-5.1 slow", "gpt-5.1", "1.25", "0.125", "10"),
    "gpt-5.4": ("GPT-5.4", "gpt-5.4", "2.5", "0.25", "15"),
    "gpt-5-mini": ("GPT-5 mini", "gpt-5-mini", "0.25", "0.025", "2"),
    "gpt-4.1": ("GPT-4.1", "gpt-4.1", "2", "0.5", "8"),
}


def price_deployments() -> None:
    """Titles, models and prices for the deployments of the demo's emulator."""
    for row in Deployment.objects.filter(name__in=PRICES, endpoint__base_url__startswith=LOOPBACK):
        row.title, row.model, row.input_price, row.cached_price, row.output_price = PRICES[row.name]
        with recording.recorded(row, actor=command()):
            row.save()
