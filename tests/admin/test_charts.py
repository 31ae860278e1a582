"""Charts: where their shapes stand, what they say, and that no number is lost on the way into the table."""

from itertools import pairwise

import pytest
from django.template.loader import render_to_string

from conversations.admin.charts import HEIGHT, TOP, Chart, Series

DAYS = ["1 Nov", "2 Nov", "3 Nov", "4 Nov"]


def drawn(chart: Chart) -> str:
    return render_to_string("admin/chart.html", {"chart": chart})


def test_bars_share_the_width_and_end_at_the_grid() -> None:
    chart = Chart("Expiring per day", DAYS, [Series("Responses", [0, 5, 20, 10], "expiring")])
    bars = list(chart.bars)
    assert [bar.x for bar in bars] == ["28.5%", "53.5%", "78.5%"]
    assert [bar.y + bar.height for bar in bars] == [HEIGHT] * 3
    assert bars[1].y == TOP
    assert bars[1].height == 2 * bars[2].height
    assert chart.peak is not None
    assert chart.peak.text == "20"


def test_stacked_bars_stand_on_each_other() -> None:
    series = [Series("Deleted", [1, 2, 3, 4], "deleted"), Series("Stored", [4, 3, 2, 1], "stored")]
    bars = list(Chart("Fate", DAYS, series, kind="stacked").bars)
    below, above = bars[:4], bars[4:]
    assert [bar.y for bar in below] == [pytest.approx(bar.y + bar.height, abs=0.11) for bar in above]


def test_a_line_has_a_gap_where_nothing_was_measured() -> None:
    chart = Chart("First token", DAYS, [Series("p50", [1.0, None, 2.0, 3.0])], kind="lines", unit=" s")
    assert [(line.x1, line.x2) for line in chart.lines] == [("62.5%", "87.5%")]
    assert len(list(chart.dots)) == 3
    assert dict(chart.rows)["2 Nov"] == ["—"]


def test_names_beside_the_plot_never_touch_nor_leave_it() -> None:
    series = [Series(f"Series {number}", [0, 0, 0, number / 100], "1") for number in range(6)]
    places = [label.y for label in Chart("Crowded", DAYS, series, kind="lines").names]
    assert all(two - one >= 15.9 for one, two in pairwise(places))
    assert max(places) <= HEIGHT


@pytest.mark.parametrize(
    ("value", "spelt"), [(0, "0"), (7.25, "7.25"), (950, "950"), (1234, "1.23k"), (5_000_000, "5M")]
)
def test_axes_are_spelt_short(value: float, spelt: str) -> None:
    assert Chart("Any", [], []).spell(value) == spelt


def test_what_is_drawn_is_escaped_and_has_no_style() -> None:
    page = drawn(Chart("<b>Cost</b>", DAYS, [Series("<i>", [1, 2, 3, 4]), Series("b", [1, 2, 3, 4], "2")]))
    assert "<b>Cost" not in page
    assert "<i>" not in page
    assert "style=" not in page
    assert page.count("<tr>") == 1 + len(DAYS)


@pytest.mark.parametrize(
    "chart", [Chart("None", [], []), Chart("Zero", DAYS, [Series("a", [0, 0, None, 0])])]
)
def test_without_numbers_it_says_so(chart: Chart) -> None:
    assert "Nothing to show yet." in drawn(chart)


def test_series_that_do_not_fit_their_labels_are_refused() -> None:
    with pytest.raises(ValueError, match="2 values for 4 labels"):
        Chart("Odd", DAYS, [Series("a", [1, 2])])
