"""From a create request to the script of its answer."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from conversations.emulator import answers, computer, errors, functions, hosted, objects, structured, usage
from conversations.emulator.deployments import DEPLOYMENTS, Deployment
from conversations.emulator.faults import Faults
from conversations.emulator.service import Emulator
from conversations.emulator.streaming.frames import Style
from conversations.emulator.streaming.script import Pace, Part, Prompt, Script
from conversations.emulator.window import Reading

Json = dict[str, Any]

LONGEST = 10
REASONING_TOKENS = {"none": 0, "minimal": 0, "low": 64, "medium": 192, "high": 512, "xhigh": 1024}


@dataclass(frozen=True)
class Creation:
    """A create request that was found good, the context that it makes, and what the model reads of that."""

    request: Json
    deployment: Deployment
    faults: Faults
    context: list[Json]
    reading: Reading

    @property
    def instructions(self) -> str:
        return self.request.get("instructions") or ""

    @property
    def effort(self) -> str:
        """``none`` for deployments that don't reason."""
        given = (self.request.get("reasoning") or {}).get("effort")
        return given or (self.deployment.efforts[0] if self.deployment.reasons else "none")


def deployment_of(model: str, azure: bool) -> Deployment:
    """Raises the service's 404 for a deployment that doesn't exist."""
    name = model.partition("+")[0]
    deployment = DEPLOYMENTS.get(name)
    if deployment is None:
        raise errors.deployment_not_found() if azure else errors.model_not_found(name)
    return deployment


def context_of(emulator: Emulator, request: Json) -> list[Json]:
    """Everything the model reads but the instructions: the chain so far, then this request's input."""
    earlier = emulator.history(request.get("previous_response_id"))
    given = request.get("input") or []
    new = objects.input_items(given)
    return earlier + [_dereferenced(emulator, item) for item in new]


def _dereferenced(emulator: Emulator, item: Json) -> Json:
    if item["type"] != "item_reference":
        return item
    found = emulator.store.item(item["id"])
    if found is None:
        message = (
            f"Item with id '{item['id']}' not found. Items are not persisted when `store` is set to false. "
            "Try again with `store` set to true, or remove this item from your input."
        )
        raise errors.invalid(message, param="input")
    return found


def script_of(emulator: Emulator, creation: Creation, on_end: Callable[[Script], None]) -> Script:
    request, faults = creation.request, creation.faults
    reasoning = {
        "effort": creation.effort if creation.deployment.reasons else None,
        "summary": _summary(creation),
    }
    shown = {**request, "tools": [hosted.shown(tool) for tool in request.get("tools") or []]}
    response = objects.new_response(shown, creation.deployment.model, emulator.clock.now(), reasoning)
    return Script(
        response,
        _part(creation),
        _pace(emulator, creation),
        _prompt(emulator, creation),
        faults,
        Style(
            event_lines="no-event-lines" not in faults,
            obfuscation=(request.get("stream_options") or {}).get("include_obfuscation", True),
            sparse="missing" in faults,
        ),
        emulator.clock.now,
        on_end,
    )


def _summary(creation: Creation) -> str | None:
    asked = creation.request.get("reasoning") or {}
    given: str | None = asked.get("summary") or asked.get("generate_summary")
    return "detailed" if given == "auto" else given


def _prompt(emulator: Emulator, creation: Creation) -> Prompt:
    read = creation.reading
    return Prompt(read.tokens, emulator.prompts.cached(creation.deployment.model, read.text))


def _pace(emulator: Emulator, creation: Creation) -> Pace:
    settings, deployment = emulator.settings, creation.deployment
    slow = creation.faults.number("slow")
    first = slow if slow is not None else deployment.first_token
    rates = (creation.faults.deltas()[1], deployment.rate, settings.rate)
    rate = next(rate for rate in rates if rate is not None)
    return Pace(settings.first_token if first is None else first, rate)


def _part(creation: Creation) -> Part:
    talk = answers.Talk.of(creation.instructions, creation.reading.items)
    if "refusal" in creation.faults:
        return Part(pieces_of(answers.REFUSAL))
    tools = computer.plan(creation.request, creation.context) or _tools(creation, talk.question)
    said = tools.said or answers.compose(talk)
    formed = structured.answer(creation.request, said, fits="misfit" not in creation.faults)
    deltas = _deltas(pieces_of(formed or said), creation.faults)
    thought = _thought(talk, creation.effort)
    summary = tools.thoughts or answers.summary(talk) if thought and _summary(creation) else []
    encrypted = _encrypted(creation, talk) if thought else None
    made = Part(deltas, summary, thought, encrypted, tools.calls, tools.notes, tools.waits)
    return replace(made, compaction=creation.reading.compaction)


def _tools(creation: Creation, question: str) -> hosted.Plan:
    """Hosted tools work for the question, and not once more when functions have answered."""
    request = hosted.assumed(creation.request, creation.faults.args.get("hosted", ""))
    context = creation.context
    done = functions.answered(context) and not hosted.approved(context)
    beside = hosted.Plan() if done else hosted.plan(request, question, context)
    return functions.plan(request, question, context, beside)


def _encrypted(creation: Creation, talk: answers.Talk) -> str | None:
    """The thoughts for whoever keeps the conversation himself, where he asks for them."""
    if "reasoning.encrypted_content" not in (creation.request.get("include") or []):
        return None
    return "gAAAAA" + base64.b64encode(talk.question.encode(errors="replace")).decode()


def _thought(talk: answers.Talk, effort: str) -> int:
    """Reasoning tokens: by effort and by the length of the question."""
    base = REASONING_TOKENS.get(effort, 0)
    return base + usage.tokens(talk.question) % 64 if base else 0


def _deltas(deltas: list[str], faults: Faults) -> list[str]:
    count, _ = faults.deltas()
    if count is not None:
        deltas = [deltas[place % len(deltas)] for place in range(count)]
    deltas = _marred(deltas, "nul", " nul:\x00:nul ", faults)
    return _marred(deltas, "surrogate", " half:\ud83d:half ", faults)


def _marred(deltas: list[str], name: str, mark: str, faults: Faults) -> list[str]:
    return [*deltas[:3], mark, *deltas[3:]] if name in faults else deltas


def pieces_of(text: str) -> list[str]:
    """The text cut much as a tokenizer would: words with the space before them, long ones in pieces."""
    words = answers.WORDS.findall(text)
    return [word[start : start + LONGEST] for word in words for start in range(0, len(word), LONGEST)]
