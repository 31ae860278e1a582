"""What people choose beside the words, for a conversation or for one message of it.

clean({"temperature": 0.5, "verbosity": "low"})
parameters({"temperature": 0.5, "verbosity": "low"}) == {"temperature": 0.5, "text": {"verbosity": "low"}}
check({"effort": "minimal"}, deployment)   # raises Refusal where the deployment can't
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from conversations.chat import schemas
from conversations.chat.refusals import Refusal
from conversations.models import Deployment
from conversations.models.computer_runs import (
    LEAST_SECONDS,
    LEAST_SIDE,
    LEAST_STEPS,
    MOST_SECONDS,
    MOST_SIDE,
    MOST_STEPS,
)
from conversations.models.endpoints import Keep
from conversations.stored.capabilities import Abilities, abilities_of
from conversations.tools import registry
from conversations.tools.computers import ENVIRONMENT

Choices = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """What a value may be, in words and as a check."""

    fits: Callable[[Any], bool]
    wanted: str


def number(low: float, high: float) -> Kind:
    def fits(value: Any) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high

    return Kind(fits, f"a number from {low:g} to {high:g}")


def whole(low: int, high: int) -> Kind:
    def fits(value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high

    return Kind(fits, f"a whole number from {low} to {high}")


def one_of(*values: str) -> Kind:
    return Kind(lambda value: value in values, ", ".join(values))


def text(most: int) -> Kind:
    return Kind(
        lambda value: isinstance(value, str) and 0 < len(value) <= most, f"text of 1 to {most} characters"
    )


switch = Kind(lambda value: isinstance(value, bool), "true or false")

# The API takes 16 pairs; one of them is ours.
OUR_PAIR = "run_id"
MOST_PAIRS, MOST_OF_KEY, MOST_OF_VALUE = 15, 64, 512


def _fits_metadata(value: Any) -> bool:
    return isinstance(value, dict) and len(value) <= MOST_PAIRS and all(map(_fits_pair, value.items()))


def _fits_pair(pair: tuple[str, Any]) -> bool:
    key, value = pair
    names = 0 < len(key) <= MOST_OF_KEY and key != OUR_PAIR
    return names and isinstance(value, str) and len(value) <= MOST_OF_VALUE


pairs = Kind(
    _fits_metadata,
    f"at most {MOST_PAIRS} pairs of texts, names of 1 to {MOST_OF_KEY} characters except {OUR_PAIR}, "
    f"values of at most {MOST_OF_VALUE}",
)


def _fits_tool_choice(value: Any) -> bool:
    named = isinstance(value, dict) and isinstance(value.get("type"), str)
    return named or value in ("none", "auto", "required")


tool_choice = Kind(_fits_tool_choice, "none, auto, required, or an object with the type of a tool")


def _as_it_is(value: Any) -> Any:
    return value


def _compaction(tokens: int) -> list[dict[str, Any]]:
    return [{"type": "compaction", "compact_threshold": tokens}]


def _fits_names(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= len(registry.tools()) and all(map(_is_tool, value))


def _is_tool(value: Any) -> bool:
    return isinstance(value, str) and value in registry.tools()


names = Kind(_fits_names, "a list of names of tools")


def settings_of(needed: tuple[str, ...] = (), **kinds: Kind) -> Kind:
    """An object of a tool's settings; the API's own defaults are left out of it."""

    def fits(value: Any) -> bool:
        known = isinstance(value, dict) and set(needed) <= value.keys() <= kinds.keys()
        return known and all(kinds[name].fits(each) for name, each in value.items())

    wanted = "; ".join(f"{name}: {kind.wanted}" for name, kind in kinds.items())
    return Kind(fits, f"an object with {wanted}")


def some(most: int, longest: int) -> Kind:
    def fits(value: Any) -> bool:
        several = (
            isinstance(value, list) and 0 < len(value) <= most and len(value) == len(set(map(str, value)))
        )
        return several and all(isinstance(each, str) and 0 < len(each) <= longest for each in value)

    return Kind(fits, f"a list of 1 to {most} different names")


def either(one: Kind, other: Kind) -> Kind:
    return Kind(lambda value: one.fits(value) or other.fits(value), f"{one.wanted}, or {other.wanted}")


a_browser = settings_of(
    environment=one_of(ENVIRONMENT),
    display_width=whole(LEAST_SIDE, MOST_SIDE),
    display_height=whole(LEAST_SIDE, MOST_SIDE),
    start_url=text(2000),
    most_steps=whole(LEAST_STEPS, MOST_STEPS),
    most_seconds=whole(LEAST_SECONDS, MOST_SECONDS),
)

QUALITIES = ("auto", "low", "medium", "high")
SIZES = ("auto", "1024x1024", "1024x1536", "1536x1024")


a_schema = Kind(lambda value: not schemas.why_not(value), "a JSON schema in the strict form")


@dataclass(frozen=True)
class Choice:
    """`path` leads to the parameter of the API's request; without one the choice is for us alone.

    `feature` is what a deployment must be able to do for it, a name of `stored.capabilities`; `made` makes
    the parameter's value of it.
    """

    kind: Kind
    path: tuple[str, ...] = ()
    feature: str = ""
    made: Callable[[Any], Any] = _as_it_is


CHOICES = {
    "temperature": Choice(number(0, 2), ("temperature",), "temperature"),
    "top_p": Choice(number(0, 1), ("top_p",), "top_p"),
    "max_output_tokens": Choice(whole(16, 10_000_000), ("max_output_tokens",)),
    "truncation": Choice(one_of("disabled", "auto"), ("truncation",), "truncation_{value}"),
    "compact_at": Choice(whole(1000, 10_000_000), ("context_management",), "compaction", _compaction),
    "verbosity": Choice(one_of("low", "medium", "high"), ("text", "verbosity"), "verbosity"),
    "schema": Choice(a_schema, ("text", "format"), "structured_output", schemas.format_of),
    "effort": Choice(
        one_of("none", "minimal", "low", "medium", "high", "xhigh", "max"),
        ("reasoning", "effort"),
        "effort:{value}",
    ),
    "summary": Choice(one_of("auto", "concise", "detailed"), ("reasoning", "summary"), "summary"),
    "parallel_tool_calls": Choice(switch, ("parallel_tool_calls",), "parallel_tool_calls"),
    "tools": Choice(names, (), "tools"),
    "computer": Choice(either(switch, a_browser), (), "computer_use"),
    "tool_choice": Choice(tool_choice, ("tool_choice",), "tool_choice"),
    "metadata": Choice(pairs, ("metadata",)),
    "prompt_cache_key": Choice(text(64), ("prompt_cache_key",), "prompt_cache_key"),
    "keep": Choice(one_of(*Keep.values), (), "{value}"),
    # What they put into a request is told by `hosted.py`.
    "web_search": Choice(settings_of(search_context_size=one_of("low", "medium", "high")), (), "web_search"),
    "file_search": Choice(
        settings_of(("vector_store_ids",), vector_store_ids=some(10, 100), max_num_results=whole(1, 50)),
        (),
        "file_search",
    ),
    "code_interpreter": Choice(
        settings_of(memory_limit=one_of("1g", "4g", "16g", "64g")), (), "code_interpreter"
    ),
    "image_generation": Choice(
        settings_of(quality=one_of(*QUALITIES), size=one_of(*SIZES)), (), "image_generation"
    ),
    "mcp": Choice(some(10, 60), (), "mcp"),
}


def clean(asked: Any) -> Choices:
    """The choices that were made; null means that it is left to the API. Raises Refusal."""
    if asked is None:
        return {}
    if not isinstance(asked, dict):
        raise Refusal("bad_choice", _("Choices are an object, by name."))
    made = {name: value for name, value in asked.items() if value is not None}
    if "schema" in made:
        made["schema"] = schemas.as_text(made["schema"])
    for name, value in made.items():
        _check(name, value)
    return made


def clean_for_turn(asked: Any) -> Choices:
    """The same for a message, where null takes away what its conversation chose."""
    made = clean(asked)
    taken = [name for name in asked or {} if name in CHOICES and name not in made]
    return made | dict.fromkeys(taken)


def clean_names(asked: Any) -> list[str]:
    """Names of choices to do without; raises Refusal."""
    names = asked or []
    if not isinstance(names, list) or any(not isinstance(name, str) or name not in CHOICES for name in names):
        raise Refusal("bad_choice", _("What to do without is a list of names of choices."))
    return names


def _check(name: str, value: Any) -> None:
    if name not in CHOICES:
        known = {"name": name, "known": ", ".join(CHOICES)}
        raise Refusal("bad_choice", _("There is no choice “%(name)s”. Known ones are %(known)s.") % known)
    if name == "schema" and (why := schemas.why_not(value)):
        raise Refusal("bad_choice", _("This schema can't be used. %(why)s") % {"why": why}, choice=name)
    if not CHOICES[name].kind.fits(value):
        told = {"name": name, "wanted": CHOICES[name].kind.wanted}
        raise Refusal("bad_choice", _("“%(name)s” must be %(wanted)s.") % told)


def merged(conversation: Choices, turn: Choices) -> Choices:
    """A turn's choices go before its conversation's; null takes one away."""
    return {name: value for name, value in (conversation | turn).items() if value is not None}


def check(chosen: Choices, deployment: Deployment) -> None:
    """Raises Refusal for what the deployment can't do, before anything is asked of upstream."""
    if chosen:
        abilities = abilities_of(deployment)
        for name, value in chosen.items():
            why = _why_not(abilities, name, value)
            if why:
                told = {"name": name, "why": why}
                raise Refusal("cannot", _("“%(name)s” can't be chosen here: %(why)s") % told, choice=name)


def _why_not(abilities: Abilities, name: str, value: Any) -> str:
    if name == "summary" and abilities.can("generate_summary"):
        return ""
    most = abilities.max_output_tokens
    if name == "max_output_tokens" and most and value > most:
        return _("This model writes at most %(most)d tokens.") % {"most": most}
    if name == "tools" and not value:
        return ""
    feature = CHOICES[name].feature
    return abilities.why_not(feature.format(value=value) if isinstance(value, str) else feature)


def named_by(param: str) -> str:
    """The choice that a parameter of the API's request is made of; empty for any other."""
    param = param.replace(".generate_", ".")
    found = [name for name, choice in CHOICES.items() if choice.path and ".".join(choice.path) == param]
    return next(iter(found), "")


def parameters(chosen: Choices, deployment: Deployment | None = None) -> dict[str, Any]:
    """The part of the request that they make, by the names that the deployment's API version has."""
    body: dict[str, Any] = {}
    for name, value in chosen.items():
        *way, last = _path(name, deployment) or ("",)
        at = body
        for step in way:
            at = at.setdefault(step, {})
        if last:
            at[last] = CHOICES[name].made(value)
    return body


def _path(name: str, deployment: Deployment | None) -> tuple[str, ...]:
    """Summaries of reasoning had another name in the first preview."""
    if name == "summary" and deployment is not None:
        abilities = abilities_of(deployment)
        if abilities.can("generate_summary") and not abilities.can("summary"):
            return ("reasoning", "generate_summary")
    return CHOICES[name].path
