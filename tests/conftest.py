"""Fixtures for everyone: the database, stacks of real processes, and people who look at them in a browser."""

import shutil
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connections
from django.test import TransactionTestCase
from playwright.sync_api import Browser, Page
from pytest_django import DjangoDbBlocker, Settings

from conversations import bus
from responses_ui.folders import temporary_folder
from tests import emptying
from tests.browsing import Launched, Visits
from tests.cast import alice, bob, carol, conversation, deployment  # noqa: F401  fixtures for everyone
from tests.databases import databases
from tests.doors import world  # noqa: F401  a fixture for everyone
from tests.stack import Image, Options, Stack

MakeStack = Callable[..., Stack]
SignIn = Callable[..., Page]

# The emulator of the shared stack answers fast; a test that wants to watch asks for a rate.
QUICK = ("--rate", "400", "--first-token", "0.02")
# Few enough deletions for a test that a second person must approve.
SHARED = {"SECOND_PERSON_ABOVE": "100"}
launched = Launched()
# The fixtures of a database.
ASKING = {"db", "transactional_db", "image"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What asks for no database is the same beside any; what starts processes has theirs."""
    for item in items:
        asks = ASKING.intersection(getattr(item, "fixturenames", ()))
        if not asks and not any(map(item.get_closest_marker, ("django_db", "browser", "processes"))):
            item.add_marker(pytest.mark.once)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """SQLite in a file as it is in real life: in memory, its threads would lock each other out."""
    database: dict[str, Any] = connections.databases["default"]
    if "sqlite" in database["ENGINE"]:
        database["TEST"]["NAME"] = str(django_settings.DATA_DIR / "test.sqlite3")
        # None of it has to outlive the machine.
        database["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        emptying.remember()
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: emptying.restore())
        yield


@pytest.fixture(autouse=True)
def quick_passwords_and_plain_static_files(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}


@pytest.fixture
def redis_away(settings: Settings) -> Iterator[None]:
    """Nothing listens there. The right address comes back before the client for it is forgotten."""
    url, settings.REDIS_URL = settings.REDIS_URL, "redis://127.0.0.1:1/0"
    bus.client.cache_clear()
    yield
    settings.REDIS_URL = url
    bus.client.cache_clear()


@pytest.fixture(scope="session")
def image() -> Iterator[Image]:
    folder = temporary_folder("stacks")
    made = Image(folder, databases(folder))
    try:
        made.fill()
        yield made
    finally:
        made.close()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def stack(image: Image) -> Iterator[Stack]:
    """One for all tests of the process that leave it as they found it."""
    yield from running(image.stack("shared", Options(settings=SHARED, emulator=QUICK)))


@pytest.fixture
def make_stack(image: Image) -> Iterator[MakeStack]:
    """Stacks of the test's own: `make_stack(settings={"LEASE_SECONDS": "2"}, emulator=("--rate", "500"))`."""
    made: list[Stack] = []

    def make(**options: Any) -> Stack:
        made.append(image.stack(f"own{len(made)}", Options(**options)))
        made[-1].start()
        return made[-1]

    yield make
    for each in made:
        if each in Stack.open:
            each.close()


def running(stack: Stack) -> Iterator[Stack]:
    try:
        stack.start()
        yield stack
    finally:
        stack.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield launched.browser()
    if not launched.is_wanted:
        launched.close()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """Where the next module needs no browser it goes with this one: under Playwright no other test could use
    asyncio, and at the end no database be removed.
    """
    launched.is_wanted = nextitem is not None and "browser" in getattr(nextitem, "fixturenames", ())


@pytest.fixture
def visits(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Visits]:
    """All that people see in the test; it fails on what their consoles report and `expected` doesn't hold."""
    visits = Visits(browser)
    yield visits
    failed = getattr(request.node, "failed", False)
    visits.close(screenshots=request.node.name if failed else "")
    assert not visits.complaints()


@pytest.fixture
def page(visits: Visits, stack: Stack) -> Page:
    """A visitor of the shared stack who has not signed in."""
    return visits.page(stack)


@pytest.fixture
def sign_in(visits: Visits, stack: Stack) -> SignIn:
    """`sign_in("alice")`: her own browser, on the first page; options are Playwright's for a context."""

    def enter(username: str, *, at: Stack | None = None, **options: Any) -> Page:
        return visits.sign_in(at or stack, username, **options)

    return enter


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Shows what the processes said when a test on them fails."""
    report = yield
    if report.failed:
        item.failed = True  # type: ignore[attr-defined]
        for stack in Stack.open:
            report.sections += [
                (f"{name} of {stack.folder.name}", text) for name, text in stack.logs() if text
            ]
    return report
