"""A picture: of a format that the API takes, sound, still, and kept without what tells where it was taken."""

import io
import struct
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from conversations.stored.inspection.refusing import Refused

FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
MOST_PIXELS = 64_000_000
THUMBNAIL = 480
ORIENTATION = 0x0112
# What a picture is drawn from, and its colours; anything else in the file is told to nobody.
PNG_CHUNKS = {
    *(b"IHDR", b"PLTE", b"IDAT", b"IEND"),
    *(b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"pHYs"),
}
WEBP_CHUNKS = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP"}
WEBP_META_FLAGS = 0b00001100
DRAWN_WITH = ("icc_profile", "transparency", "dpi", "gamma")

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


def inspect(source: Path, target: Path, thumbnail: Path) -> dict[str, Any]:
    try:
        with Image.open(source, formats=tuple(FORMATS)) as image:
            return _taken(image, source, target, thumbnail)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise Refused("too_many_pixels") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, struct.error) as error:
        raise Refused("broken") from error


def _taken(image: Image.Image, source: Path, target: Path, thumbnail: Path) -> dict[str, Any]:
    # A camera's JPEG may hold further views of the same picture.
    kind = "JPEG" if image.format == "MPO" else str(image.format)
    if kind != "JPEG" and getattr(image, "is_animated", False):
        raise Refused("animated")
    image.load()
    upright = ImageOps.exif_transpose(image)
    if image.getexif().get(ORIENTATION, 1) != 1:
        target.write_bytes(_encoded(upright, kind))
    else:
        target.write_bytes(_without_metadata(image, kind, source.read_bytes()))
    _write_thumbnail(upright, thumbnail)
    return {"content_type": FORMATS[kind], "width": upright.width, "height": upright.height}


def _without_metadata(image: Image.Image, kind: str, data: bytes) -> bytes:
    if kind == "PNG":
        return data[:8] + b"".join(chunk for name, chunk in _png(data) if name in PNG_CHUNKS)
    if kind == "WEBP":
        return _webp(data)
    return _encoded(image, kind)


def _png(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at, name = 8, b""
    while name != b"IEND" and at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        name = data[at + 4 : at + 8]
        yield name, data[at:end]
        at = end


def _webp(data: bytes) -> bytes:
    body, at = b"WEBP", 12
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        name, end = data[at : at + 4], at + 8 + size + size % 2
        chunk = data[at:end]
        if name == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~WEBP_META_FLAGS]) + chunk[9:]
        body += chunk if name in WEBP_CHUNKS else b""
        at = end
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _encoded(image: Image.Image, kind: str) -> bytes:
    """Written anew; a JPEG by its own tables where it is as it was, which loses next to nothing."""
    image.info = {name: image.info[name] for name in DRAWN_WITH if name in image.info}
    how: dict[str, Any] = {"icc_profile": image.info.get("icc_profile")}
    if kind == "JPEG":
        how["quality"] = "keep" if image.format == "JPEG" else 95
    elif kind == "WEBP":
        how |= {"quality": 95}
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def _write_thumbnail(image: Image.Image, path: Path) -> None:
    small = image.convert("RGBA" if image.has_transparency_data else "RGB")
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    small.save(path, "WEBP", quality=80)
