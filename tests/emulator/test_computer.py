"""The computer tool in both shapes, as the SDK reads it; the shop by its marks, without a browser."""

import base64
import io
from typing import Any

import pytest
from openai.types.responses import ResponseComputerToolCall
from PIL import Image, ImageDraw

from conversations.emulator.computer import marks, shop
from tests.emulator.running import Running, text_of

Json = dict[str, Any]
PREVIEW: Json = {
    "type": "computer_use_preview",
    "display_width": 1024,
    "display_height": 768,
    "environment": "browser",
}
SHAPES = pytest.mark.parametrize(
    ("model", "tool"), [("computer-use-preview", PREVIEW), ("gpt-5.4", {"type": "computer"})]
)


def picture(mark: int | None, size: tuple[int, int] = (1024, 768)) -> str:
    image = Image.new("RGB", size, "white")
    for at, colour in enumerate(marks.colours(mark) if mark else []):
        left = at * marks.SIDE
        ImageDraw.Draw(image).rectangle([left, 0, left + marks.SIDE - 1, marks.SIDE - 1], fill=colour)
    data = io.BytesIO()
    image.save(data, "PNG")
    return f"data:image/png;base64,{base64.b64encode(data.getvalue()).decode()}"


def asked(task: str, mark: int | None = shop.HOME) -> list[Json]:
    content = [{"type": "input_text", "text": task}, {"type": "input_image", "image_url": picture(mark)}]
    return [{"role": "user", "content": content}]


def output(call: Json, mark: int, **more: Any) -> Json:
    screenshot = {"type": "computer_screenshot", "image_url": picture(mark)}
    answer = {"type": "computer_call_output", "call_id": call["call_id"], "output": screenshot, **more}
    if call["pending_safety_checks"]:
        answer["acknowledged_safety_checks"] = call["pending_safety_checks"]
    return answer | more


def call_of(response: Json) -> Json:
    (call,) = [item for item in response["output"] if item["type"] == "computer_call"]
    ResponseComputerToolCall.model_validate(call, strict=True)
    found: Json = call
    return found


def actions(call: Json) -> list[Json]:
    return call.get("actions") or [call["action"]]


def walked(emulator: Running, model: str, tool: Json, task: str, lead: dict[str, int]) -> list[Json]:
    """Its responses; the browser of this test goes on to the page that an action leads to, by its name."""
    given: Json = {"model": model, "tools": [tool], "truncation": "auto"}
    responses = [emulator.create(input=asked(task), **given)]
    mark = shop.HOME
    while responses[-1]["output"][-1]["type"] == "computer_call":
        call = call_of(responses[-1])
        for action in actions(call):
            mark = lead.get(named(action), mark)
        before = responses[-1]["id"]
        responses.append(emulator.create(input=[output(call, mark)], previous_response_id=before, **given))
    return responses


def named(action: Json) -> str:
    return str(action.get("keys", [(action.get("x"), action.get("y"))])[0])


LEAD = {
    "ENTER": shop.RESULTS,
    str(shop.UNDER.middle): shop.FILTERED,
    str(shop.ROWS[0].middle): shop.ITEM,
    str(shop.SIZES.middle): shop.GUIDE,
    str(shop.ADD.middle): shop.CART,
    str(shop.PAY.middle): shop.CHECKOUT,
    str(shop.ORDER.middle): shop.DONE,
}


@SHAPES
def test_the_model_walks_the_shop_to_the_end_of_its_task(emulator: Running, model: str, tool: Json) -> None:
    responses = walked(emulator, model, tool, "Please buy me a lamp", LEAD)
    calls = [call_of(response) for response in responses[:-1]]
    checks = [check["code"] for call in calls for check in call["pending_safety_checks"]]
    assert checks == ["sensitive_domain"]
    assert {len(actions(call)) for call in calls} == ({1} if model == "computer-use-preview" else {1, 3, 4})
    assert "LL-1074" in text_of(responses[-1])


@pytest.mark.parametrize(("task", "end"), [("What does a lamp cost?", "€ 39"), ("How tall is it?", "38 cm")])
def test_tasks_that_only_look_end_without_a_check(emulator: Running, task: str, end: str) -> None:
    responses = walked(emulator, "gpt-5.4", {"type": "computer"}, task, LEAD)
    assert end in text_of(responses[-1])
    assert not any(call_of(response)["pending_safety_checks"] for response in responses[:-1])


@SHAPES
def test_a_page_that_never_changes_is_waited_for_and_left(emulator: Running, model: str, tool: Json) -> None:
    responses = walked(emulator, model, tool, "What does a lamp cost?", {})
    waits = [call for call in map(call_of, responses[:-1]) if actions(call) == [{"type": "wait"}]]
    assert len(waits) == 3
    assert "does not react" in text_of(responses[-1])


def test_without_a_picture_it_asks_for_one(emulator: Running) -> None:
    made = emulator.create("gpt-5.4", input="Buy a lamp", tools=[{"type": "computer"}])
    assert call_of(made)["actions"] == [{"type": "screenshot"}]


def test_it_tells_the_size_of_a_picture_that_it_does_not_know(emulator: Running) -> None:
    made = emulator.create("gpt-5.4", input=asked("Buy a lamp", mark=None), tools=[{"type": "computer"}])
    assert "1024 by 768" in text_of(made)


def test_it_does_the_actions_that_a_task_lists(emulator: Running) -> None:
    task = 'Actions: [[{"type": "move", "x": 1, "y": 2}, {"type": "wait"}], [{"type": "type", "text": "hm"}]]'
    responses = walked(emulator, "gpt-5.4", {"type": "computer"}, task, {})
    done = [call_of(response)["actions"] for response in responses[:-1]]
    assert done == [[{"type": "move", "x": 1, "y": 2}, {"type": "wait"}], [{"type": "type", "text": "hm"}]]


def test_its_events_and_summary_are_the_real_ones(emulator: Running) -> None:
    given: Json = {"truncation": "auto", "reasoning": {"generate_summary": "concise"}}
    seen = emulator.stream("computer-use-preview", input=asked("Buy a lamp"), tools=[PREVIEW], **given)
    placed = [event for event in seen if event.get("item", {}).get("type") == "computer_call"]
    assert [event["type"] for event in placed] == ["response.output_item.added", "response.output_item.done"]
    assert [event["item"]["status"] for event in placed] == ["in_progress", "completed"]
    (summary,) = seen[-1]["response"]["output"][0]["summary"]
    assert summary["text"].startswith("I see the shop's first page.")


def refusal(emulator: Running, model: str = "gpt-5.4", **request: Any) -> str:
    answer = emulator.post(model, **request)
    assert answer.status_code == 400, answer.text
    message: str = answer.json()["error"]["message"]
    return message


def test_the_preview_needs_truncation_and_a_display(emulator: Running) -> None:
    given: Json = {"model": "computer-use-preview", "input": asked("Buy a lamp")}
    assert "'truncation'" in refusal(emulator, tools=[PREVIEW], **given)
    bare = {"type": "computer_use_preview"}
    assert "display_width" in refusal(emulator, tools=[bare], truncation="auto", **given)


@pytest.mark.parametrize("tool", [PREVIEW, {"type": "computer"}])
def test_models_without_a_computer_refuse_the_tool(emulator: Running, tool: Json) -> None:
    assert "is not supported with gpt-5.1" in refusal(emulator, "gpt-5.1", input="Hello", tools=[tool])


def test_calls_and_their_outputs_belong_together(emulator: Running) -> None:
    given: Json = {"tools": [{"type": "computer"}]}
    made = emulator.create("gpt-5.4", input=asked("Buy a lamp"), **given)
    call = call_of(made)
    stray = output(call | {"call_id": "call_stray"}, shop.HOME)
    assert "No tool call found for computer call output" in refusal(emulator, input=[stray], **given)
    chained = {"previous_response_id": made["id"], **given}
    assert "No tool output found for computer call" in refusal(emulator, input="And now?", **chained)


def test_an_output_needs_its_screenshot(emulator: Running) -> None:
    given: Json = {"tools": [{"type": "computer"}]}
    made = emulator.create("gpt-5.4", input=asked("Buy a lamp"), **given)
    blind = output(call_of(made), shop.HOME, output={"type": "computer_screenshot"})
    chained = {"previous_response_id": made["id"], **given}
    assert "input[0].output.image_url" in refusal(emulator, input=[blind], **chained)


def test_a_safety_check_must_be_acknowledged(emulator: Running) -> None:
    given: Json = {"tools": [{"type": "computer"}]}
    task = "Buy a lamp"
    made = emulator.create("gpt-5.4", input=asked(task, shop.CHECKOUT), **given)
    filled = output(call_of(made), shop.CHECKOUT)
    made = emulator.create("gpt-5.4", input=[filled], previous_response_id=made["id"], **given)
    silent = output(call_of(made), shop.DONE, acknowledged_safety_checks=[])
    chained = {"previous_response_id": made["id"], **given}
    assert "were not acknowledged" in refusal(emulator, input=[silent], **chained)
    told = output(call_of(made), shop.DONE, current_url=f"{emulator.url}/shop/checkout")
    assert "LL-1074" in text_of(emulator.create("gpt-5.4", input=[told], **chained))


@pytest.mark.parametrize(
    ("path", "mark"),
    [
        ("", shop.HOME),
        ("search?q=lamp", shop.RESULTS),
        ("search?q=lamp&most=50", shop.FILTERED),
        ("item/reading-lamp", shop.ITEM),
        ("guide/reading-lamp", shop.GUIDE),
        ("cart?item=reading-lamp", shop.CART),
        ("checkout?item=reading-lamp", shop.CHECKOUT),
        ("account", shop.ACCOUNT),
    ],
)
def test_each_page_of_the_shop_shows_its_mark(emulator: Running, path: str, mark: int) -> None:
    page = emulator.http.get(f"/shop/{path}").text
    assert all(f"background:rgb{colour}" in page for colour in marks.colours(mark))


def test_a_mark_is_read_back() -> None:
    assert [marks.read(picture(mark))[0] for mark in range(1, 10)] == [*range(1, 10)]
