"""One call of a tool: its arguments checked, the function run, and whatever comes of it made into an output
that the model can read.
"""

import asyncio
import logging
import threading
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import orjson
from django.conf import settings
from django.db import connections
from pydantic import BaseModel, ValidationError

from conversations.models.tool_calls import CallState
from conversations.responses_api.text import repair_text
from conversations.tools.registry import Context, Tool, ToolError

logger = logging.getLogger(__name__)


MOST_HANGING = 10
_hanging: dict[str, list[threading.Thread]] = defaultdict(list)


@dataclass(frozen=True)
class Outcome:
    state: CallState
    output: str


def failure(why: str, state: CallState = CallState.FAILED) -> Outcome:
    return Outcome(state, orjson.dumps({"error": why}).decode())


async def in_time(tool: Tool, arguments: str, context: Context) -> Outcome:
    """Runs a tool on a thread of its own. One that hangs is left behind with its thread, which can't be
    ended; what it does later is lost. A tool that so many threads hang in is not run any more.
    """
    if len(_still_hanging(tool)) >= MOST_HANGING:
        return failure("The tool hangs and is not run at the moment.")
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Outcome] = loop.create_future()

    def tell(outcome: Outcome) -> None:
        if not done.done():
            done.set_result(outcome)

    def work() -> None:
        outcome = carry_out(tool, arguments, context)
        connections.close_all()
        loop.call_soon_threadsafe(tell, outcome)

    thread = threading.Thread(target=work, name=f"tool {tool.name}", daemon=True)
    thread.start()
    try:
        return await asyncio.wait_for(done, tool.seconds)
    except TimeoutError:
        _hanging[tool.name].append(thread)
        logger.warning("The tool %s took longer than %g s and is left behind", tool.name, tool.seconds)
        return failure(f"The tool took longer than {tool.seconds:g} seconds.", CallState.TIMED_OUT)


def _still_hanging(tool: Tool) -> list[threading.Thread]:
    _hanging[tool.name] = [thread for thread in _hanging[tool.name] if thread.is_alive()]
    return _hanging[tool.name]


def carry_out(tool: Tool, arguments: str, context: Context) -> Outcome:
    """Never raises."""
    try:
        given = _given(tool, arguments)
    except ValidationError as error:
        return _unfit(error)
    values = {name: getattr(given, name) for name in tool.arguments.model_fields}
    if tool.context:
        values[tool.context] = context
    try:
        return _bounded(_text(_function(tool)(**values)))
    except ToolError as error:
        return failure(str(error))
    except Exception as error:
        # The model learns what kind of error it was; the rest may hold what it shouldn't see.
        logger.exception("The tool %s failed", tool.name)
        return failure(f"The tool failed ({type(error).__name__}).")


def misfit(tool: Tool, arguments: str) -> Outcome | None:
    """What the model is told of arguments that the tool can't take; None where they fit."""
    try:
        _given(tool, arguments)
    except ValidationError as error:
        return _unfit(error)
    return None


def _given(tool: Tool, arguments: str) -> BaseModel:
    return tool.arguments.model_validate_json(arguments or "{}")


def _unfit(error: ValidationError) -> Outcome:
    return failure(f"The arguments don't fit: {_told(error)}.")


def _function(tool: Tool) -> Any:
    if tool.run is None:
        raise ToolError("A person answers this tool.")
    return tool.run


def _text(result: Any) -> str:
    """Text as it is, anything else as JSON."""
    return result if isinstance(result, str) else orjson.dumps(result, default=str).decode()


def _bounded(text: str) -> Outcome:
    text, _repairs = repair_text(text)
    size, most = len(text.encode()), settings.TOOL_OUTPUT_MAX_BYTES
    if size > most:
        return failure(f"The tool returned {size:,} bytes; at most {most:,} are passed on. Ask for less.")
    return Outcome(CallState.DONE, text)


def _told(error: ValidationError) -> str:
    problems = error.errors(include_url=False, include_context=False, include_input=False)[:5]
    return "; ".join(f"{'.'.join(map(str, each['loc'])) or 'JSON'}: {each['msg']}" for each in problems)
