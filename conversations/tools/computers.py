"""What a team allows of computer use, and what a browser is told of it."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from conversations.models import ComputerPolicy, ComputerRun
from conversations.tools.browser import Setup, executables
from conversations.tools.browser.sites import Refused, Sites

WIDTH, HEIGHT = 1024, 768
PORTS = {"http": 80, "https": 443}


def policy_of(team: int) -> ComputerPolicy | None:
    """None where the team's models may use no browser."""
    return ComputerPolicy.objects.filter(team=team, enabled=True).first()


def why_no_browser() -> str:
    """Of a demo, which is all on one machine: elsewhere only the workers know. Empty where there is one."""
    if not settings.DEMO or executables.named_or_on_path(settings.CHROMIUM):
        return ""
    return _(
        "No Chromium was found on this machine, so models can't use a browser in this demo until one is "
        "installed (.venv/bin/python -m playwright install --with-deps chromium) and it is started again."
    )


def why_not_start(url: str, sites: Sequence[str]) -> str:
    """Empty where a browser that may visit these sites can begin at this address."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        return _("That is no address of a page.")
    if parts.scheme not in PORTS or not parts.hostname:
        return _("The address of a page begins with https:// or http://.")
    try:
        Sites(tuple(sites), ()).check(parts.hostname, port)
    except Refused:
        return _("The start page is on none of the sites that may be visited.")
    return ""


def setup_of(run: ComputerRun) -> Setup:
    """As the run was begun; private addresses are for those that the installation names."""
    local = tuple(site for site in run.sites if site in settings.COMPUTER_LOCAL_SITES)
    public = tuple(site for site in run.sites if site not in local)
    return Setup(run.start_url, public, local, run.width, run.height)
