"""Who may enter the desk, which is Django's admin."""

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from conversations.models import User


class DeskSite(AdminSite):
    """Open to auditors, operators and admins."""

    site_title = site_header = _("Responses UI")
    index_title = _("Desk")

    def has_permission(self, request: HttpRequest) -> bool:
        return isinstance(request.user, User) and request.user.at_the_desk
