"""Gives every pytest process an installation of its own before Django's settings are read.

It has a data folder and a Redis server, and leaves out whatever the caller's environment says about the
product; only DATABASE_URL and CHROMIUM are taken over. Both parts end with the process.
"""

import os
import shutil
import subprocess
from collections.abc import Generator
from pathlib import Path

import pytest

from responses_ui import private_redis
from responses_ui.folders import temporary_folder
from responses_ui.processes import tied

FOREIGN = ("AZURE_", "OPENAI_", "IDENTITY_", "MSI_", "DJANGO_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
OURS = (
    *("REDIS_URL", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "RETENTION_DAYS", "HOST", "PORT"),
    *("DEMO", "DEMO_PASSWORD", "LOG_LEVEL", "AUDIT_KEYS_OLD"),
)
SECRETS = {"SECRET_KEY": "only-for-tests-" * 4, "AUDIT_KEY": "seals-the-trail-of-tests-" * 2}

_running: list[tuple[Path, subprocess.Popen[bytes]]] = []


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None]:
    # A wrapper, because pytest-django reads the settings in the hook itself.
    prepare()
    return (yield)


def pytest_unconfigure() -> None:
    while _running:
        data, redis = _running.pop()
        redis.terminate()
        redis.wait(timeout=60)
        shutil.rmtree(data)


def prepare() -> None:
    for name in [name for name in os.environ if name.upper().startswith(FOREIGN) or name in OURS]:
        del os.environ[name]
    data = temporary_folder("test")
    os.environ |= {"DATA_DIR": str(data)} | SECRETS
    # The middleware for static files warns when its folder is missing.
    (data / "static").mkdir()
    start_redis(data)


def start_redis(data: Path) -> None:
    server = private_redis.prepare(data)
    with (data / "redis.log").open("wb") as log:
        process = subprocess.Popen(
            tied(server.process.command),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # A Ctrl-C in the terminal is for pytest; the server is stopped after the tests.
            start_new_session=True,
        )
    _running.append((data, process))
    private_redis.wait_until_ready(server.url)
    os.environ["REDIS_URL"] = server.url
