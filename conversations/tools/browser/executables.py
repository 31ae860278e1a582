"""Where systems keep a Chromium."""

import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def on_path() -> str:
    """A path, or an empty string."""
    found = (shutil.which(name) for name in NAMES)
    return next((path for path in found if path), "")
