"""The people of the demo and of the tests."""

from conversations.models import Membership, Team, User
from conversations.models.people import Role

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
