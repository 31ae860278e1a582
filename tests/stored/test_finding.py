"""Ids are found in whatever text people have."""

import gzip
import io
import json
import tracemalloc
from typing import Any

import pytest

from conversations.stored import finding
from conversations.stored.finding import Found, Unreadable, find_ids

ONE = "resp_" + "67cb32528d6881909eb2859a55e18a85"
TWO = "resp_" + "0a1b2c3d4e5f60718293a4b5c6d7e8f90123456789abcdef"


def found(text: str | bytes) -> list[Found]:
    return list(find_ids(io.BytesIO(text if isinstance(text, bytes) else text.encode())))


def ids(text: str | bytes) -> list[str]:
    return [each.text for each in found(text) if not each.wrong]


@pytest.mark.parametrize(
    "text",
    [
        f"{ONE}\n{TWO}\n",
        f"id,model\r\n{ONE},gpt-5.1\r\n{TWO},gpt-5.1\r\n",
        json.dumps([{"response_id": ONE, "resp_time": 12, "url": f"/openai/v1/responses/{TWO}?x=1"}]),
        json.dumps({"message": json.dumps({"id": ONE, "next": TWO})}),
        f'GET /v1/responses/{ONE}/input_items?limit=5 200 resp_time=0.3 resp_size: 12 "{TWO}".',
        f"customDimensions={{\\u0022id\\u0022:\\u0022{ONE}\\u0022}} %22{TWO}%22",
        f"first\\n{ONE}\\n{TWO}\\n",
        f"See {ONE}, and ({TWO})!",
    ],
    ids=["list", "csv", "json", "json in json", "access log", "escapes", "line breaks as text", "prose"],
)
def test_ids_are_found_in_any_text(text: str) -> None:
    assert ids(text) == [ONE, TWO]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_marks_of_the_encoding_do_no_harm(encoding: str) -> None:
    assert found(f"{ONE}\n{TWO}".encode(encoding)) == [Found(ONE, 1, 1), Found(TWO, 2, 1)]


def test_packed_text_is_unpacked() -> None:
    assert ids(gzip.compress(f"{ONE} {TWO}".encode())) == [ONE, TWO]
    with pytest.raises(Unreadable, match="damaged or cut off"):
        found(gzip.compress(b"x" * 100_000)[:-20])


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("resp_67cb32", "too short"),
        ("resp_", "too short"),
        ("resp_67cb32528d…", "cut off"),
        ("resp_67cb32528d...", "cut off"),
        ("resp_67cb32528d6881909eb285ä", "wrong characters"),
        ("resp_67cb3252$8d6881909eb285", "wrong characters"),
        ("resp_" + "a" * 300, "too long or misplaced ="),
        ("resp_67cb32528d68=81909eb2859a55e18a85", "too long or misplaced ="),
    ],
)
def test_what_is_malformed_is_said_with_its_place(text: str, wrong: str) -> None:
    assert found(f"first line\n  {text}\n") == [Found(text[:200], 2, 3, wrong)]


@pytest.mark.parametrize("text", ["the_resp_time", "previous_resp_id", f"x{ONE}", "resp", "RESP_1"])
def test_parts_of_other_names_are_none(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("piece", [7, 64, 300, 1000])
def test_places_are_right_wherever_the_pieces_of_a_text_begin(
    piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f"{'é' * (number % 11)} {ONE[:-3]}{number:03} tail" for number in range(200)]
    monkeypatch.setattr(finding, "PIECE", piece)
    assert [(each.line, each.column) for each in found("\n".join(lines))] == [
        (number + 1, number % 11 + 2) for number in range(200)
    ]


class Log(io.RawIOBase):
    """64 MiB of lines, made as they are read."""

    line = b"2026-11-22 GET /healthz 200 nothing of interest here\n"
    left = 64 * 2**20

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = min(len(buffer), self.left)
        buffer[:size] = (self.line * (size // len(self.line) + 1))[:size]
        self.left -= size
        return size


def test_memory_does_not_grow_with_the_text() -> None:
    tracemalloc.start()
    assert list(find_ids(Log())) == []
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * 2**20
