"""Files that people attach, good and bad, made for the test that needs them."""

import io
import random
import struct
import zlib
from typing import Any

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject

WHERE = {1: "N", 2: (48.0, 51.0, 24.0), 3: "E", 4: (2.0, 21.0, 3.0)}


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), colour: str = "red", **how: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind, **how)
    return out.getvalue()


def noise() -> bytes:
    """One that no packing makes small, always the same."""
    out = io.BytesIO()
    Image.frombytes("RGB", (80, 80), random.Random(1).randbytes(80 * 80 * 3)).save(out, "PNG")
    return out.getvalue()


def photo(orientation: int = 1, kind: str = "JPEG") -> bytes:
    """One that says where it was taken, by whose camera, and how it was held."""
    exif = Image.Exif()
    exif.update({0x0112: orientation, 0x010F: "Camera"})
    exif.get_ifd(0x8825).update(WHERE)
    return picture(kind, exif=exif.tobytes())


def moving(kind: str) -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


def bomb(side: int = 30_000) -> bytes:
    """A small PNG that says it has 900 million pixels."""
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(b"\0" * 1000))


def swollen() -> bytes:
    """A picture with a colour profile of half a megabyte that becomes 400."""
    whole, profile = picture(), b"profile\0\0" + zlib.compress(bytes(400_000_000), 9)
    return whole[:33] + _chunk(b"iCCP", profile) + whole[33:]


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def document(*pages: str, password: str = "") -> bytes:
    writer = PdfWriter()
    for text in pages:
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 20 200 Td ({text}) Tj ET".encode())
        _add_page(writer, stream)
    if password:
        writer.encrypt(password)
    return _written(writer)


def document_bomb() -> bytes:
    """A page of a kilobyte that becomes some hundred megabytes."""
    writer = PdfWriter()
    packed = zlib.compress(zlib.compress(b"BT ET " * 25_000_000, 9), 9)
    stream = DecodedStreamObject()
    stream.set_data(packed)
    stream[NameObject("/Filter")] = _pdf(["/FlateDecode", "/FlateDecode"])
    _add_page(writer, stream)
    return _written(writer)


def document_in_a_circle() -> bytes:
    """Its pages are within themselves."""
    catalogue = b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj"
    pages = b"2 0 obj<</Type/Pages/Kids[2 0 R]/Count 1>>endobj"
    return b"%PDF-1.4\n" + catalogue + pages + b"trailer<</Root 1 0 R>>\n%%EOF"


def _add_page(writer: PdfWriter, stream: DecodedStreamObject) -> None:
    page = writer.add_blank_page(300, 300)
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    page[NameObject("/Resources")] = _pdf({"/Font": {"/F1": font}})
    page[NameObject("/Contents")] = writer._add_object(stream)


def _pdf(value: Any) -> Any:
    if isinstance(value, dict):
        return DictionaryObject({NameObject(name): _pdf(inner) for name, inner in value.items()})
    return ArrayObject(map(_pdf, value)) if isinstance(value, list) else NameObject(value)


def _written(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
