import json
import stat
import subprocess
from pathlib import Path

import pytest
import redis

from responses_ui import private_redis
from responses_ui.private_redis import PrivateRedis
from responses_ui.processes import tied


def started(server: PrivateRedis, folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "redis.log").open("ab") as log:
        process = subprocess.Popen(tied(server.process.command), stdout=log, stderr=log)
    private_redis.wait_until_ready(server.url)
    return process


def ended(process: subprocess.Popen[bytes]) -> int:
    process.terminate()
    return process.wait(timeout=60)


def test_the_address_is_recorded_for_its_owner_only(tmp_path: Path) -> None:
    server = private_redis.prepare(tmp_path)
    record = tmp_path / "redis.json"
    assert json.loads(record.read_text()) == {"url": server.url}
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    assert stat.S_IMODE(Path(server.process.command[1]).stat().st_mode) == 0o600


def test_the_password_is_not_on_the_command_line(tmp_path: Path) -> None:
    server = private_redis.prepare(tmp_path)
    password = server.url.partition("redis://:")[2].partition("@")[0]
    assert len(password) >= 32
    assert password not in " ".join(server.process.command)


def test_what_was_written_survives_a_restart_at_the_same_address(tmp_path: Path) -> None:
    folder = tmp_path / 'a folder with "quotes"'
    folder.mkdir()
    first = private_redis.prepare(folder)
    process = started(first, folder)
    with redis.Redis.from_url(first.url) as client:
        client.set("word", "kept")
    ended(process)
    second = private_redis.prepare(folder)
    process = started(second, folder)
    with redis.Redis.from_url(second.url) as client:
        assert client.get("word") == b"kept"
    assert second.url == first.url
    assert ended(process) == 0


def test_nobody_gets_in_without_the_password(tmp_path: Path) -> None:
    server = private_redis.prepare(tmp_path)
    process = started(server, tmp_path)
    port = server.url.rpartition(":")[2].partition("/")[0]
    assert not private_redis.answers(f"redis://127.0.0.1:{port}/0")
    ended(process)


def test_a_server_left_over_is_stopped(tmp_path: Path) -> None:
    server = private_redis.prepare(tmp_path)
    process = started(server, tmp_path)
    private_redis.stop_leftover(tmp_path)
    assert process.wait(timeout=60) == 0


def test_without_a_record_nothing_is_stopped(tmp_path: Path) -> None:
    private_redis.stop_leftover(tmp_path)
    assert private_redis.recorded(tmp_path) == ""


def test_the_wheel_brings_a_server_when_the_path_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    server = private_redis.prepare(tmp_path)
    assert "site-packages" in server.process.command[0]
    process = started(server, tmp_path)
    assert private_redis.answers(server.url)
    assert ended(process) == 0


def test_a_server_that_never_answers_is_reported(tmp_path: Path) -> None:
    server = private_redis.prepare(tmp_path)
    with pytest.raises(private_redis.RedisSilent, match="didn't answer on port"):
        private_redis.wait_until_ready(server.url, seconds=0.1)
