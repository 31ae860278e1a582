"""Each action in a real Chromium, as the page itself hears of it: pixel for pixel and key for key."""

from typing import Any

import pytest

from conversations.tools.browser import (
    Click,
    DoubleClick,
    Drag,
    Keypress,
    Kind,
    Move,
    Point,
    Screenshot,
    Scroll,
    Type,
    Wait,
)
from tests.tools.browser.visiting import HEIGHT, WIDTH, Visit, pixel

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

AT = Point(123, 45)
# As the API's own example maps them.
OF_THE_EXAMPLE = {
    "/": ("/", "Slash"),
    "\\": ("\\", "Backslash"),
    "alt": ("Alt", "AltLeft"),
    "arrowdown": ("ArrowDown", "ArrowDown"),
    "arrowleft": ("ArrowLeft", "ArrowLeft"),
    "arrowright": ("ArrowRight", "ArrowRight"),
    "arrowup": ("ArrowUp", "ArrowUp"),
    "backspace": ("Backspace", "Backspace"),
    "ctrl": ("Control", "ControlLeft"),
    "delete": ("Delete", "Delete"),
    "enter": ("Enter", "Enter"),
    "esc": ("Escape", "Escape"),
    "shift": ("Shift", "ShiftLeft"),
    "space": (" ", "Space"),
    "tab": ("Tab", "Tab"),
    "win": ("Meta", "MetaLeft"),
    "cmd": ("Meta", "MetaLeft"),
    "super": ("Meta", "MetaLeft"),
    "option": ("Alt", "AltLeft"),
}


def without(said: list[Any], *kinds: str) -> list[Any]:
    return [each for each in said if each[0] not in kinds]


async def heard(visit: Visit, last: str) -> list[Any]:
    return list(await visit.site.heard(lambda said: any(each[0] == last for each in said)))


@pytest.mark.parametrize(
    ("button", "number", "end"),
    [("left", 0, "click"), ("right", 2, "auxclick"), ("middle", 1, "auxclick"), ("wheel", 1, "auxclick")],
)
async def test_a_click_comes_with_its_button(visit: Visit, button: str, number: int, end: str) -> None:
    await visit.on("reports.html")
    outcome = await visit.browser.do(Click(AT, button))
    said = without(await heard(visit, end), "contextmenu")
    assert said == [
        ["mousemove", 123, 45, 0, ""],
        ["mousedown", 123, 45, number, ""],
        ["mouseup", 123, 45, number, ""],
        [end, 123, 45, number, ""],
    ]
    assert outcome.pointer == (123, 45)


async def test_back_and_forward_travel(visit: Visit) -> None:
    await visit.on("plain.html")
    await visit.on("reports.html")
    assert (await visit.browser.do(Click(AT, "back"))).url == visit.site.url("plain.html")
    assert (await visit.browser.do(Click(AT, "forward"))).url == visit.site.url("reports.html")
    outcome = await visit.browser.do(Click(AT, "forward"))
    assert outcome.notes == ("There is no page to go forward to.",)


async def test_keys_of_the_browsers_window_work_too(visit: Visit) -> None:
    await visit.on("plain.html")
    await visit.on("reports.html")
    assert (await visit.browser.do(Keypress(("ALT", "ARROWLEFT")))).url == visit.site.url("plain.html")
    assert (await visit.browser.do(Keypress(("alt+right",)))).url == visit.site.url("reports.html")
    visit.site.asked.clear()
    await visit.browser.do(Keypress(("F5",)))
    await visit.browser.do(Keypress(("CTRL", "R")))
    assert visit.site.asked == ["/reports.html"] * 2


async def test_a_double_click_is_one(visit: Visit) -> None:
    await visit.on("reports.html")
    await visit.browser.do(DoubleClick(AT))
    said = without(await heard(visit, "dblclick"), "mousemove")
    assert [each[0] for each in said] == [*("mousedown", "mouseup", "click") * 2, "dblclick"]
    assert said[-1] == ["dblclick", 123, 45, 0, ""]


async def test_a_drag_goes_along_its_path(visit: Visit) -> None:
    await visit.on("reports.html")
    await visit.browser.do(Drag((AT, Point(200, 50), Point(20, 300)), ("SHIFT",)))
    said = without(await heard(visit, "click"), "keydown", "keyup")
    assert said == [
        ["mousemove", 123, 45, 0, "shift"],
        ["mousedown", 123, 45, 0, "shift"],
        ["mousemove", 200, 50, 0, "shift"],
        ["mousemove", 20, 300, 0, "shift"],
        ["mouseup", 20, 300, 0, "shift"],
        ["click", 20, 300, 0, "shift"],
    ]


async def test_a_move_presses_nothing(visit: Visit) -> None:
    await visit.on("reports.html")
    outcome = await visit.browser.do(Move(AT))
    assert await heard(visit, "mousemove") == [["mousemove", 123, 45, 0, ""]]
    assert outcome.pointer == (123, 45)


async def test_a_scroll_is_one_of_the_wheel_where_the_pointer_is(visit: Visit) -> None:
    await visit.on("reports.html")
    await visit.browser.do(Scroll(AT, Point(30, 400)))
    said = without(await heard(visit, "scrolled"), "mousemove")
    assert said[0] == ["wheel", 123, 45, 30, 400, ""]
    assert (await visit.site.heard(lambda said: said[-1][0] == "scrolled"))[-1] == ["scrolled", 30, 400]


@pytest.mark.parametrize("name", OF_THE_EXAMPLE)
async def test_each_key_of_the_example_arrives(visit: Visit, name: str) -> None:
    await visit.on("reports.html")
    await visit.browser.do(Keypress((name.upper(),)))
    key, code = OF_THE_EXAMPLE[name]
    held = {"Control": "ctrl", "Shift": "shift", "Alt": "alt", "Meta": "meta"}.get(key, "")
    said = without(await heard(visit, "keyup"), "scrolled")
    assert said == [["keydown", key, code, held], ["keyup", key, code, ""]]


async def test_a_combination_is_held_down_and_let_go(visit: Visit) -> None:
    await visit.on("reports.html")
    await visit.browser.do(Keypress(("CTRL", "SHIFT", "ARROWLEFT")))
    said = await visit.site.heard(lambda said: len(said) == 6)
    assert said == [
        ["keydown", "Control", "ControlLeft", "ctrl"],
        ["keydown", "Shift", "ShiftLeft", "ctrl+shift"],
        ["keydown", "ArrowLeft", "ArrowLeft", "ctrl+shift"],
        ["keyup", "ArrowLeft", "ArrowLeft", "ctrl+shift"],
        ["keyup", "Shift", "ShiftLeft", "ctrl"],
        ["keyup", "Control", "ControlLeft", ""],
    ]


async def test_keys_are_held_while_the_mouse_works(visit: Visit) -> None:
    await visit.on("reports.html")
    await visit.browser.do(Click(AT, keys=("CTRL", "ALT")))
    said = await visit.site.heard(lambda said: len(said) == 8)
    assert ["click", 123, 45, 0, "ctrl+alt"] in said
    assert [each[1] for each in said if each[0] == "keyup"] == ["Alt", "Control"]


async def test_a_key_that_is_none_is_a_note_and_no_key_stays_down(visit: Visit) -> None:
    await visit.on("reports.html")
    outcome = await visit.browser.do(Keypress(("CTRL", "Nonsense")))
    assert outcome.notes == ('It could not be done: Unknown key: "Nonsense"',)
    assert (await heard(visit, "keyup"))[-1] == ["keyup", "Control", "ControlLeft", ""]


async def test_text_is_typed_as_it_is(visit: Visit) -> None:
    await visit.on("reports.html")
    await visit.browser.do(Click(Point(50, HEIGHT - 10)))
    text = "Grüße, 5 < 6 🙂"
    await visit.browser.do(Type(text))
    await visit.site.heard(lambda said: ["input", text] in said)


@pytest.mark.parametrize(
    ("point", "inside"),
    [
        (Point(-5, -1), (0, 0)),
        (Point(WIDTH, HEIGHT), (WIDTH - 1, HEIGHT - 1)),
        (Point(10**6, 3), (WIDTH - 1, 3)),
    ],
)
async def test_coordinates_stay_inside_the_picture(
    visit: Visit, point: Point, inside: tuple[int, int]
) -> None:
    await visit.on("reports.html")
    outcome = await visit.browser.do(Click(point))
    assert outcome.pointer == inside
    assert ["click", *inside, 0, ""] in await heard(visit, "click")


async def test_a_picture_shows_the_window_and_nothing_else(visit: Visit) -> None:
    outcome = await visit.on("plain.html")
    assert pixel(outcome, WIDTH - 1, HEIGHT - 1) == (0x22, 0xAA, 0x77)
    assert (outcome.title, outcome.url) == ("Plain", visit.site.url("plain.html"))
    assert not outcome.is_stale
    for action in (Screenshot(), Wait(20)):
        assert pixel(await visit.browser.do(action), 0, 0) == (0x22, 0xAA, 0x77)


async def test_a_person_works_in_the_same_browser_and_only_where_they_go_is_told(visit: Visit) -> None:
    await visit.on("reports.html")
    outcome = await visit.browser.person(Click(Point(50, HEIGHT - 10)), Type("secret"))
    assert (outcome.media_type, outcome.screenshot[:2]) == ("image/jpeg", b"\xff\xd8")
    assert "secret" not in outcome.focus
    await visit.site.heard(lambda said: ["input", "secret"] in said)
    assert not visit.events
    await visit.browser.person(Keypress(("F5",)))
    assert visit.told(Kind.NAVIGATED) == [(visit.site.url("reports.html"), "A page was opened.")]
    await visit.browser.person(url=visit.site.url("plain.html"))
    assert visit.told(Kind.NAVIGATED)[1:] == [(visit.site.url("plain.html"), "A page was opened.")]
    assert "secret" not in repr(visit.events)
    assert (await visit.browser.look()).media_type == "image/png"
