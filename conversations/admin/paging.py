"""Lists that are never counted: a page knows only whether there is another one behind it."""

from typing import Any

from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.http import HttpRequest

# The database walks over every row in front of a page; whoever looks for older rows narrows the list instead.
LAST_PAGE = 200


class Pages(ChangeList):
    """A change list that reads one row more than it shows instead of counting them all."""

    def get_results(self, request: HttpRequest) -> None:
        self.page_num = min(max(self.page_num, 1), LAST_PAGE)
        start = (self.page_num - 1) * self.list_per_page
        rows = list(self.queryset[start : start + self.list_per_page + 1])
        self.has_next = len(rows) > self.list_per_page
        self.result_list: Any = rows[: self.list_per_page]
        self.first_number = start + 1
        self.last_number = start + len(self.result_list)
        self.result_count = len(self.result_list)
        self.full_result_count = None
        self.show_full_result_count = self.can_show_all = False
        self.multi_page = self.has_next or self.page_num > 1
        self.show_admin_actions = bool(rows)

    @property
    def is_last_allowed(self) -> bool:
        return self.has_next and self.page_num == LAST_PAGE

    @property
    def next_link(self) -> str:
        return self._page_link(self.page_num + 1) if self.has_next and not self.is_last_allowed else ""

    @property
    def previous_link(self) -> str:
        return self._page_link(self.page_num - 1) if self.page_num > 1 else ""

    def _page_link(self, number: int) -> str:
        return self.get_query_string({PAGE_VAR: None if number == 1 else number})
