"""A webhook's URL out of Key Vault.

What runs against the vault is a process of its own, since the vault's client reads whom it trusts when it is
imported.
"""

import asyncio
import os
import sys
from collections.abc import Iterator

import pytest

from responses_ui.env import ROOT
from tests.people.receiving import Hook, hook
from tests.responses_api.conftest import emulator  # noqa: F401  a fixture for here too
from tests.responses_api.servers import IDENTITY_HEADER, Emulator
from tests.responses_api.test_keys_by_name import Vault, vault  # noqa: F401  a fixture for here too

PROGRAM = """
import asyncio, sys, django
django.setup()
from django.utils import timezone
from conversations.models.notices import ChannelKind
from conversations.people.notices import webhooks
from conversations.people.notices.messages import Message
target = webhooks.Target(ChannelKind.SLACK, sys.argv[2], "", sys.argv[1])
try:
    asyncio.run(webhooks.send(target, Message("delivery_1", "test", timezone.now(), "A test", "Read")))
except webhooks.NotSent as error:
    print(error)
"""


async def send(emulator: Emulator, vault: Vault, name: str) -> str:  # noqa: F811
    identity = {"IDENTITY_ENDPOINT": f"{emulator.url}/identity/token", "IDENTITY_HEADER": IDENTITY_HEADER}
    trust = {"SSL_CERT_FILE": str(vault.certificate), "PYTHONPATH": str(ROOT)}
    django = {"DJANGO_SETTINGS_MODULE": "responses_ui.settings"}
    address = f"https://127.0.0.1:{vault.port}/"
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", "-c", PROGRAM, address, name),
        env={**os.environ, **identity, **trust, **django},
        stdout=pipe,
        stderr=pipe,
    )
    said, complaints = await process.communicate()
    assert "Warning" not in complaints.decode()
    assert process.returncode == 0, complaints.decode()
    return said.decode().strip()


@pytest.fixture
def receiver() -> Iterator[Hook]:
    with hook() as here:
        yield here


async def test_it_is_fetched_from_the_vault_and_never_told(
    emulator: Emulator,  # noqa: F811
    vault: Vault,  # noqa: F811
    receiver: Hook,
) -> None:
    vault.key = f"{receiver.url}?sig=canary"
    assert await send(emulator, vault, "openai-key") == ""
    assert [body["text"] for body in receiver.bodies] == ["A test"]
    vault.key = "http://hooks.example.com/canary"
    assert await send(emulator, vault, "openai-key") == "The URL must begin with https://."
    said = await send(emulator, vault, "other")
    assert said.startswith("Key Vault secret other: ")
    assert "canary" not in said
