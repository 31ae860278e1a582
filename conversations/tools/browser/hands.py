"""Carries out one action on a page, with a mouse and a keyboard."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Literal

from playwright.async_api import Error, Page

from conversations.tools.browser.actions import (
    Action,
    Click,
    DoubleClick,
    Drag,
    Keypress,
    Move,
    Point,
    Screenshot,
    Scroll,
    Type,
    Wait,
)
from conversations.tools.browser.keys import key_names

logger = logging.getLogger(__name__)

RELEASE_SECONDS = 1.0
# A press of the wheel is the middle button; back and forward are no buttons that a page hears of.
PRESSED: dict[str, Literal["left", "middle", "right"]] = {
    "left": "left",
    "right": "right",
    "middle": "middle",
    "wheel": "middle",
}
# What a browser's own window would do with them.
SHORTCUTS = {
    ("Alt", "ArrowLeft"): "back",
    ("Alt", "ArrowRight"): "forward",
    ("Control", "r"): "reload",
    ("F5",): "reload",
}


class Hands:
    def __init__(self, width: int, height: int) -> None:
        self._right, self._bottom = width - 1, height - 1
        self.pointer = Point(0, 0)

    async def carry_out(self, page: Page, action: Action) -> str:
        """A sentence if nothing came of it."""
        match action:
            case Click(button="back" | "forward" as way):
                return await travel(page, way)
            case Keypress(keys):
                return await self._press(page, key_names(keys))
            case Type(text):
                await page.keyboard.type(text)
            case Wait(ms):
                await asyncio.sleep(ms / 1000)
            case Screenshot():
                pass
            case _:
                async with holding(page, key_names(action.keys)):
                    await self._use_mouse(page, action)
        return ""

    async def _use_mouse(self, page: Page, action: Click | DoubleClick | Drag | Move | Scroll) -> None:
        if isinstance(action, Drag):
            await self._drag(page, action.path)
            return
        x, y = self._to(action.at)
        if isinstance(action, Click):
            await page.mouse.click(x, y, button=PRESSED[action.button])
        elif isinstance(action, DoubleClick):
            await page.mouse.dblclick(x, y)
        else:
            await page.mouse.move(x, y)
        if isinstance(action, Scroll):
            await page.mouse.wheel(action.by.x, action.by.y)

    async def _drag(self, page: Page, path: tuple[Point, ...]) -> None:
        await page.mouse.move(*self._to(path[0]))
        await page.mouse.down()
        try:
            for point in path[1:]:
                await page.mouse.move(*self._to(point))
        finally:
            await _let_go(page.mouse.up())

    async def _press(self, page: Page, keys: list[str]) -> str:
        """The last key while those before it are held."""
        async with holding(page, keys[:-1]):
            await page.keyboard.press(keys[-1])
        way = SHORTCUTS.get(tuple(keys))
        return await travel(page, way) if way else ""

    def _to(self, point: Point) -> tuple[int, int]:
        """Inside the picture."""
        self.pointer = Point(max(0, min(point.x, self._right)), max(0, min(point.y, self._bottom)))
        return self.pointer.x, self.pointer.y


async def travel(page: Page, way: str) -> str:
    if way == "reload":
        await page.reload(wait_until="commit")
        return ""
    go = page.go_back if way == "back" else page.go_forward
    before = page.url
    arrived = await go(wait_until="commit")
    # Inside of a page there is no answer of a server.
    return "" if arrived or page.url != before else f"There is no page to go {way} to."


@asynccontextmanager
async def holding(page: Page, keys: list[str]) -> AsyncIterator[None]:
    held: list[str] = []
    try:
        for key in keys:
            await page.keyboard.down(key)
            held.append(key)
        yield
    finally:
        for key in reversed(held):
            await _let_go(page.keyboard.up(key))


async def _let_go(release: Coroutine[Any, Any, None]) -> None:
    """A page that hangs or has gone must not keep us."""
    try:
        await asyncio.wait_for(release, RELEASE_SECONDS)
    except (Error, TimeoutError) as error:
        logger.debug("Nothing was let go of: %r", error)
