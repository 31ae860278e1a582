"""Pictures and documents: what the emulated service refuses, and proof that its model looked."""

import base64
from typing import Any

import pytest

from conversations.emulator import sight, usage
from conversations.emulator.errors import ApiError
from tests import pictures
from tests.emulator.running import Running


def url(content: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def image(content: bytes, kind: str = "image/png", **fields: Any) -> dict[str, Any]:
    return {"type": "input_image", "image_url": url(content, kind), **fields}


def file(content: bytes, **fields: Any) -> dict[str, Any]:
    data = url(content, "application/pdf")
    return {"type": "input_file", "filename": "report.pdf", "file_data": data, **fields}


def message(*parts: dict[str, Any]) -> Any:
    return [{"type": "message", "role": "user", "content": list(parts)}]


def refusal(*parts: dict[str, Any], addresses: bool = True) -> dict[str, Any]:
    with pytest.raises(ApiError) as caught:
        sight.check(message(*parts), addresses=addresses)
    assert caught.value.status == 400
    error: dict[str, Any] = caught.value.body["error"]
    return error


@pytest.mark.parametrize(
    ("part", "code"),
    [
        (image(b"no picture"), "invalid_image_format"),
        (image(pictures.moving("GIF"), "image/gif"), "invalid_image_format"),
        (image(pictures.SVG, "image/svg+xml"), "invalid_value"),
        (image(pictures.picture(), detail="blurred"), "invalid_value"),
        ({"type": "input_image", "image_url": "data:image/png;base64,!!!"}, "invalid_value"),
        ({"type": "input_image", "image_url": "http://example.com/a.png"}, "invalid_value"),
        ({"type": "input_image"}, "invalid_value"),
        (file(b"no document"), "invalid_file"),
        (file(pictures.document("One"), filename=""), "missing_required_parameter"),
        ({"type": "input_file", "filename": "a.pdf", "file_data": "JVBERi0="}, "invalid_value"),
        (image(bytes(50_000_000)), "invalid_size"),
    ],
)
def test_what_is_no_picture_or_document_is_refused(part: dict[str, Any], code: str) -> None:
    error = refusal(part)
    assert error["code"] == code
    assert error["param"].startswith("input[0].content[0]")


def test_a_request_holds_so_many_pictures_and_so_much() -> None:
    small = image(pictures.picture())
    sight.check(message(*[small] * 100), addresses=True)
    assert refusal(*[small] * 101)["code"] == "too_many_images"


def test_addresses_are_only_for_the_newer_route() -> None:
    part = {"type": "input_image", "image_url": "https://example.com/a.png"}
    sight.check(message(part), addresses=True)
    assert refusal(part, addresses=False)["code"] == "invalid_value"


@pytest.mark.parametrize("colour", ["red", "blue", "white"])
def test_a_picture_is_described_by_size_and_colour(colour: str) -> None:
    (said,) = sight.seen(message(image(pictures.picture(colour=colour)))[0])
    assert said.startswith(f"The picture is **40 by 30** pixels and mostly **{colour}**")


def test_looking_costs_tokens_and_less_from_afar() -> None:
    near, far = (
        usage.tokens(usage.prompt_text("", message(image(pictures.picture(size=(600, 600)), detail=detail))))
        for detail in ("high", "low")
    )
    assert near > far > 80


def test_no_more_of_a_picture_is_cached_than_it_costs() -> None:
    parts = [image(pictures.picture(size=(600, 600)), detail="high")] * 3
    cache, prompt = usage.PromptCache(), usage.prompt_text("", message(*parts))
    assert cache.cached("gpt-5.1", prompt) == 0
    assert 1024 <= cache.cached("gpt-5.1", prompt) <= usage.tokens(prompt)


def test_the_model_tells_what_it_saw_and_remembers_it(emulator: Running) -> None:
    client = emulator.openai()
    question = {"type": "input_text", "text": "what is in this image?"}
    first: Any = client.responses.create(
        model="gpt-5.1", input=message(question, image(pictures.picture("JPEG"), "image/jpeg"))
    )
    assert "40 by 30" in first.output_text
    second = client.responses.create(
        model="gpt-5.1", input="How large was that picture?", previous_response_id=first.id
    )
    assert second.output_text.startswith("You showed me earlier: The picture is **40 by 30**")
    third: Any = client.responses.create(
        model="gpt-5.1", input=message(file(pictures.document("Totals", "x")))
    )
    assert "**report.pdf** has **2 pages**" in third.output_text
    assert "“Totals”" in third.output_text
