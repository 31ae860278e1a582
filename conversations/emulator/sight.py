"""Pictures and documents in a request: whether the service takes them, what a model sees, what they cost.

The picture of an internet address isn't fetched; the dated previews refuse such an address.
"""

import base64
import binascii
import io
import math
import re
from collections.abc import Iterator
from typing import Any

from PIL import Image, UnidentifiedImageError
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from conversations.emulator.errors import ApiError, invalid

Json = dict[str, Any]

MOST_PICTURES = 100
MOST_BYTES = 50_000_000
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
DETAILS = ("low", "high", "auto", "original")
DATA_URL = re.compile(r"data:([\w/.+-]+);base64,")
LOW, TILE, TILE_SIDE = 85, 170, 512
PAGE = 250

COLOURS = {
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "grey": (128, 128, 128),
    "red": (220, 30, 30),
    "green": (30, 150, 50),
    "blue": (40, 70, 220),
    "yellow": (240, 220, 40),
    "orange": (245, 140, 20),
    "purple": (130, 40, 160),
    "brown": (120, 75, 40),
}


def check(items: list[Json], *, addresses: bool) -> None:
    """The first refusal of a picture or document in a request's input."""
    sizes = [size for place, part in _placed(items) for size in _checked(place, part, addresses)]
    pictures = sum(part["type"] != "input_file" for _place, part in _placed(items))
    if pictures > MOST_PICTURES:
        raise invalid(
            f"Invalid 'input': too many images. Expected at most {MOST_PICTURES}, but got {pictures}.",
            param="input",
            code="too_many_images",
        )
    if sum(sizes) >= MOST_BYTES:
        message = "The total size of the images and files in the request exceeds the limit of 50 MB."
        raise invalid(message, param="input", code="invalid_size")


def _placed(items: list[Json]) -> Iterator[tuple[str, Json]]:
    """Every part that is seen rather than read, with its place in the request."""
    for number, item in enumerate(items):
        if isinstance(item.get("output"), dict) and item["output"].get("image_url"):
            yield f"input[{number}].output", item["output"]
        for key in ("content", "output"):
            parts = item.get(key)
            for at, part in enumerate(parts if isinstance(parts, list) else []):
                if isinstance(part, dict) and part.get("type") in ("input_image", "input_file"):
                    yield f"input[{number}].{key}[{at}]", part


def _checked(place: str, part: Json, addresses: bool) -> Iterator[int]:
    if part["type"] == "input_file":
        yield from _checked_file(place, part)
        return
    if part.get("detail") not in (None, *DETAILS):
        shown = ", ".join(f"'{each}'" for each in DETAILS)
        message = f"Invalid value: '{part['detail']}'. Supported values are: {shown}."
        raise invalid(message, param=f"{place}.detail", code="invalid_value")
    url = part.get("image_url")
    if isinstance(url, str) and url.startswith("https://"):
        if not addresses:
            raise _bad_url(f"{place}.image_url", "an image MIME type", "image/png", "an internet address")
        return
    content = _content(f"{place}.image_url", url, "image/", "image/png")
    yield len(content)
    _opened(content, f"{place}.image_url")


def _opened(content: bytes, place: str = "image_url") -> Image.Image:
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
        image.load()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise _not_a_picture(place) from error
    if getattr(image, "is_animated", False):
        raise _not_a_picture(place)
    return image


def _not_a_picture(place: str) -> ApiError:
    message = (
        "The image data you provided does not represent a valid image. Please check your input and try again "
        "with one of the following image formats: ['image/jpeg', 'image/png', 'image/gif', 'image/webp']."
    )
    return invalid(message, param=place, code="invalid_image_format")


def _checked_file(place: str, part: Json) -> Iterator[int]:
    if not part.get("filename"):
        message = f"Missing required parameter: '{place}.filename'."
        raise invalid(message, param=f"{place}.filename", code="missing_required_parameter")
    content = _content(f"{place}.file_data", part.get("file_data"), "application/pdf", "application/pdf")
    yield len(content)
    try:
        len(PdfReader(io.BytesIO(content)).pages)
    except (PyPdfError, KeyError, ValueError, TypeError, AttributeError, OSError) as error:
        message = f"The file '{part['filename']}' could not be processed: it is not a valid PDF."
        raise invalid(message, param=f"{place}.file_data", code="invalid_file") from error


def _content(place: str, url: Any, kind: str, example: str) -> bytes:
    found = DATA_URL.match(url) if isinstance(url, str) else None
    wanted = "an image MIME type" if kind == "image/" else f"an {kind} MIME type"
    if found is None:
        raise _bad_url(place, wanted, example, "a value without the 'data:' prefix")
    if not found[1].startswith(kind) or "svg" in found[1]:
        raise _bad_url(place, wanted, example, f"unsupported MIME type '{found[1]}'")
    try:
        content = base64.b64decode(url[found.end() :], validate=True)
    except (binascii.Error, ValueError) as error:
        raise _bad_url(place, wanted, example, "an invalid base64-encoded value") from error
    if len(content) >= MOST_BYTES:
        message = f"Invalid '{place}': the file exceeds the limit of 50 MB."
        raise invalid(message, param=place, code="invalid_size")
    return content


def _bad_url(place: str, wanted: str, example: str, got: str) -> ApiError:
    message = (
        f"Invalid '{place}'. Expected a base64-encoded data URL with {wanted} "
        f"(e.g. 'data:{example};base64,aW1nIGJ5dGVzIGhlcmU='), but got {got}."
    )
    return invalid(message, param=place, code="invalid_value")


def seen(item: Json) -> list[str]:
    """What a model that looks at an item would say of each picture and document in it."""
    return [_described(part) for _place, part in _placed([item])]


def _described(part: Json) -> str:
    if part["type"] == "input_file":
        return _document(part)
    if part["image_url"].startswith("https://"):
        return f"The picture at {part['image_url']} is one that I can't fetch here."
    image = _picture(part)
    pixel = image.convert("RGB").resize((1, 1), Image.Resampling.BOX).tobytes()
    name = min(COLOURS, key=lambda colour: math.dist(COLOURS[colour], pixel))
    return (
        f"The picture is **{image.width} by {image.height}** pixels and mostly **{name}** (#{pixel.hex()})."
    )


def _picture(part: Json) -> Image.Image:
    return _opened(base64.b64decode(part["image_url"].partition(",")[2]))


def _document(part: Json) -> str:
    pages = _reader(part).pages
    count = "one page" if len(pages) == 1 else f"{len(pages)} pages"
    words = " ".join(pages[0].extract_text().split())[:120]
    begins = f" It begins: “{words}”" if words else " Its first page has no text."
    return f"The document **{part['filename']}** has **{count}**.{begins}"


def _reader(part: Json) -> PdfReader:
    return PdfReader(io.BytesIO(base64.b64decode(part["file_data"].partition(",")[2])))


def cost(item: Json) -> int:
    """Tokens of what is seen in an item: tiles of a picture, pages of a document beside their words."""
    return sum(_cost(part) for _place, part in _placed([item]))


def _cost(part: Json) -> int:
    if part["type"] == "input_file":
        reader = _reader(part)
        return sum(PAGE + len(page.extract_text()) // 4 for page in reader.pages)
    if part.get("detail") == "low" or part["image_url"].startswith("https://"):
        return LOW
    width, height = _picture(part).size
    return LOW + TILE * math.ceil(width / TILE_SIDE) * math.ceil(height / TILE_SIDE)
