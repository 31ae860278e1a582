"""A shop of a few pages, for the demo and for tests: search, filter, cart, form, a page in a new tab, one
with a password, one that never finishes loading. It keeps nothing; what is in the cart stands in the address.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qs, quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from conversations.emulator.computer import marks

HOME, RESULTS, FILTERED, ITEM, GUIDE, CART, CHECKOUT, DONE, ACCOUNT = range(1, 10)
LIMIT = 50


@dataclass(frozen=True)
class Good:
    key: str
    name: str
    price: int
    about: str
    height: int


GOODS = (
    Good("arc-lamp", "Arc desk lamp", 74, "A steel arm that stays where you put it.", 52),
    Good("floor-lamp", "Harbour floor lamp", 129, "Linen shade, oak foot, a warm corner.", 158),
    Good("reading-lamp", "Reading lamp", 39, "Small, bright, and it folds away.", 38),
    Good("mug", "Stoneware mug", 14, "Glazed by hand in grey and blue.", 9),
    Good("blanket", "Wool blanket", 88, "Woven from the wool of one flock.", 2),
)


@dataclass(frozen=True)
class Box:
    """Where a control lies, whatever the size of the window."""

    x: int
    y: int
    width: int
    height: int = 44

    @property
    def middle(self) -> tuple[int, int]:
        return self.x + self.width // 2, self.y + self.height // 2

    @property
    def style(self) -> str:
        return f"left:{self.x}px;top:{self.y}px;width:{self.width}px;height:{self.height}px"


SEARCH, FIND = Box(40, 100, 380), Box(432, 100, 110)
UNDER = Box(40, 164, 150, 36)
ROWS = tuple(Box(40, 216 + 104 * at, 640, 92) for at in range(4))
ADD, SIZES = Box(360, 380, 180), Box(360, 440, 180, 32)
PAY = Box(40, 320, 180)
NAME, STREET, ORDER = Box(40, 230, 380), Box(40, 320, 380), Box(40, 396, 180)
USER, PASSWORD, ENTER = Box(40, 230, 380), Box(40, 320, 380), Box(40, 396, 180)

STYLE = """
body { margin: 0; position: relative; width: 760px; height: 640px; background: #faf8f4; color: #26221c;
  font: 16px/1.4 "Liberation Sans", Arial, sans-serif; }
header { position: absolute; left: 0; top: 0; width: 100vw; height: 72px; background: #2f4a3f; color: #fff; }
header b { position: absolute; left: 40px; top: 22px; font-size: 22px; letter-spacing: .04em; }
header a { position: absolute; left: 640px; top: 26px; color: #fff; }
i.mark { position: fixed; top: 0; width: 6px; height: 6px; z-index: 9; }
main > * { position: absolute; box-sizing: border-box; margin: 0; }
input, button, a.button { font: inherit; border-radius: 6px; border: 1px solid #b9b2a5; padding: 0 12px; }
button, a.button { background: #2f4a3f; border-color: #2f4a3f; color: #fff; text-align: center;
  text-decoration: none; line-height: 42px; cursor: pointer; }
a.filter { background: #fff; color: #26221c; border-color: #b9b2a5; line-height: 34px; }
a.good { display: block; background: #fff; border: 1px solid #e2dccf; border-radius: 8px; padding: 14px 16px;
  color: inherit; text-decoration: none; }
a.good b { display: block; font-size: 18px; } a.good span { color: #6b6558; }
a.good em { position: absolute; right: 16px; top: 30px; font: bold 18px/1 inherit; font-style: normal; }
h1 { font-size: 26px; } label { color: #6b6558; white-space: nowrap; }
.picture { background: #efe3c2; border-radius: 12px; }
"""

LAMP = (
    '<svg viewBox="0 0 280 280"><path d="M105 60h70l28 80H77z" fill="#c9733b"/>'
    '<path d="M136 140h8v76h-8z" fill="#26221c"/><path d="M100 216h80v10h-80z" fill="#26221c"/></svg>'
)


def _page(mark: int, title: str, main: str) -> HTMLResponse:
    strip = "".join(
        f'<i class="mark" style="left:{at * marks.SIDE}px;background:rgb{colour}"></i>'
        for at, colour in enumerate(marks.colours(mark))
    )
    return HTMLResponse(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{title} · Lantern &amp; Loom</title>"
        f'<link rel="icon" href="data:,"><style>{STYLE}</style></head><body>{strip}'
        '<header><b>Lantern &amp; Loom</b><a href="/shop/account">Account</a></header>'
        f"<main>{main}</main></body></html>"
    )


def _at(x: int, y: int, html: str) -> str:
    return html.replace(">", f' style="left:{x}px;top:{y}px">', 1)


def _search(words: str = "") -> str:
    return (
        f'<form action="/shop/search"><input name="q" aria-label="Search" value="{escape(words)}" '
        f'placeholder="Search the shop" style="position:absolute;box-sizing:border-box;{SEARCH.style}">'
        f'<button style="position:absolute;{FIND.style}">Search</button></form>'
    )


def _rows(goods: list[Good]) -> str:
    return "".join(
        f'<a class="good" href="/shop/item/{good.key}" style="{box.style}"><b>{good.name}</b>'
        f"<span>{good.about}</span><em>€ {good.price}</em></a>"
        for box, good in zip(ROWS, goods, strict=False)
    )


async def home(_request: Request) -> Response:
    return _page(
        HOME, "Welcome", _search() + _at(40, 168, "<label>New this week</label>") + _rows([*GOODS[1:]])
    )


def found(words: str, most: int | None = None) -> list[Good]:
    return [
        good for good in GOODS if words.lower() in good.name.lower() and (most is None or good.price <= most)
    ]


async def search(request: Request) -> Response:
    words, most = request.query_params.get("q", ""), request.query_params.get("most")
    goods = found(words, int(most) if most and most.isdecimal() else None)
    link = f"/shop/search?q={quote(words)}" + ("" if most else f"&most={LIMIT}")
    text = "Any price" if most else f"Up to € {LIMIT}"
    narrow = f'<a class="button filter" style="{UNDER.style}" href="{escape(link)}">{text}</a>'
    none = _at(40, 230, "<p>Nothing found.</p>") if not goods else ""
    return _page(FILTERED if most else RESULTS, "Search", _search(words) + narrow + _rows(goods) + none)


def _good(key: str) -> Good:
    return next((good for good in GOODS if good.key == key), GOODS[0])


async def item(request: Request) -> Response:
    good = _good(request.path_params["key"])
    add = f'<a class="button" style="{ADD.style}" href="/shop/cart?item={good.key}">Add to cart</a>'
    sizes = f'<a target="_blank" style="{SIZES.style}" href="/shop/guide/{good.key}">Size guide</a>'
    picture = f'<div class="picture" style="left:40px;top:164px;width:280px;height:280px">{LAMP}</div>'
    told = (
        _at(360, 170, f"<h1>{good.name}</h1>")
        + _at(360, 220, f"<p>{good.about}</p>")
        + _at(360, 300, f"<h1>€ {good.price}</h1>")
    )
    return _page(ITEM, good.name, _search() + picture + told + add + sizes)


async def guide(request: Request) -> Response:
    good = _good(request.path_params["key"])
    told = _at(40, 120, f"<h1>Sizes of {good.name}</h1>")
    return _page(GUIDE, "Size guide", told + _at(40, 180, f"<p>Height: {good.height} cm</p>"))


async def cart(request: Request) -> Response:
    good = _good(request.query_params.get("item", ""))
    told = _at(40, 120, "<h1>Your cart</h1>") + _at(40, 200, f"<p>One {good.name}: € {good.price}</p>")
    pay = f'<a class="button" style="{PAY.style}" href="/shop/checkout?item={good.key}">Checkout</a>'
    return _page(CART, "Cart", told + pay)


def _field(box: Box, name: str, label: str, kind: str = "text") -> str:
    return (
        f'<label for="{name}" style="position:absolute;left:{box.x}px;top:{box.y - 26}px">{label}</label>'
        f'<input id="{name}" name="{name}" type="{kind}" '
        f'style="position:absolute;box-sizing:border-box;{box.style}">'
    )


def _submit(box: Box, label: str) -> str:
    return f'<button style="position:absolute;{box.style}">{label}</button>'


async def checkout(request: Request) -> Response:
    if request.method == "POST":
        return await _ordered(request)
    fields = _field(NAME, "name", "Your name") + _field(STREET, "street", "Street and number")
    form = f'<form method="post">{fields}{_submit(ORDER, "Place order")}</form>'
    return _page(CHECKOUT, "Checkout", _at(40, 120, "<h1>Where shall it go?</h1>") + form)


async def _ordered(request: Request) -> Response:
    given = parse_qs((await request.body()).decode(errors="replace"))
    name = escape(given.get("name", ["friend"])[0][:80])
    good = _good(request.query_params.get("item", ""))
    told = _at(40, 120, f"<h1>Thank you, {name}</h1>")
    return _page(DONE, "Order", told + _at(40, 180, f"<p>Order {order_number(good)} is on its way.</p>"))


def order_number(good: Good) -> str:
    return f"LL-{1000 + 37 * GOODS.index(good)}"


async def account(_request: Request) -> Response:
    fields = _field(USER, "user", "E-mail") + _field(PASSWORD, "password", "Password", "password")
    form = f'<form method="post" action="/shop/">{fields}{_submit(ENTER, "Log in")}</form>'
    return _page(ACCOUNT, "Account", _at(40, 120, "<h1>Your account</h1>") + form)


async def hang(_request: Request) -> Response:
    """The head of a page, and then nothing."""

    async def parts() -> AsyncIterator[str]:
        yield "<!doctype html><title>Never done</title>"
        await asyncio.Event().wait()

    return StreamingResponse(parts(), media_type="text/html")


async def stuck(_request: Request) -> Response:
    """A page that is busy for ever from the first click on."""
    return HTMLResponse(
        "<!doctype html><title>Stuck</title>"
        "<body style='background: #f6e7d8'><script>onclick = () => { for (;;); }</script>"
    )


def routes() -> list[Route]:
    both = ["GET", "POST"]
    return [
        Route("/shop/", home, methods=both),
        Route("/shop/search", search),
        Route("/shop/item/{key}", item),
        Route("/shop/guide/{key}", guide),
        Route("/shop/cart", cart),
        Route("/shop/checkout", checkout, methods=both),
        Route("/shop/account", account),
        Route("/shop/hang", hang),
        Route("/shop/stuck", stuck),
    ]
