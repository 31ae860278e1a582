"""Finds a Chromium for the browser tests, or gets one."""

import os
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from conversations.tools.browser.executables import named_or_on_path
from scripts.console import GiveUp, run, step
from scripts.install import apt_install

PLAYWRIGHT = (sys.executable, "-m", "playwright", "install")
MISSING = f"""No Chromium was found, so the browser tests can't run. Any of these provides one:
  sudo apt-get install chromium
  {sys.executable} -m playwright install --with-deps chromium
  CHROMIUM=/path/to/chrome make test"""


def find() -> str:
    """The path of a browser, or an empty string."""
    given = os.environ.get("CHROMIUM", "")
    return named_or_on_path(given) or ("" if given else playwrights_own())


def playwrights_own() -> str:
    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return str(path) if path.exists() else ""


def provide() -> str:
    """Like `find`, but installs one where that is possible; an empty string when it isn't."""
    path = find()
    return find() if not path and installed() else path


def installed() -> bool:
    try:
        with step("Installing Chromium"):
            install()
    except (GiveUp, OSError):
        return False
    return True


def install() -> None:
    if os.geteuid() != 0:
        run([*PLAYWRIGHT, "chromium"])
    elif is_debian():
        apt_install("chromium")
    else:
        run([*PLAYWRIGHT, "--with-deps", "chromium"])


def is_debian() -> bool:
    """Debian itself: Ubuntu's package of that name needs snap."""
    release = Path("/etc/os-release")
    return release.exists() and "\nID=debian\n" in f"\n{release.read_text()}\n"
