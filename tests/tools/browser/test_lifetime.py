"""A browser leaves nothing behind: no process, no file, whichever way it ends."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from pytest_django import Settings

from conversations.tools.browser import BrowserError, Setup, chromium, open_browser
from responses_ui.folders import temporary_folder
from tests.offspring import LISTED, children, ended
from tests.tools.browser.visiting import Site, chromium_or_skip, serve

pytestmark = pytest.mark.browser


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    chromium_or_skip()
    site = Site()
    runner = await serve(site)
    yield site
    await runner.cleanup()


def setup_for(site: Site) -> Setup:
    return Setup(site.url("plain.html"), local=(site.host,))


def folders(of: int) -> list[Path]:
    return list(Path(tempfile.gettempdir()).glob(f"rui-browser-{of}-*"))


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@LISTED
@pytest.mark.parametrize("runs", [3, pytest.param(10, marks=pytest.mark.faults)])
async def test_runs_leave_no_process_and_no_file(site: Site, runs: int) -> None:
    before, files = children(os.getpid()), 0
    for run in range(runs):
        browser = await open_browser(setup_for(site), print)
        await browser.close()
        with pytest.raises(BrowserError, match="gone"):
            await browser.look()
        await browser.close()
        files = files or open_files()
        assert not folders(os.getpid()), run
    assert children(os.getpid()) <= before
    assert open_files() <= files


OWNER = """
import asyncio, sys, django
django.setup()
from conversations.tools.browser import Setup, open_browser
async def main():
    await open_browser(Setup(sys.argv[1], local=(sys.argv[2],)), lambda event: None)
    print("open", flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


@LISTED
async def test_the_browser_of_a_worker_that_is_killed_ends_with_it(site: Site) -> None:
    command = [sys.executable, "-c", OWNER, site.url("plain.html"), site.host]
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "responses_ui.settings"}
    owner = await asyncio.create_subprocess_exec(*command, env=env, stdout=subprocess.PIPE)
    assert owner.stdout
    assert await owner.stdout.readline() == b"open\n"
    browsers = children(owner.pid)
    assert len(browsers) > 2
    owner.send_signal(signal.SIGKILL)
    await owner.wait()
    assert await asyncio.to_thread(ended, browsers)
    # The next browser of the machine clears up after it.
    temporary_folder("browser").rmdir()
    assert not folders(owner.pid)


async def test_without_chromium_it_says_how_to_get_one(settings: Settings) -> None:
    settings.CHROMIUM = "/nowhere/chromium"
    with pytest.raises(BrowserError, match="apt-get install chromium"):
        await open_browser(Setup("http://127.0.0.1:9/", local=("127.0.0.1:9",)), print)
    assert not folders(os.getpid())


async def test_what_is_no_chromium_is_told(settings: Settings) -> None:
    settings.CHROMIUM = "/bin/false"
    with pytest.raises(BrowserError, match="Chromium at /bin/false did not start"):
        await open_browser(Setup("http://127.0.0.1:9/", local=("127.0.0.1:9",)), print)


@pytest.mark.parametrize(("user", "sandboxed"), [(0, False), (1000, True)])
def test_the_sandbox_is_off_for_root_only(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, user: int, sandboxed: bool
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    assert chromium.is_sandboxed() is sandboxed
    assert ("without its sandbox" in caplog.text) is not sandboxed


def test_root_gets_no_browser_in_production(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    settings.HTTPS = True
    with pytest.raises(BrowserError, match="runs as root"):
        chromium.is_sandboxed()


def test_chromium_is_told_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "secret")
    assert "secret" not in repr(chromium.environment(tmp_path))
