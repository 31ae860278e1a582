"""What time it is somewhere."""

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext_lazy as _

from conversations import clock
from conversations.tools.registry import ToolError, tool


@tool(title=_("Time in a zone"), repeatable=True, seconds=5)
def current_time(
    zone: Annotated[str, "IANA name of a time zone, such as Europe/Paris or UTC"],
) -> dict[str, str]:
    """Get the date and time now in a time zone."""
    try:
        now = clock.now().astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ToolError(f"There is no time zone “{zone}”. Use a name such as Europe/Paris.") from error
    return {"zone": zone, "time": now.isoformat(timespec="seconds"), "weekday": now.strftime("%A")}
