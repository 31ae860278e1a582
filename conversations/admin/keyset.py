"""Lists of any length: pages by key, so that nothing is counted and the last is as fast as the first."""

from typing import Any, ClassVar

from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest

OLDER, NEWER = "before", "after"


class KeysetChangeList(ChangeList):
    """Newest first, for models whose whole-number keys grow. Subclasses narrow the rows."""

    own_parameters: ClassVar[tuple[str, ...]] = ()

    def narrow(self, rows: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
        """By the parameters that are the list's own."""
        return rows

    def get_filters_params(self, params: Any = None) -> Any:
        own = {OLDER, NEWER, *self.own_parameters}
        found = super().get_filters_params(params)
        return {name: value for name, value in found.items() if name not in own}

    def get_queryset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> QuerySet[Any]:
        return self.narrow(super().get_queryset(request, *args, **kwargs), request)

    def get_results(self, request: HttpRequest) -> None:
        older, newer = (whole_number(request.GET.get(name)) for name in (OLDER, NEWER))
        if newer is not None:
            rows = list(self.queryset.filter(pk__gt=newer).order_by("pk")[: self.list_per_page + 1])
            more_newer, more_older = len(rows) > self.list_per_page, True
            rows = rows[: self.list_per_page][::-1]
        else:
            found = self.queryset if older is None else self.queryset.filter(pk__lt=older)
            rows = list(found.order_by("-pk")[: self.list_per_page + 1])
            more_newer, more_older = older is not None, len(rows) > self.list_per_page
            rows = rows[: self.list_per_page]
        self.newer = self._link(NEWER, rows[0].pk) if rows and more_newer else ""
        self.older = self._link(OLDER, rows[-1].pk) if rows and more_older else ""
        self.result_list = rows
        self.result_count, self.full_result_count = len(rows), None
        self.can_show_all = self.multi_page = self.show_admin_actions = False

    def _link(self, name: str, key: int) -> str:
        return str(self.get_query_string({OLDER: None, NEWER: None, name: key}))


def whole_number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None
