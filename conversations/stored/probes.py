"""The small requests that show what a deployment can do. Nothing of them is stored upstream.

What can't be tried without storing something, calling somebody's server or paying for a tool has none: what
is written about it stands.
"""

import base64
import io
from collections.abc import Mapping
from functools import cache
from typing import Any

from PIL import Image

from conversations.responses_api import Endpoint, ResponsesAPI
from conversations.stored.capabilities import EFFORTS

Json = dict[str, Any]

WORDS = "Say ok."
BASE: Json = {"input": WORDS, "max_output_tokens": 16, "store": False}
ECHO = {
    "type": "function",
    "name": "echo",
    "description": "Says what it was given.",
    "parameters": {
        "type": "object",
        "properties": {"words": {"type": "string"}},
        "required": ["words"],
        "additionalProperties": False,
    },
    "strict": True,
}
SCHEMA = {"type": "json_schema", "name": "ok", "strict": True, "schema": ECHO["parameters"]}
CHANGES: Mapping[str, Json] = {
    "not_stored": {},
    "tools": {"tools": [ECHO]},
    "parallel_tool_calls": {"tools": [ECHO], "parallel_tool_calls": True},
    "tool_choice": {"tools": [ECHO], "tool_choice": "none"},
    "structured_output": {"text": {"format": SCHEMA}},
    **{f"effort:{effort}": {"reasoning": {"effort": effort}} for effort in EFFORTS},
    "summary": {"reasoning": {"summary": "auto"}},
    "generate_summary": {"reasoning": {"generate_summary": "concise"}},
    "encrypted_reasoning": {"include": ["reasoning.encrypted_content"]},
    "web_search": {"tools": [{"type": "web_search"}]},
    "image_generation": {"tools": [{"type": "image_generation"}]},
    "temperature": {"temperature": 0.5},
    "top_p": {"top_p": 0.5},
    "verbosity": {"text": {"verbosity": "low"}},
    "prompt_cache_key": {"prompt_cache_key": "test"},
    "truncation_auto": {"truncation": "auto"},
}
FILES = ("images", "files")
# By doors of their own.
STREAMING, COUNTING = "streaming", "input_tokens_count"
# The first one has to work, or nothing is learned from the others.
FEATURES = (*CHANGES, *FILES, STREAMING, COUNTING)


async def ask(api: ResponsesAPI, address: Endpoint, deployment: str, feature: str) -> Json:
    """Upstream's answer, empty where there is none to keep; a ResponsesAPIError says why it can't be done."""
    if feature == COUNTING:
        await api.count_input_tokens(address, {"model": deployment, "input": WORDS})
        return {}
    request = {**BASE, "model": deployment, **change(feature)}
    if feature == STREAMING:
        async with api.stream(address, request) as events:
            async for _event in events:
                return {}
        return {}
    return await api.create(address, request)


def change(feature: str) -> Json:
    if feature in FILES:
        return {
            "input": [{"role": "user", "content": [_file(feature), {"type": "input_text", "text": WORDS}]}]
        }
    return CHANGES.get(feature, {})


@cache
def _file(feature: str) -> Json:
    if feature == "images":
        return {"type": "input_image", "image_url": _data_url("image/png", _picture()), "detail": "low"}
    return {"type": "input_file", "filename": "ok.pdf", "file_data": _data_url("application/pdf", _page())}


def _data_url(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 32), "red").save(out, "PNG")
    return out.getvalue()


def _page() -> bytes:
    from pypdf import PdfWriter  # noqa: PLC0415  a tenth of a second that every process would pay

    out = io.BytesIO()
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.write(out)
    return out.getvalue()
