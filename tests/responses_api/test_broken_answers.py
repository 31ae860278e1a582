"""Servers that are away, break off, or answer with something else than what was asked for."""

import dataclasses
import gzip
import json
import ssl
from pathlib import Path

import pytest

from conversations.responses_api import (
    BadConfiguration,
    ContextTooLong,
    ResponsesAPI,
    ResponsesAPIError,
    Stalled,
    StreamCut,
    Unreachable,
    UpstreamFault,
)
from tests.responses_api.certificates import make_certificate
from tests.responses_api.reading import COMPLETED, CREATED, REQUEST, delta, read, run, text
from tests.responses_api.servers import RawServer, sse


async def test_a_deadline_also_counts_before_the_headers(api: ResponsesAPI) -> None:
    async with RawServer(speak_first=False, ending="hang") as server:
        with pytest.raises(Stalled) as stalled:
            await api.create(server.endpoint(), REQUEST, deadline=0.1)
    assert stalled.value.kind == "deadline"


async def test_a_server_that_drops_the_connection_unanswered_may_have_run_it(api: ResponsesAPI) -> None:
    _, error = await run(api, speak_first=False, ending="cut")
    assert isinstance(error, Unreachable)
    assert error.kind == "disconnected"
    assert error.may_have_run


async def test_a_port_where_nobody_listens_is_unreachable(api: ResponsesAPI) -> None:
    async with RawServer() as server:
        endpoint = server.endpoint()
    with pytest.raises(Unreachable) as refused:
        await api.create(endpoint, REQUEST)
    assert refused.value.kind == "unreachable"
    assert not refused.value.may_have_run


async def test_a_page_instead_of_events_is_a_wrong_address(api: ResponsesAPI) -> None:
    events, error = await run(api, b"<html>Welcome</html>", content_type="text/html; charset=utf-8")
    assert isinstance(error, BadConfiguration)
    assert error.kind == "not_an_api"
    assert "text/html" in str(error)
    assert events == []


async def test_json_instead_of_events_is_read_for_its_error(api: ResponsesAPI) -> None:
    body = json.dumps({"error": {"code": "context_length_exceeded", "message": "Long."}}).encode()
    _, error = await run(api, body, content_type="application/json")
    assert isinstance(error, ContextTooLong)
    _, error = await run(api, b"{}", content_type="application/json")
    assert isinstance(error, UpstreamFault)


async def test_a_redirect_is_not_followed(api: ResponsesAPI) -> None:
    async with RawServer() as other:
        headers = {"location": f"http://127.0.0.1:{other.port}/v1/responses"}
        _, error = await run(api, status="307 Temporary Redirect", headers=headers)
        assert isinstance(error, BadConfiguration)
        assert other.connections == 0


@pytest.mark.parametrize("body", [b"[]", b"", b"<html></html>", b"{"])
async def test_an_answer_that_is_no_object_is_an_upstream_fault(api: ResponsesAPI, body: bytes) -> None:
    async with RawServer([body] if body else [], content_type="application/json") as server:
        with pytest.raises(UpstreamFault) as fault:
            await api.retrieve(server.endpoint(), "resp_1")
    assert fault.value.kind == "malformed"


async def test_an_answer_cut_in_the_middle_is_unreachable(api: ResponsesAPI) -> None:
    async with RawServer([b'{"id":'], content_type="application/json", ending="cut") as server:
        with pytest.raises(Unreachable):
            await api.retrieve(server.endpoint(), "resp_1")


async def test_what_is_not_http_is_unreachable(api: ResponsesAPI) -> None:
    async with RawServer(status="banana") as server:
        with pytest.raises(ResponsesAPIError):
            await api.retrieve(server.endpoint(), "resp_1")


@pytest.mark.parametrize(("ending", "member"), [("hang", Stalled), ("cut", StreamCut)])
async def test_json_instead_of_events_may_break_off_too(
    quick: ResponsesAPI, ending: str, member: type[ResponsesAPIError]
) -> None:
    async with RawServer([b'{"error":'], content_type="application/json", ending=ending) as server:
        _, error = await read(quick, server, deadline=0.3)
    assert isinstance(error, member)


async def test_a_body_that_cannot_be_unpacked_is_malformed(api: ResponsesAPI) -> None:
    _, error = await run(api, b"not gzip at all", headers={"content-encoding": "gzip"})
    assert isinstance(error, StreamCut)
    assert error.kind == "malformed"


async def test_packed_events_are_unpacked(api: ResponsesAPI) -> None:
    packed = gzip.compress(sse(CREATED, delta("Hallo"), COMPLETED))
    events, error = await run(api, packed[:20], packed[20:], headers={"content-encoding": "gzip"})
    assert error is None
    assert text(events) == "Hallo"


@pytest.mark.parametrize("body", [b"gone", b"[1]", b""])
async def test_a_deletion_keeps_whatever_upstream_answered(api: ResponsesAPI, body: bytes) -> None:
    async with RawServer([body] if body else [], content_type="text/plain", status="202 Accepted") as server:
        deletion = await api.delete(server.endpoint(), "resp_1")
    assert (deletion.status, deletion.body) == (202, body.decode())


async def test_an_untrusted_certificate_is_a_configuration_error(api: ResponsesAPI, tmp_path: Path) -> None:
    make_certificate(tmp_path / "ca.pem", tmp_path / "key.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "ca.pem", tmp_path / "key.pem")
    async with RawServer(tls=context) as server:
        endpoint = dataclasses.replace(server.endpoint(), base_url=f"https://127.0.0.1:{server.port}/v1/")
        with pytest.raises(BadConfiguration) as refused:
            await api.create(endpoint, REQUEST)
    assert refused.value.kind == "certificate"
    assert "certificate verify failed" in str(refused.value)
