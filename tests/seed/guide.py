"""What the guide's samples have in common."""

import base64
from collections.abc import Callable
from typing import Any

from openai import AzureOpenAI

from conversations.responses_api import Auth
from tests.responses_api.servers import Emulator
from tests.responses_api.wires import Wire, dated_client

MODEL = "gpt-5.1"
QUESTION = "Why is the sky blue at noon?"
SIMPLER = "Say it so that a child of ten understands."

Json = dict[str, Any]


def theirs(emulator: Emulator, auth: Auth, run: Callable[[AzureOpenAI], object], operation: str) -> Wire:
    client = dated_client(emulator, auth)
    assert isinstance(client, AzureOpenAI)
    with client:
        run(client)
    return Wire.of(emulator.requests(operation)[-1])


def seen(address: str) -> Json:
    parts = [
        {"type": "input_text", "text": "What do you see?"},
        {"type": "input_image", "image_url": address},
    ]
    return {"model": MODEL, "input": [{"role": "user", "content": parts}]}


def data_url(content: bytes, kind: str = "image/jpeg") -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
