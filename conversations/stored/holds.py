"""What is held, asked of the database in one place."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from conversations import clock
from conversations.models import Hold, Response
from conversations.models.holds import SUBJECTS


def in_force(at: datetime | None = None) -> QuerySet[Hold]:
    """Holds that have begun and neither ended nor been lifted."""
    at = at or clock.now()
    return Hold.objects.filter(Q(ends_at=None) | Q(ends_at__gt=at), starts_at__lte=at, lifted_at=None)


def is_held(of: str = "") -> Exists:
    """A condition and an annotation of responses: `responses.filter(is_held())`; of rows that have one, with
    the way to it: `deletions.exclude(is_held("response__"))`.
    """
    ways = {name: OuterRef(of + name) for name in ("conversation", "team", "person")}
    covering = Q(response=OuterRef(of + "pk"))
    for name, way in ways.items():
        covering |= Q(**{name: way})
    return Exists(in_force().filter(covering))


def on_any() -> Q:
    """The same as of now, for lists of millions: it names the few subjects, so that indexes help."""
    subjects = list(in_force().values_list(*(f"{name}_id" for name in SUBJECTS)))
    held = Q(pk__in=[])
    for name, ids in zip(SUBJECTS, zip(*subjects, strict=True), strict=False):
        known = {each for each in ids if each is not None}
        held |= Q(**{"pk__in" if name == "response" else f"{name}__in": known}) if known else Q()
    return held


def holds_of(response: Response) -> QuerySet[Hold]:
    subjects = Q(response=response)
    subjects |= Q(conversation=response.conversation_id) if response.conversation_id else Q()
    subjects |= Q(team=response.team_id) if response.team_id else Q()
    subjects |= Q(person=response.person_id) if response.person_id else Q()
    return in_force().filter(subjects)
