"""What a deployment can do, and why it can't do the rest, before anything is asked of upstream.

abilities = abilities_of(deployment)
abilities.why_not("images")         # "" where it can, else a sentence for people
abilities.why_not("effort:minimal")

What a test of the deployment found goes before what is written about its API version, its region and its
model. Of what nobody knows anything it is said that it can, and `is_known` is false.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations import clock
from conversations.models import Deployment, Endpoint, Inability, KnownModel, Trial
from conversations.models.endpoints import EndpointKind

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
FEATURES = {
    "streaming": gettext_lazy("Streaming"),
    "background": gettext_lazy("Background"),
    "not_stored": gettext_lazy("Answers that upstream doesn't store"),
    "images": gettext_lazy("Images"),
    "image_urls": gettext_lazy("Images by their address"),
    "files": gettext_lazy("PDF files"),
    "tools": gettext_lazy("Function tools"),
    "parallel_tool_calls": gettext_lazy("Several tool calls at once"),
    "tool_choice": gettext_lazy("Choice of tool"),
    "structured_output": gettext_lazy("Structured output"),
    "reasoning": gettext_lazy("Reasoning"),
    **{f"effort:{effort}": gettext_lazy("Effort") for effort in EFFORTS},
    "summary": gettext_lazy("Summary of reasoning"),
    "generate_summary": gettext_lazy("Summary of reasoning, by its old name"),
    "encrypted_reasoning": gettext_lazy("Encrypted reasoning"),
    "web_search": gettext_lazy("Web search"),
    "file_search": gettext_lazy("File search"),
    "code_interpreter": gettext_lazy("Code interpreter"),
    "image_generation": gettext_lazy("Image generation"),
    "mcp": gettext_lazy("MCP"),
    "computer_use": gettext_lazy("Computer use"),
    "temperature": gettext_lazy("Temperature"),
    "top_p": gettext_lazy("Top p"),
    "verbosity": gettext_lazy("Verbosity"),
    "prompt_cache_key": gettext_lazy("Key of the prompt cache"),
    "truncation_auto": gettext_lazy("Truncation"),
    "input_tokens_count": gettext_lazy("Counting of input tokens"),
    "compaction": gettext_lazy("Compaction"),
}
# How long before its retirement a model's users are told.
SOON = timedelta(days=60)
# A model's answers name its version, and so do some deployments.
VERSION = re.compile(r"-\d{4}-\d{2}-\d{2}$")


@dataclass(frozen=True)
class Abilities:
    """`remark` is for people: what to know of the model before one relies on it."""

    model: KnownModel | None
    remark: str = ""
    reasons: dict[str, str] = field(default_factory=dict)
    proven: frozenset[str] = frozenset()

    @property
    def is_known(self) -> bool:
        return self.model is not None

    @property
    def context_window(self) -> int | None:
        return self.model.context_window if self.model else None

    @property
    def max_output_tokens(self) -> int | None:
        return self.model.max_output_tokens if self.model else None

    def why_not(self, feature: str) -> str:
        """Empty where it can."""
        return self.reasons.get(feature, "")

    def can(self, feature: str) -> bool:
        return not self.why_not(feature)

    def as_json(self) -> dict[str, str]:
        """Every feature with its reason, for the page."""
        return {feature: self.why_not(feature) for feature in FEATURES}


def abilities_of(deployment: Deployment) -> Abilities:
    model = model_of(deployment)
    reasons = _written(deployment.endpoint, model) | _efforts(model)
    trials = list(Trial.objects.filter(deployment=deployment).exclude(works=None))
    for trial in trials:
        reasons[trial.feature] = "" if trial.works else _found(trial)
    proven = frozenset(trial.feature for trial in trials if trial.works)
    return Abilities(model, _remark(deployment, model), reasons, proven)


def _remark(deployment: Deployment, model: KnownModel | None) -> str:
    if model is None:
        told = {"name": deployment.model or deployment.name}
        return (
            _("Nothing is known here of the model “%(name)s”: what it can't do shows when it is tried.")
            % told
        )
    if model.retires_on is None or model.retires_on > clock.now().date() + SOON:
        return ""
    told = {"name": model.name, "day": date_format(model.retires_on, "j F Y")}
    if model.retires_on <= clock.now().date():
        return _("%(name)s was retired on %(day)s: it may stop answering at any time.") % told
    return _("%(name)s retires on %(day)s.") % told


def model_of(deployment: Deployment) -> KnownModel | None:
    """By the name of the model, else of the deployment, which many people call like its model."""
    name = VERSION.sub("", (deployment.model or deployment.name).lower())
    return KnownModel.objects.filter(name=name).first()


def version_of(endpoint: Endpoint) -> str:
    """The name of its API version's row."""
    names = {EndpointKind.AZURE_V1: "v1", EndpointKind.OPENAI: "openai"}
    return names.get(EndpointKind(endpoint.kind), endpoint.api_version)


def _written(endpoint: Endpoint, model: KnownModel | None) -> dict[str, str]:
    found = Q(api_version__name=version_of(endpoint)) | Q(model=model, model__isnull=False)
    if endpoint.region:
        found |= Q(region__name=endpoint.region)
    rows = Inability.objects.filter(found).order_by("pk")
    return {row.feature: row.reason for row in rows}


def _efforts(model: KnownModel | None) -> dict[str, str]:
    return dict(_refused_efforts(model)) if model else {}


def _refused_efforts(model: KnownModel) -> Iterator[tuple[str, str]]:
    """Nothing where its efforts are not known."""
    if model.efforts is None:
        return
    known = ", ".join(model.efforts)
    words = _("%(model)s takes the efforts %(known)s.") if known else _("%(model)s takes no effort.")
    for effort in EFFORTS:
        if effort not in model.efforts:
            yield f"effort:{effort}", words % {"model": model.name, "known": known}


def _found(trial: Trial) -> str:
    told = {"day": date_format(trial.tried_at, "j F Y"), "words": trial.words or _("it said nothing.")}
    return _("Upstream refused this when it was tested on %(day)s: %(words)s") % told
