"""What stands in the cells of lists and on the pages of rows; whatever is given to these is escaped.

A callable of `list_display` returns one of them; `column` gives it a head:

    @column(_("Expires"), order="expires_at")
    def expires(self, row: Response) -> SafeString:
        return days_left(row.expires_at, of=row.endpoint.retention_days)

Fields named in `list_display` and `fields` need no callable: `shown` in values.py draws them by their type.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conversations import clock

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

NOTHING = SafeString('<span class="nothing">—</span>')
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
SOON_DAYS = 7
BAR_WIDTH = 36

Shows = Callable[[Any, Any], Any]


def column(title: "str | _StrPromise", *, order: str = "", figure: bool = False) -> Callable[[Shows], Shows]:
    """The head of a column that a callable fills; figures stand on the right."""

    def named(shows: Shows) -> Shows:
        shows.is_figure = figure  # type: ignore[attr-defined]  # read by tables.py
        return admin.display(description=title, ordering=order or None)(shows)

    return named


def icon(name: str) -> SafeString:
    sprite = static("dist/icons.svg")
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', sprite, name)


def pill(word: object, *, meaning: str = "", icon_name: str) -> SafeString:
    """`meaning` is stored, expiring, held, deleted or failed; without one the pill is neutral."""
    return format_html('<span class="pill {}">{}{}</span>', meaning or "neutral", icon(icon_name), word)


def mark(word: object, *, meaning: str, icon_name: str) -> SafeString:
    """A pill where there is no room for its word, which the tooltip and screen readers have."""
    hidden = format_html('<span class="visually-hidden">{}</span>', word)
    return format_html(
        '<span class="pill mark {}" title="{}">{}{}</span>', meaning, word, icon(icon_name), hidden
    )


def moment(at: datetime | None) -> SafeString:
    """How long ago or ahead; the exact time is the tooltip."""
    if at is None:
        return NOTHING
    local = timezone.localtime(at)
    exact = f"{formats.date_format(local, 'j M Y, H:i:s')} {local.tzname()}"
    iso = local.isoformat(timespec="seconds")
    return format_html('<time datetime="{}" title="{}">{}</time>', iso, exact, relative(at, clock.now()))


def relative(at: datetime, now: datetime) -> str:
    """Within a week as a distance, else as a date; the year only where it isn't this one."""
    distance = abs(at - now)
    if distance >= timedelta(days=7):
        local = timezone.localtime(at)
        return formats.date_format(local, "j M" if local.year == timezone.localtime(now).year else "j M Y")
    if distance < timedelta(minutes=1):
        return _("just now") if at <= now else _("in a moment")
    words = _("in %s") if at > now else _("%s ago")
    return words % span(distance)


def span(distance: timedelta) -> str:
    """In its largest unit: 5 min, 3 h, 12 days."""
    minutes = int(distance.total_seconds() // 60)
    if minutes < 60:
        return _("%d min") % minutes
    if minutes < 24 * 60:
        return _("%d h") % (minutes // 60)
    days = minutes // (24 * 60)
    return ngettext("%d day", "%d days", days) % days


def days_left(expires_at: datetime | None, *, of: int) -> SafeString:
    """A bar of the days out of `of` that are left upstream, with the number beside it."""
    if expires_at is None:
        return NOTHING
    left = expires_at - clock.now()
    if left <= timedelta(0):
        return pill(_("Expired"), meaning="deleted", icon_name="hourglass")
    full = round(min(left / timedelta(days=of), 1) * BAR_WIDTH, 1)
    bar = format_html(
        '<svg width="{0}" height="6" aria-hidden="true"><rect class="track" width="{0}" height="6" rx="3"/>'
        '<rect class="left{1}" width="{2}" height="6" rx="3"/></svg>',
        BAR_WIDTH,
        " is-soon" if left < timedelta(days=SOON_DAYS) else "",
        max(full, 3),
    )
    title = formats.date_format(timezone.localtime(expires_at), "j M Y, H:i")
    return format_html('<span class="days-left" title="{}">{}{}</span>', title, bar, span(left))


def copyable(text: object) -> SafeString:
    """An id in full, cut by the width of its column, with a button that copies it."""
    if not text:
        return NOTHING
    label = _("Copy %s") % text
    return format_html(
        '<span class="copyable"><code title="{0}">{0}</code>'
        '<button type="button" class="copy" data-copy="{0}" aria-label="{1}" title="{2}">{3}</button></span>',
        text,
        label,
        _("Copy"),
        icon("copy"),
    )


def identifier(row: Any) -> SafeString:
    """What a row is called, in the type of ids."""
    return format_html('<code class="id" title="{0}">{0}</code>', row)


def figure(number: int | None) -> SafeString:
    """With the thousands marked."""
    return NOTHING if number is None else format_html('<span class="figure">{}</span>', f"{number:,}")


def money(amount: Decimal | None, currency: str = "USD") -> SafeString:
    """Two figures are enough for the small amounts that answers cost."""
    if amount is None:
        return NOTHING
    digits = 2 if amount >= 1 or not amount else max(2, min(8, 1 - amount.adjusted()))
    symbol = SYMBOLS.get(currency, f"{currency} ")
    return format_html('<span class="figure">{}{}</span>', symbol, f"{amount:,.{digits}f}")


def person(user: Any) -> SafeString:
    if user is None:
        return NOTHING
    return format_html(
        '<span class="who"><span class="face" aria-hidden="true">{}</span>{}</span>', user.initials, user.name
    )


def yes_no(value: bool | None) -> SafeString:
    if value is None:
        return NOTHING
    name, word = ("check", _("Yes")) if value else ("x", _("No"))
    return format_html('<span class="yes-no {}">{}{}</span>', "yes" if value else "no", icon(name), word)
