"""Looks at a page: a picture without what is secret, its title, and whether a person should take over."""

import asyncio
from base64 import b64decode
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from playwright.async_api import CDPSession, Error, Frame, Page

from conversations.tools.browser.outcomes import Hand

SIGHT_SECONDS = 2.0
PICTURE_SECONDS = 5.0
MOST_FRAMES = 30
COVER = "#3b3f46"
PNG = "image/png"
QUALITY = 75
# What was once a password is hidden too when its page shows it as text.
SEEN = "data-was-password"
NAMED = ("cardnumber", "card-number", "card_number")
SHORT = ("cvc", "cvv", "iban")
SECRET = ", ".join(
    (
        f"input[type=password], input[{SEEN}], input[autocomplete~=one-time-code], input[autocomplete^=cc-]",
        *(f"input[{where}*={name} i]" for name in NAMED for where in ("name", "id")),
        *(f"input[{where}={name} i]" for name in SHORT for where in ("name", "id")),
    )
)
# By its label and kind; what somebody wrote in it is never asked for. A page that makes it fail has none.
FOCUS = """at => {
  if (!at || at === document.body || at.tagName === "IFRAME") return "";
  const kinds = {A: "link", BUTTON: "button", SUMMARY: "button", SELECT: "list", TEXTAREA: "text"};
  const is = (...names) => names.includes(at.tagName) || names.includes(at.type);
  const said = is("A", "BUTTON", "SUMMARY") ? at.innerText : is("submit", "button", "reset") ? at.value : "";
  const labels = [...(at.labels ?? [])].map(label => label.innerText).join(" ");
  const name = at.getAttribute("aria-label") || labels || said || at.placeholder || at.title || at.name;
  const kind = at.getAttribute("role") || (kinds[at.tagName] ?? (at.type || at.tagName.toLowerCase()));
  return [name, kind].filter(Boolean).join(", ").slice(0, 120);
}"""
LOOK = f"""() => {{
  const found = {{title: document.title, password: false, payment: false, focus: ""}};
  try {{ found.focus = ({FOCUS})(document.activeElement); }} catch {{}}
  for (const field of document.querySelectorAll({SECRET!r})) {{
    if (field.type === "password" && !field.hasAttribute("{SEEN}")) field.setAttribute("{SEEN}", "");
    if (!field.checkVisibility({{visibilityProperty: true}})) continue;
    const isPassword = field.hasAttribute("{SEEN}") || field.autocomplete.includes("one-time-code");
    found[isPassword ? "password" : "payment"] = true;
  }}
  return found;
}}"""


MOST_WORDS = 20_000
WORDS = f"() => (document.body?.innerText ?? '').replace(/\\n{{3,}}/g, '\\n\\n').slice(0, {MOST_WORDS})"


@dataclass(frozen=True)
class Sight:
    title: str = ""
    hand: Hand = Hand.NONE
    hiding: tuple[Frame, ...] = ()
    focus: str = ""


async def look(page: Page) -> Sight | None:
    """None if the page doesn't answer: nobody knows what would have to be covered then. Every frame is asked
    at once.
    """
    # A frame without an address never got a page, and would never answer.
    inner = [frame for frame in page.frames if frame.url and frame != page.main_frame][:MOST_FRAMES]
    frames = [page.main_frame, *inner]
    found = await asyncio.gather(*(_ask(frame) for frame in frames))
    if not found[0]:
        return None
    kinds = {kind for each in found for kind in (Hand.PASSWORD, Hand.PAYMENT) if each.get(kind)}
    hand = next((kind for kind in (Hand.PASSWORD, Hand.PAYMENT) if kind in kinds), Hand.NONE)
    told = zip(frames, found, strict=True)
    hiding = tuple(frame for frame, each in told if each.get(Hand.PASSWORD) or each.get(Hand.PAYMENT))
    focus = next((str(each["focus"]) for each in found if each.get("focus")), "")
    return Sight(str(found[0]["title"]), hand, hiding, focus)


async def read(page: Page) -> str:
    """The words of a page, as far as they are shown; empty if it doesn't answer."""
    try:
        return str(await asyncio.wait_for(page.evaluate(WORDS), SIGHT_SECONDS))
    except (Error, TimeoutError):
        return ""


async def picture(page: Page, hiding: tuple[Frame, ...], media_type: str = PNG) -> bytes:
    """Of what is in the window. Raises Error or TimeoutError."""
    taking = _covered(page, hiding, media_type) if hiding else _plain(page, media_type)
    return await asyncio.wait_for(taking, PICTURE_SECONDS)


async def _covered(page: Page, hiding: tuple[Frame, ...], media_type: str) -> bytes:
    kind: dict[str, Any] = {} if media_type == PNG else {"type": "jpeg", "quality": QUALITY}
    return await page.screenshot(
        animations="allow",
        caret="initial",
        mask=[frame.locator(SECRET) for frame in hiding],
        mask_color=COVER,
        timeout=PICTURE_SECONDS * 1000,
        **kind,
    )


async def _plain(page: Page, media_type: str) -> bytes:
    """The same without covers, which Chromium itself takes in less than half the time: its way to a smaller
    file is the slow one.
    """
    kind: dict[str, Any] = {"format": "png"} if media_type == PNG else {"format": "jpeg", "quality": QUALITY}
    if page not in _lines:
        _lines[page] = await page.context.new_cdp_session(page)
    taken = await _lines[page].send("Page.captureScreenshot", kind | {"optimizeForSpeed": True})
    return b64decode(taken["data"])


# To Chromium, by page.
_lines: WeakKeyDictionary[Page, CDPSession] = WeakKeyDictionary()


async def _ask(frame: Frame) -> dict[str, object]:
    try:
        told: dict[str, object] = await asyncio.wait_for(frame.evaluate(LOOK), SIGHT_SECONDS)
    except (Error, TimeoutError):
        return {}
    return told
