"""Every way off the list of sites is refused and on record, in a real Chromium."""

import asyncio
import socket
from urllib.parse import quote, urlencode

import pytest

from conversations.tools.browser import BrowserError, Click, Kind, Point, Setup, open_browser
from tests.tools.browser.visiting import Visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

GO = Click(Point(20, 10))
NOT_LISTED = "It is not on the list of sites that may be visited."
PRIVATE = "Its address is private."
FORBIDDEN = "Pages of this kind may not be visited."
REDIRECTED = "It redirected to an address that may not be visited."


async def on_page(visit: Visit, what: str, to: str) -> str:
    page = visit.site.url(f"links.html?{urlencode({'what': what, 'to': to})}")
    await visit.browser.visit(page)
    visit.events.clear()
    return page


@pytest.mark.parametrize(
    ("what", "to"),
    [
        ("link", "http://other.test/a?secret=1"),
        ("link", "https://other.test/"),
        ("tab", "http://other.test/a?secret=1"),
        ("tab", "https://other.test/"),
        ("assign", "https://other.test/"),
        ("open", "https://other.test/"),
        ("form", "https://other.test/"),
    ],
)
async def test_leaving_by_a_page_is_refused_and_leads_back(visit: Visit, what: str, to: str) -> None:
    page = await on_page(visit, what, to)
    outcome = await visit.browser.do(GO)
    assert (to.partition("?")[0], NOT_LISTED) in visit.told(Kind.REFUSED)
    assert outcome.url == page
    assert any("was refused. It is not on the list" in note for note in outcome.notes)


@pytest.mark.parametrize("what", ["frame", "fetch", "image", "beacon"])
async def test_leaving_by_a_part_of_a_page_is_refused(visit: Visit, what: str) -> None:
    page = await on_page(visit, what, "http://other.test/a")
    outcome = await visit.browser.do(GO)
    assert ("http://other.test/a", NOT_LISTED) in visit.told(Kind.REFUSED)
    assert outcome.url == page


async def test_leaving_by_a_socket_is_refused(visit: Visit) -> None:
    await on_page(visit, "socket", "wss://other.test/")
    await visit.browser.do(GO)
    assert ("https://other.test/", NOT_LISTED) in visit.told(Kind.REFUSED)


async def test_leaving_by_a_redirect_is_refused(visit: Visit) -> None:
    page = await on_page(visit, "link", "/redirect?to=http://other.test/a")
    outcome = await visit.browser.do(GO)
    assert ("http://other.test/a", NOT_LISTED) in visit.told(Kind.REFUSED)
    assert outcome.url == page


async def test_a_listed_name_with_a_private_address_is_refused(visit: Visit) -> None:
    to = visit.site.url("plain.html").replace("127.0.0.1", "localhost")
    page = await on_page(visit, "link", to)
    visit.site.asked.clear()
    outcome = await visit.browser.do(GO)
    assert (to, PRIVATE) in visit.told(Kind.REFUSED)
    assert outcome.url == page
    assert "/plain.html" not in visit.site.asked


async def test_addresses_of_this_machine_and_its_network_are_refused(visit: Visit) -> None:
    hosts = ["127.0.0.2", "[::1]", "169.254.169.254", "10.0.0.1"]
    # The last one is written as a number, which Chromium understands.
    fetches = [f"fetch('http://{host}/', {{mode: 'no-cors'}})" for host in (*hosts, "2130706435")]
    await on_page(visit, "eval", f"Promise.allSettled([{', '.join(fetches)}])")
    await visit.browser.do(GO)
    wanted = {(f"http://{host}/", NOT_LISTED) for host in (*hosts, "127.0.0.3")}
    assert set(visit.told(Kind.REFUSED)) == wanted


@pytest.mark.parametrize(
    ("what", "to"),
    [
        ("link", "file:///etc/passwd"),
        ("link", "chrome://version/"),
        ("link", "view-source:http://127.0.0.1/"),
        ("tab", "file:///etc/passwd"),
        ("assign", "file:///etc/passwd"),
        ("frame", "file:///etc/passwd"),
    ],
)
async def test_a_scheme_of_the_machine_is_refused(visit: Visit, what: str, to: str) -> None:
    page = await on_page(visit, what, to)
    outcome = await visit.browser.do(GO)
    assert [why for _url, why in visit.told(Kind.REFUSED)] == [FORBIDDEN]
    assert outcome.url == page


@pytest.mark.parametrize("what", ["link", "assign"])
async def test_a_page_of_data_is_refused(visit: Visit, what: str) -> None:
    page = await on_page(visit, what, "data:text/html,secret")
    outcome = await visit.browser.do(GO)
    assert visit.told(Kind.REFUSED) == [("data:", FORBIDDEN)]
    assert outcome.url == page


async def test_a_window_of_data_is_never_opened(visit: Visit) -> None:
    page = await on_page(visit, "open", "data:text/html,secret")
    outcome = await visit.browser.do(GO)
    assert (outcome.url, visit.told(Kind.NEW_TAB)) == (page, [])


@pytest.mark.parametrize("to", ["file:///etc/passwd", "data:text/html,secret", "chrome://version/"])
async def test_a_redirect_to_another_scheme_is_refused(visit: Visit, to: str) -> None:
    page = await on_page(visit, "link", f"/redirect?to={quote(to)}")
    outcome = await visit.browser.do(GO)
    assert visit.told(Kind.REFUSED) == [(visit.site.url("redirect"), REDIRECTED)]
    assert outcome.url == page


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("file:///etc/passwd", FORBIDDEN),
        ("chrome://version/", FORBIDDEN),
        ("data:text/html,x", FORBIDDEN),
        ("about:version", FORBIDDEN),
        ("javascript:alert(1)", FORBIDDEN),
        ("https://other.test/", NOT_LISTED),
        ("http://[other", FORBIDDEN),
        ("http://127.0.0.1:99999/", FORBIDDEN),
    ],
)
async def test_an_address_that_is_typed_is_refused(visit: Visit, url: str, why: str) -> None:
    before = await visit.on("plain.html")
    outcome = await visit.browser.visit(url)
    assert [told for _url, told in visit.told(Kind.REFUSED)] == [why]
    assert outcome.url == before.url


async def test_no_browser_begins_on_a_page_that_is_not_listed() -> None:
    with pytest.raises(BrowserError, match="It is not on the list of sites"):
        await open_browser(Setup("https://other.test/"), print)


LEAKS = """
const peer = new RTCPeerConnection({iceServers: [{urls: "stun:127.0.0.1:PORT"}]});
peer.createDataChannel("x");
peer.createOffer().then((offer) => peer.setLocalDescription(offer));
try { new WebTransport("https://127.0.0.1:PORT/").ready.catch(() => {}) } catch {}
peer.onicegatheringstatechange = () => {
  if (peer.iceGatheringState === "complete")
    fetch("/say", {method: "POST", body: JSON.stringify(peer.localDescription.sdp.includes("a=candidate"))});
};
"""


async def test_nothing_goes_round_the_proxy_by_packets(visit: Visit) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as packets:
        packets.bind(("127.0.0.1", 0))
        packets.setblocking(False)
        await on_page(visit, "eval", LEAKS.replace("PORT", str(packets.getsockname()[1])))
        visit.site.said.clear()
        await visit.browser.do(GO)
        assert await visit.site.heard(bool) == [False]
        await asyncio.sleep(0.3)
        with pytest.raises(BlockingIOError):
            packets.recv(1)


async def test_no_service_worker_is_installed(visit: Visit) -> None:
    script = (
        "navigator.serviceWorker.register('/plain.html').catch(() => {}).then(() =>"
        "navigator.serviceWorker.getRegistrations()).then((found) =>"
        "fetch('/say', {method: 'POST', body: JSON.stringify(found.length)}))"
    )
    await on_page(visit, "eval", script)
    visit.site.said.clear()
    await visit.browser.do(GO)
    assert await visit.site.heard(bool) == [0]


async def test_a_page_can_not_make_up_refusals(visit: Visit) -> None:
    await on_page(visit, "eval", "console.error('Not allowed to load local resource: file:///x')")
    await visit.browser.do(GO)
    assert not visit.told(Kind.REFUSED)
