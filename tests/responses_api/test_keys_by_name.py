"""Keys from the environment and from Key Vault, where a vault is a TLS server on loopback.

The vault's client takes nothing but TLS with a certificate that it trusts, and reads which ones when it is
imported, so what runs against the vault is a process of its own.
"""

import asyncio
import json
import os
import ssl
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Self

import pytest

from conversations.responses_api import BadConfiguration, Refused, ResponsesAPI
from tests.responses_api.certificates import make_certificate
from tests.responses_api.servers import IDENTITY_HEADER, KEY, KEY_VARIABLE, Emulator

REQUEST = {"model": "gpt-5.1", "input": "hi"}
ROOT = Path(__file__).parents[2]


async def test_a_missing_variable_is_named(
    emulator: Emulator, api: ResponsesAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    for value in (None, "  "):
        monkeypatch.delenv(KEY_VARIABLE, raising=False)
        if value is not None:
            monkeypatch.setenv(KEY_VARIABLE, value)
        with pytest.raises(BadConfiguration, match=KEY_VARIABLE) as missing:
            await api.create(emulator.endpoint(), REQUEST)
        assert missing.value.kind == "key_missing"


async def test_a_wrong_key_is_refused_without_being_shown(
    emulator: Emulator, api: ResponsesAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "CANARY-key-that-is-wrong")
    with pytest.raises(Refused) as refused:
        await api.create(emulator.endpoint(), REQUEST)
    assert refused.value.status == 401
    assert "CANARY" not in f"{refused.value!r} {refused.value.as_dict()} {refused.value.body}"


class Vault:
    """Answers like Key Vault: a challenge first, then the secret. `key` may change as in a rotation."""

    def __init__(self, folder: Path) -> None:
        self.certificate, self._private = folder / "ca.pem", folder / "key.pem"
        self.key = KEY
        self.status = 200
        self.asked: list[dict[str, str]] = []

    async def __aenter__(self) -> Self:
        make_certificate(self.certificate, self._private)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self._private)
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *args: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        if first.startswith("GET /secrets/openai-key/"):
            self.asked.append(headers)
        status, body = self._body(first, headers)
        # A vault's tokens are for its parent domain; 0.0.1 is the parent of 127.0.0.1.
        challenge = f'Bearer authorization="https://login.microsoftonline.com/t", resource="https://0.0.1:{self.port}"'
        answer = [f"HTTP/1.1 {status} X", "content-type: application/json", f"content-length: {len(body)}"]
        answer += [
            "connection: close",
            *([f"www-authenticate: {challenge}"] if status == 401 else []),
            "",
            body,
        ]
        writer.write("\r\n".join(answer).encode())
        await writer.drain()
        writer.close()

    def _body(self, first: str, headers: dict[str, str]) -> tuple[int, str]:
        if "authorization" not in headers:
            return 401, "{}"
        if not first.startswith("GET /secrets/openai-key/"):
            told = {
                "code": "SecretNotFound",
                "message": "A secret with (name/id) other was not found in this vault.",
            }
            return 404, json.dumps({"error": told})
        identifier = f"https://127.0.0.1:{self.port}/secrets/openai-key/1"
        return self.status, json.dumps({"value": self.key, "id": identifier, "attributes": {"enabled": True}})


@pytest.fixture
async def vault(tmp_path: Path) -> AsyncIterator[Vault]:
    async with Vault(tmp_path) as opened:
        yield opened


# Creates a response for each line that it reads and says how that went.
PROGRAM = """
import asyncio, json, sys
from conversations.responses_api import Endpoint, ResponsesAPI, ResponsesAPIError
base, vault, name, refresh = sys.argv[1:]

async def main():
    endpoint = Endpoint.azure(base, auth="key_vault", key_name=name, vault_url=vault)
    async with ResponsesAPI(vault_refresh=float(refresh)) as api:
        while await asyncio.to_thread(sys.stdin.readline):
            try:
                said = (await api.create(endpoint, {"model": "gpt-5.1", "input": "hi"}))["status"]
            except ResponsesAPIError as error:
                said = [error.kind, str(error)]
            print(json.dumps(said), flush=True)

asyncio.run(main())
"""


class Chats:
    """A process that takes its key from the vault."""

    def __init__(
        self, emulator: Emulator, vault: Vault, name: str = "openai-key", refresh: float = 600
    ) -> None:
        self.command = [sys.executable, "-W", "error", "-c", PROGRAM, emulator.url]
        self.command += [f"https://127.0.0.1:{vault.port}/", name, str(refresh)]
        identity = {"IDENTITY_ENDPOINT": f"{emulator.url}/identity/token", "IDENTITY_HEADER": IDENTITY_HEADER}
        trust = {"SSL_CERT_FILE": str(vault.certificate), "PYTHONPATH": str(ROOT)}
        self.environment = {**os.environ, **identity, **trust}

    async def __aenter__(self) -> Self:
        pipe = asyncio.subprocess.PIPE
        self.process = await asyncio.create_subprocess_exec(
            *self.command, env=self.environment, stdin=pipe, stdout=pipe, stderr=pipe
        )
        return self

    async def __aexit__(self, *args: object) -> None:
        _, complaints = await self.process.communicate(b"")
        assert "Warning" not in complaints.decode()

    async def create(self) -> Any:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(b"\n")
        line = await self.process.stdout.readline()
        assert line, (await self.process.communicate(b""))[1].decode()
        return json.loads(line)


async def test_a_key_comes_from_the_vault_once(emulator: Emulator, vault: Vault) -> None:
    async with Chats(emulator, vault) as chats:
        assert [await chats.create() for _ in range(3)] == ["completed"] * 3
    assert [("authorization" in headers) for headers in vault.asked] == [False, True]
    assert dict(emulator.requests("create")[-1]["headers"])["authorization"] == f"Bearer {KEY}"


async def test_a_key_is_asked_for_again_after_a_while(emulator: Emulator, vault: Vault) -> None:
    async with Chats(emulator, vault, refresh=0) as chats:
        assert await chats.create() == "completed"
        vault.key = "rotated-and-not-yet-known"
        assert (await chats.create())[0] == "refused"


async def test_a_refused_key_is_asked_for_again(emulator: Emulator, vault: Vault) -> None:
    vault.key = "CANARY-from-before-the-rotation"
    async with Chats(emulator, vault) as chats:
        kind, said = await chats.create()
        assert kind == "refused"
        assert "CANARY" not in said
        vault.key = KEY
        assert await chats.create() == "completed"


async def test_a_missing_or_empty_secret_is_named(emulator: Emulator, vault: Vault) -> None:
    async with Chats(emulator, vault, name="other") as chats:
        kind, said = await chats.create()
    assert kind == "key_missing"
    assert "secret other: " in said
    assert "was not found" in said
    vault.key = " "
    async with Chats(emulator, vault) as chats:
        assert await chats.create() == ["key_missing", "The Key Vault secret openai-key is empty."]


async def test_a_vault_whose_certificate_is_not_trusted_is_unreachable(
    emulator: Emulator, vault: Vault
) -> None:
    chats = Chats(emulator, vault)
    del chats.environment["SSL_CERT_FILE"]
    async with chats:
        kind, said = await chats.create()
    assert kind == "vault_unreachable"
    assert "certificate" in said.lower()
