"""The people of the demo and of the tests, and what the demo's deployments cost."""

from conversations.models import Deployment, Membership, Team, User
from conversations.models.people import Role

LOOPBACK = "http://127.0.0.1:"

CAST = {
    "alice": ("Alice", "Okafor", Role.MEMBER, "Research"),
    "bob": ("Bob", "Lindqvist", Role.MEMBER, "Research"),
    "carol": ("Carol", "Menendez", Role.MEMBER, "Field"),
    "audrey": ("Audrey", "Tanaka", Role.AUDITOR, None),
    "oscar": ("Oscar", "Petrov", Role.OPERATOR, None),
    "admin": ("Ada", "Min", Role.ADMIN, None),
}


def make_cast(password: str) -> list[User]:
    """Everyone, with this password; people who exist get it too and keep the rest."""
    people = []
    for username, (first, last, role, team) in CAST.items():
        user, _created = User.objects.get_or_create(
            username=username, defaults={"first_name": first, "last_name": last, "role": role}
        )
        if not user.check_password(password):
            user.set_password(password)
            user.save()
        if team is not None:
            Membership.objects.get_or_create(team=Team.objects.get_or_create(name=team)[0], user=user)
        people.append(user)
    return people


# Title, then input, cached input and output per million tokens: made up, in the usual proportions.
PRICES = {
    "gpt-5.1": ("GPT-5.1", "1.25", "0.125", "10"),
    "gpt-5.1-thinking": ("GPT-5.1 thinking", "1.25", "0.125", "10"),
    "gpt-5.1-slow": ("GPT-5.1 slow", "1.25", "0.125", "10"),
    "gpt-5-mini": ("GPT-5 mini", "0.25", "0.025", "2"),
    "gpt-4.1": ("GPT-4.1", "2", "0.5", "8"),
}


def price_deployments() -> None:
    """Titles and prices for the deployments of the demo's emulator."""
    for name, (title, *prices) in PRICES.items():
        fields = dict(zip(("input_price", "cached_price", "output_price"), prices, strict=True))
        Deployment.objects.filter(name=name, endpoint__base_url__startswith=LOOPBACK).update(
            title=title, **fields
        )
