"""What the emulated model does with a computer. It looks at the last screenshot, knows a page of the shop by
its mark and counts what it has tried there since it came. Nothing is kept between two requests.

The task decides how far it goes: "order" or "buy" to the end, "tall", "high" or "size" to the size guide in
its new tab, "for ever" nowhere, and anything else to the price. `Actions: [[…], …]` is done as it stands: a
list of calls, each a list of actions.
"""

import json
import re
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from conversations.emulator.computer import marks, shop
from conversations.emulator.hosted.plan import Plan
from conversations.emulator.objects import new_id
from conversations.emulator.streaming.calls import Call
from conversations.emulator.usage import item_text

Json = dict[str, Any]
Actions = list[Json]

TOOLS = ("computer", "computer_use_preview")
LAMP = shop.found("lamp", shop.LIMIT)[0]
WAITS = 3
SENSITIVE = {
    "code": "sensitive_domain",
    "message": "The next action places an order. Please check the page before it goes on.",
}


@dataclass(frozen=True)
class Step:
    """What to do on a page: calls of several actions each. The last one may need a person's word."""

    thought: str
    calls: list[Actions] = field(default_factory=list)
    check: Json | None = None


def _click(box: shop.Box) -> Json:
    x, y = box.middle
    return {"type": "click", "button": "left", "x": x, "y": y}


def _type(text: str) -> Json:
    return {"type": "type", "text": text}


TO_THE_LAMP = {
    shop.HOME: Step(
        "I see the shop's first page. I search it for a lamp.",
        [[_click(shop.SEARCH), _type("lamp"), {"type": "keypress", "keys": ["ENTER"]}]],
    ),
    shop.RESULTS: Step("There are several lamps. I keep to those up to € 50.", [[_click(shop.UNDER)]]),
    shop.FILTERED: Step("One lamp is left. I open it.", [[_click(shop.ROWS[0])]]),
}
TO_THE_GUIDE = TO_THE_LAMP | {
    shop.ITEM: Step("The height must be in the size guide.", [[_click(shop.SIZES)]]),
}
TO_THE_END = TO_THE_LAMP | {
    shop.ITEM: Step("This is the lamp. I put it into the cart.", [[_click(shop.ADD)]]),
    shop.CART: Step("The cart is right. I go to the checkout.", [[_click(shop.PAY)]]),
    shop.CHECKOUT: Step(
        "The shop asks where to send it. I fill in the form and place the order.",
        [
            [_click(shop.NAME), _type("Alice Example"), _click(shop.STREET), _type("Quay Street 7")],
            [_click(shop.ORDER)],
        ],
        SENSITIVE,
    ),
}
ENDS = {
    shop.ITEM: f"The {LAMP.name.lower()} costs € {LAMP.price}. You have the browser again.",
    shop.GUIDE: f"The {LAMP.name.lower()} is {LAMP.height} cm high. You have the browser again.",
    shop.DONE: f"The order is placed: {shop.order_number(LAMP)}. You have the browser again.",
}
TASKS = (
    (re.compile(r"\b(?:order|buy)\b", re.IGNORECASE), TO_THE_END),
    (re.compile(r"\b(?:tall|high|sizes?|guide)\b", re.IGNORECASE), TO_THE_GUIDE),
)
FOR_EVER = re.compile(r"\bfor ?ever\b", re.IGNORECASE)
SCRIPTED = re.compile(r"Actions: *(\[.*\])", re.DOTALL)


@dataclass(frozen=True)
class Seen:
    """Since the task was given: how many calls were made, and the marks of the pictures, oldest first."""

    task: str
    calls: int
    marks: list[int | None]
    size: tuple[int, int]

    @classmethod
    def of(cls, context: list[Json]) -> "Seen":
        start = max((at for at, item in enumerate(context) if item.get("role") == "user"), default=0)
        now = context[start:]
        read = [marks.read(url) for item in now for url in _pictures(item)]
        calls = sum(item["type"] == "computer_call" for item in now)
        task = item_text(now[0]) if now else ""
        return cls(task, calls, [mark for mark, _size in read], read[-1][1] if read else (0, 0))

    @property
    def tried(self) -> int:
        """Calls that did not lead away from the page that is to be seen."""
        return sum(1 for _mark in takewhile(lambda mark: mark == self.marks[-1], reversed(self.marks))) - 1


def _pictures(item: Json) -> list[str]:
    output = item.get("output")
    parts = [output] if isinstance(output, dict) else item.get("content") or []
    return [part["image_url"] for part in parts if isinstance(part, dict) and part.get("image_url")]


def plan(request: Json, context: list[Json]) -> Plan | None:
    """None where there is no computer to use."""
    kind = next((tool["type"] for tool in request.get("tools") or [] if tool["type"] in TOOLS), None)
    if kind is None or request.get("tool_choice") == "none":
        return None
    seen = Seen.of(context)
    scripted = SCRIPTED.search(seen.task)
    if scripted:
        return _scripted(json.loads(scripted[1]), seen, kind)
    if not seen.marks:
        return _call([{"type": "screenshot"}], kind, "I look at the screen first.")
    if FOR_EVER.search(seen.task):
        return _call([_scroll(seen)], kind, "I look further down.")
    return _next(seen, kind)


def _scripted(calls: list[Actions], seen: Seen, kind: str) -> Plan:
    calls = _cut(calls, kind)
    if seen.calls >= len(calls):
        return Plan(said=f"I did all {seen.calls} calls. You have the browser again.")
    return _call(calls[seen.calls], kind, "I do what was asked for.")


def _next(seen: Seen, kind: str) -> Plan:
    pages = next((pages for words, pages in TASKS if words.search(seen.task)), TO_THE_LAMP)
    mark = seen.marks[-1]
    step = pages.get(mark) if mark is not None else None
    if step is None:
        return Plan(said=_farewell(mark, seen))
    calls = _cut(step.calls, kind)
    if seen.tried < len(calls):
        last = seen.tried == len(calls) - 1
        return _call(calls[seen.tried], kind, step.thought, step.check if last else None)
    if seen.tried < len(calls) + WAITS:
        return _call([{"type": "wait"}], kind, "The page is still the same. I wait.")
    return Plan(said="The page does not react, so I stop here. You have the browser again.")


def _farewell(mark: int | None, seen: Seen) -> str:
    if mark in ENDS:
        return ENDS[mark]
    width, height = seen.size
    return (
        f"I see a picture of {width} by {height} pixels, and it is no page from which I know the way. "
        "Please open the shop. You have the browser again."
    )


def _scroll(seen: Seen) -> Json:
    width, height = seen.size
    down = 120 if seen.calls % 2 == 0 else -120
    return {"type": "scroll", "x": width // 2, "y": height // 2, "scroll_x": 0, "scroll_y": down}


def _cut(calls: list[Actions], kind: str) -> list[Actions]:
    """The preview makes one action a call."""
    return [[action] for call in calls for action in call] if kind == "computer_use_preview" else calls


def _call(actions: Actions, kind: str, thought: str, check: Json | None = None) -> Plan:
    pending = [{"id": new_id("cu_sc"), **check}] if check else []
    asked: Json = {"action": actions[0]} if kind == "computer_use_preview" else {"actions": actions}
    opened = {
        "id": new_id("cu"),
        "type": "computer_call",
        "status": "in_progress",
        "call_id": f"call_{new_id('c')[2:26]}",
        "pending_safety_checks": pending,
        **asked,
    }
    return Plan([Call(opened, {"status": "completed"})], waits=True, thoughts=[thought])
