"""Where systems keep a Chromium."""

import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def on_path() -> str:
    """A path, or an empty string."""
    found = (shutil.which(name) for name in NAMES)
    return next((path for path in found if path), "")


def named_or_on_path(given: str) -> str:
    """The one that the installation names, or else that the system has."""
    return (shutil.which(given) or "") if given else on_path()
