"""Which Chromium is started, how, and what it may not do."""

import json
import logging
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from playwright.async_api import BrowserContext, Error, Playwright

from conversations.tools.browser.executables import named_or_on_path
from conversations.tools.browser.happenings import NOWHERE
from conversations.tools.browser.outcomes import BrowserError, Setup

logger = logging.getLogger(__name__)

MISSING = (
    "No Chromium was found. Any of these provides one: `apt-get install chromium` on Debian, "
    "`python -m playwright install --with-deps chromium`, or CHROMIUM=/path/to/chrome in the environment."
)
UNTRUSTED_ROOT = (
    "The worker runs as root, where Chromium's sandbox can't work. Run it as a user of its own, as "
    "deploy/README.md says."
)
# What Chromium says where it may make no namespaces of its own.
NO_SANDBOX = ("No usable sandbox", "SUID sandbox")
FOLDERS = ("profile", "downloads", "artifacts", "home", "tmp")
START_SECONDS = 30
# Chromium's own requests: they lead nowhere and aren't taken for a page's.
OWN = f"https://{NOWHERE}"
# Names are resolved by the proxy alone; whatever doesn't go through it finds no address.
FLAGS = (
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-domain-reliability",
    "--disable-extensions",
    f"--gaia-url={OWN}",
    f"--google-apis-url={OWN}",
    f"--component-updater=url-source={OWN}",
    "--no-pings",
    "--disable-gpu",
    "--disable-smooth-scrolling",
)
# So that Chromium asks for nothing by itself.
PREFERENCES = {
    "autofill": {"profile_enabled": False, "credit_card_enabled": False},
    "credentials_enable_service": False,
    "signin": {"allowed": False, "allowed_on_next_startup": False},
    "webrtc": {"ip_handling_policy": "disable_non_proxied_udp"},
}


async def launch(playwright: Playwright, setup: Setup, proxy_port: int, folder: Path) -> BrowserContext:
    """Everything that Chromium writes goes below the folder."""
    furnish(folder)
    path = executable(playwright)
    try:
        return await playwright.chromium.launch_persistent_context(
            folder / "profile",
            executable_path=path,
            chromium_sandbox=is_sandboxed(),
            args=FLAGS,
            # Loopback too, which Chromium would reach directly.
            proxy={"server": f"http://127.0.0.1:{proxy_port}", "bypass": "<-loopback>"},
            env=environment(folder),
            viewport={"width": setup.width, "height": setup.height},
            downloads_path=folder / "downloads",
            artifacts_dir=folder / "artifacts",
            service_workers="block",
            handle_sigint=False,
            handle_sigterm=False,
            handle_sighup=False,
            timeout=START_SECONDS * 1000,
        )
    except Error as error:
        raise BrowserError(_why(path, error)) from error


def furnish(folder: Path) -> None:
    for name in FOLDERS:
        (folder / name).mkdir()
    (folder / "profile" / "Default").mkdir()
    (folder / "profile" / "Default" / "Preferences").write_text(json.dumps(PREFERENCES))


def executable(playwright: Playwright) -> str:
    given: str = settings.CHROMIUM
    path = named_or_on_path(given) or ("" if given else playwright.chromium.executable_path)
    if not path or not Path(path).exists():
        raise BrowserError(MISSING)
    return path


def is_sandboxed() -> bool:
    """Always, but for root outside production."""
    if os.geteuid() != 0:
        return True
    if settings.HTTPS:
        raise BrowserError(UNTRUSTED_ROOT)
    logger.warning("Chromium runs without its sandbox, since this process runs as root")
    return False


def environment(folder: Path) -> dict[str, Any]:
    """Nothing of our own environment, which has secrets in it."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
    }


def _why(path: str, error: Error) -> str:
    if any(sign in error.message for sign in NO_SANDBOX):
        return f"Chromium's sandbox can't work here; deploy/README.md says what it needs. ({path})"
    return f"Chromium at {path} did not start: {error.message.splitlines()[0]}"
