import os
import shutil
from pathlib import Path
from urllib.parse import unquote

import psycopg
import pytest

from scripts import private_postgres
from scripts.console import GiveUp


def test_a_server_answers_and_leaves_nothing_behind() -> None:
    with private_postgres.private_postgres() as url:
        folder = Path(unquote(url.partition("@")[2].partition("/")[0]))
        with psycopg.connect(url) as connection:
            assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
    assert not folder.exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user")
def test_where_user_namespaces_are_forbidden_root_runs_it_as_somebody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with private_postgres.private_postgres() as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_server_that_does_not_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(private_postgres.SETTINGS, "max_connections", "none")
    with (
        pytest.raises(GiveUp, match="did not start"),
        private_postgres.private_postgres(),
    ):
        pytest.fail("it started")
