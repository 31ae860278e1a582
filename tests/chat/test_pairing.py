"""Calls and outputs of a history, whatever a server has said they are."""

from typing import Any

import pytest

from conversations.chat.pairing import NOT_ANSWERED, paired

CALL = {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"}


def test_a_call_that_was_never_answered_gets_an_output_that_says_so() -> None:
    output = {"type": "function_call_output", "call_id": "call_1", "output": NOT_ANSWERED}
    assert paired([CALL]) == [CALL, output]


@pytest.mark.parametrize("odd", [{}, [], {"deep": [1]}, 5, None])
def test_what_is_no_kind_and_no_id_breaks_no_history(odd: Any) -> None:
    strange = {"type": odd, "call_id": "call_2"}
    assert paired([strange, CALL])[:2] == [strange, CALL]
    for kind in ("function_call_output", "computer_call", "computer_call_output"):
        assert paired([{"type": kind, "call_id": odd}]) == []
