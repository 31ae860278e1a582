"""Answers that must fit a JSON schema: what is asked for, and whether they do."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from conversations.chat import choices, history, ledger, requests, schemas, shapes, turns
from conversations.chat.ledger import End
from conversations.chat.refusals import Refusal
from conversations.models import Conversation, Endpoint, Response, User
from conversations.models.responses import Status
from conversations.retention import erasing
from conversations.stored.as_api import parameters_of

Json = dict[str, Any]


def an_object(**properties: Any) -> Json:
    required = list(properties)
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


TEXT, NUMBER = {"type": "string"}, {"type": "number"}
LINES = {"type": "array", "items": TEXT}
INVOICE = {"title": "An invoice!", **an_object(sender=TEXT, total=NUMBER, lines=LINES)}


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ("{", "A schema is a JSON object."),
        ([], "A schema is a JSON object."),
        ({"type": "array", "items": TEXT}, "At its root it must be of type object"),
        ({**an_object(), "anyOf": [TEXT]}, "At its root it must be of type object"),
        (an_object(a={"type": "strin"}), "At /properties/a/type it is no JSON schema: 'strin'"),
        ({**an_object(a=TEXT), "required": "a"}, "At /required it is no JSON schema"),
        ({"type": "object", "properties": {}}, "At /: every object needs “additionalProperties”: false."),
        (an_object(a={"type": "object"}), "At /properties/a: every object needs"),
        (an_object(a={"type": "array", "items": {"type": "object"}}), "At /properties/a/items: every object"),
        ({**an_object(a=TEXT, b=TEXT), "required": ["a"]}, "At /: “b” must be among “required”"),
        (an_object(a={"allOf": [TEXT]}), "At /properties/a: “allOf” is not part of the strict form."),
        (an_object(a={"$ref": "#/$defs/missing"}), "At /properties/a: “$ref” leads nowhere"),
        (an_object(a={"$ref": "https://example.com/a.json"}), "At /properties/a: “$ref” leads nowhere"),
        (an_object(a={"type": "string", "description": "x" * 20_000}), "It has more than 20000 bytes."),
    ],
)
def test_what_the_api_would_refuse_is_told_with_its_place(schema: Any, said: str) -> None:
    assert schemas.why_not(schema).startswith(said)
    with pytest.raises(Refusal) as refusal:
        choices.clean({"schema": schema})
    assert (refusal.value.code, refusal.value.choice) == ("bad_choice", "schema")
    assert str(refusal.value).startswith(f"This schema can't be used. {said}")


def test_a_schema_that_is_nested_too_deep_is_refused() -> None:
    deep: Json = TEXT
    for _level in range(11):
        deep = an_object(a=deep)
    assert schemas.why_not(deep) == "Objects may be nested 10 deep."


@pytest.mark.parametrize(
    "schema",
    [
        an_object(),
        INVOICE,
        an_object(a={"anyOf": [TEXT, {"type": "null"}]}, b={"enum": ["x", "y"]}, c={"$ref": "#/$defs/d"})
        | {"$defs": {"d": an_object(e={"type": ["integer", "null"]})}},
        an_object(next={"anyOf": [{"$ref": "#"}, {"type": "null"}]}),
        an_object(properties=an_object(required=TEXT)),
    ],
)
def test_what_the_api_takes_is_taken(schema: Json) -> None:
    assert schemas.why_not(schema) == ""


def test_it_goes_along_as_the_format_of_the_text() -> None:
    chosen = choices.clean({"schema": INVOICE, "verbosity": "low"})
    assert chosen["schema"] == json.dumps(INVOICE, separators=(",", ":"))
    row = Response(parameters=choices.parameters(chosen))
    assert parameters_of(row)["text"] == {
        "verbosity": "low",
        "format": {"type": "json_schema", "name": "An_invoice", "schema": INVOICE, "strict": True},
    }
    # Models answer in this order, which a database of JSON wouldn't keep.
    assert list(parameters_of(row)["text"]["format"]["schema"]["properties"]) == ["sender", "total", "lines"]
    assert choices.named_by("text.format") == "schema"


def said(*texts: str, **fields: Any) -> list[Json]:
    parts = [{"type": "output_text", "text": text} | fields for text in texts]
    return [{"type": "reasoning", "summary": []}, {"type": "message", "role": "assistant", "content": parts}]


GOOD = json.dumps({"sender": "Ada", "total": 12.5, "lines": ["tea"]})
REFUSED = [{"type": "message", "content": [{"type": "refusal", "refusal": "No."}]}]


@pytest.mark.parametrize(
    ("status", "output", "verdict"),
    [
        ("completed", said(GOOD), {"fits": True}),
        ("completed", said(GOOD[:9], GOOD[9:]), {"fits": True}),
        ("incomplete", said(GOOD[:-4]), {"fits": False, "why": "cut"}),
        ("completed", said("Dear Ada,"), {"fits": False, "why": "not_json"}),
        ("completed", REFUSED, {"fits": False, "why": "refused"}),
        (
            "completed",
            said(GOOD.replace("12.5", '"canary"')),
            {"fits": False, "why": "mismatch", "at": "/total", "rule": "type"},
        ),
        (
            "completed",
            said(GOOD.replace('["tea"]', '["tea", 7]')),
            {"fits": False, "why": "mismatch", "at": "/lines/1", "rule": "type"},
        ),
        (
            "completed",
            said(GOOD.replace("{", '{"canary": 1, ')),
            {"fits": False, "why": "mismatch", "at": "/", "rule": "additionalProperties"},
        ),
        ("completed", [{"type": "function_call", "name": "x"}], None),
        ("completed", [*said("Let me look."), {"type": "function_call", "name": "x"}], None),
        ("failed", [], None),
    ],
)
def test_an_answer_is_judged_in_no_word_of_it(status: str, output: list[Json], verdict: Any) -> None:
    parameters = choices.parameters(choices.clean({"schema": INVOICE}))
    assert schemas.verdict(parameters, status, output) == verdict
    assert "canary" not in str(schemas.verdict(parameters, status, output))
    assert schemas.verdict({}, status, output) is None


def test_neither_a_slow_pattern_nor_an_endless_schema_keeps_a_worker() -> None:
    slow = choices.parameters({"schema": json.dumps(an_object(a={"type": "string", "pattern": "(a+)+$"}))})
    assert schemas.verdict(slow, "completed", said(json.dumps({"a": "a" * 60 + "!"}))) == {"fits": True}
    endless = {**an_object(a={"$ref": "#/$defs/b"}), "$defs": {"b": {"$ref": "#/$defs/b"}}}
    judged = schemas.verdict(
        choices.parameters({"schema": json.dumps(endless)}), "completed", said('{"a": 1}')
    )
    assert judged == {"fits": False, "why": "endless"}


def ask(user: User, talk: Conversation, asked: Any) -> Response:
    turn = turns.send_message(user, talk.pk, client_key=uuid4(), text="Hi", tip=None, asked=asked)
    return turn.responses.get()


@pytest.mark.django_db
def test_the_receipt_has_the_verdict_until_the_answer_is_erased(
    alice: User, conversation: Conversation
) -> None:
    response = ask(alice, conversation, {"schema": INVOICE})
    job = ledger.claim(response.pk, ledger.register_worker())
    assert job is not None
    assert json.dumps(job.request["text"]["format"]["schema"]) == json.dumps(INVOICE)
    receipt = ledger.end(job, End(Status.COMPLETED, said("{}"), {"id": "resp_1"}))
    told = {"fits": False, "why": "mismatch", "at": "/", "rule": "required"}
    assert (receipt["structured"], receipt["verdict"]) == (True, told)
    response.refresh_from_db()
    erasing._blank([response])
    response.refresh_from_db()
    assert (response.verdict, shapes.response(response)["structured"]) == (None, False)


@pytest.mark.django_db
def test_a_plain_answer_has_none(alice: User, conversation: Conversation) -> None:
    response = ask(alice, conversation, None)
    assert "text" not in requests.body(response, history.gather(response))
    assert (shapes.response(response)["structured"], shapes.response(response)["verdict"]) == (False, None)


@pytest.mark.django_db
def test_a_deployment_without_structured_output_is_not_asked(alice: User, conversation: Conversation) -> None:
    Endpoint.objects.update(kind="azure_dated", api_version="2025-04-01-preview")
    with pytest.raises(Refusal, match="no structured output; the v1 route has"), transaction.atomic():
        ask(alice, Conversation.objects.get(), {"schema": INVOICE})
