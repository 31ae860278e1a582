import socket
from pathlib import Path

import pytest

from responses_ui.env import EnvironmentMistake
from responses_ui.processes import LOOPBACK, Process
from scripts import installation, run_tests, serve
from scripts.console import GiveUp
from scripts.supervision import Supervisor, section

EVERYWHERE = "0.0.0.0"  # noqa: S104 said of it, never listened on


def test_only_one_installation_runs_on_a_folder(tmp_path: Path) -> None:
    with (
        installation.only_one(tmp_path),
        pytest.raises(GiveUp, match="already runs"),
        installation.only_one(tmp_path),
    ):
        pytest.fail("both run")
    with installation.only_one(tmp_path):
        pass


def test_on_loopback_only_loopback_is_let_in() -> None:
    assert installation.names_of_this_machine(LOOPBACK) == ["localhost", LOOPBACK, "[::1]"]
    assert installation.names_of_this_machine("localhost") == ["localhost", LOOPBACK, "[::1]"]


def test_on_every_network_the_machine_is_let_in_by_its_name() -> None:
    names = installation.names_of_this_machine(EVERYWHERE)
    assert socket.gethostname() in names
    assert EVERYWHERE not in names
    assert "*" not in names


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000/"),
        ("::1", "http://[::1]:8000/"),
        (EVERYWHERE, f"http://{socket.gethostname()}:8000/"),
    ],
)
def test_an_address_can_be_clicked(host: str, shown: str) -> None:
    assert installation.url(host, 8000) == shown


def test_a_host_of_another_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOST", "192.0.2.1")
    with pytest.raises(EnvironmentMistake, match="HOST is wrong"):
        installation.address()


def test_the_demo_remembers_what_it_made_up_but_not_what_it_was_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = installation.Memory(tmp_path)
    first.settle()
    monkeypatch.setenv("DEMO_PASSWORD", "told by a person")
    second = installation.Memory(tmp_path)
    second.settle()
    assert second.password == "told by a person"
    monkeypatch.delenv("DEMO_PASSWORD")
    third = installation.Memory(tmp_path)
    assert (third.password, third.environment()) == (first.password, first.environment())


def test_made_up_passwords_differ_and_are_easy_to_copy() -> None:
    made = {installation.memorable() for _ in range(50)}
    assert len(made) == 50
    assert not set("".join(made)) & set("ilo01")


@pytest.mark.parametrize(
    ("allowed", "name"),
    [("chat.example.com,x", "chat.example.com"), (".example.com", "example.com"), ("*", LOOPBACK)],
)
def test_readiness_is_asked_for_under_a_name_that_is_let_in(
    monkeypatch: pytest.MonkeyPatch, allowed: str, name: str
) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", allowed)
    assert serve.welcome_host() == name


def test_percent_signs_reach_the_supervisor_as_they_are() -> None:
    assert section("program:x", command="run 100%") == "[program:x]\ncommand=run 100%%\n"


def test_a_command_with_spaces_stays_one_command(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, {"all": [Process("odd", ("/a b/run", "it's"))]})
    text = supervisor.configuration.read_text()
    supervisor.stop()
    assert """'/a b/run' 'it'"'"'s'""" in text
    assert supervisor.configuration.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("codes", "verdict"), [([0, 0, 0], 0), ([0, 5, 0], 0), ([5, 5], 5), ([0, 1, 0], 1), ([2, 0, 1], 2)]
)
def test_tests_pass_when_all_runs_did_and_one_of_them_ran_any(codes: list[int], verdict: int) -> None:
    assert run_tests.verdict(codes) == verdict
