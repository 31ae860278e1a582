"""Image generation: a real PNG, its colours chosen by the prompt, and as many previews as were asked for."""

import base64
import hashlib
import struct
import zlib

from conversations.emulator.hosted.work import Work
from conversations.emulator.objects import new_id
from conversations.emulator.streaming.calls import Call

SIDE = 256


def work(given: Work) -> Work:
    prompt = f"{given.subject}, soft colours, no text"
    picture = encoded(prompt, SIDE)
    opened = {"id": new_id("ig"), "type": "image_generation_call", "status": "in_progress", "result": None}
    done = {
        "status": "completed",
        "result": picture,
        "revised_prompt": prompt,
        "action": "generate",
        "background": "opaque",
        "output_format": "png",
        "quality": given.tool.get("quality", "medium"),
        "size": given.tool.get("size", "1024x1024"),
    }
    previews = [encoded(prompt, SIDE // 4)] * given.tool.get("partial_images", 0)
    at_first, at_last = ("in_progress", "generating"), ("completed",)
    given.calls.append(Call(opened, done, at_first=at_first, previews=previews, at_last=at_last))
    return given.say("Here is the picture.\n\n")


def encoded(prompt: str, side: int) -> str:
    """A PNG of that width and height, as base64."""
    one, other = (hashlib.sha256(f"{prompt}{n}".encode()).digest()[:3] for n in range(2))
    rows = b"".join(
        b"\0" + b"".join(_mixed(one, other, x + y, 2 * side) for x in range(side)) for y in range(side)
    )
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = (_chunk(b"IHDR", head), _chunk(b"IDAT", zlib.compress(rows)), _chunk(b"IEND", b""))
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(parts)).decode()


def _mixed(one: bytes, other: bytes, part: int, whole: int) -> bytes:
    return bytes((a * (whole - part) + b * part) // whole for a, b in zip(one, other, strict=True))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
