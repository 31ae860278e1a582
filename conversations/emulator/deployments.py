"""The deployments that the emulator has: what each calls its model, and what that model takes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Deployment:
    """``efforts`` is what ``reasoning.effort`` may be, the default first; none at all: not a reasoning model.
    ``rate`` (deltas a second) and ``first_token`` (seconds) go before the emulator's settings; ``lacks`` are
    the hosted tools that the model can't use, ``refuses`` names what else it doesn't take (limits.py),
    ``computer`` the type of the tool by which it uses one."""

    name: str
    model: str
    efforts: tuple[str, ...] = ()
    context_window: int = 400_000
    rate: float | None = None
    first_token: float | None = None
    lacks: tuple[str, ...] = ()
    refuses: tuple[str, ...] = ()
    computer: str = ""

    @property
    def reasons(self) -> bool:
        return bool(self.efforts)


NO_TOOLS = (
    *("web_search", "web_search_preview", "file_search"),
    *("code_interpreter", "image_generation", "mcp"),
)
GPT_5_1 = ("none", "low", "medium", "high")
GPT_5 = ("medium", "minimal", "low", "high")

DEPLOYMENTS = {
    deployment.name: deployment
    for deployment in (
        Deployment("gpt-5.1", "gpt-5.1-2025-11-13", GPT_5_1),
        Deployment("gpt-5.1-slow", "gpt-5.1-2025-11-13", GPT_5_1, rate=8, first_token=3),
        Deployment("gpt-5.1-thinking", "gpt-5.1-2025-11-13", ("medium", "none", "low", "high")),
        Deployment("gpt-5", "gpt-5-2025-08-07", GPT_5),
        Deployment("gpt-5-mini", "gpt-5-mini-2025-08-07", GPT_5),
        Deployment("gpt-5.4", "gpt-5.4-2026-03-05", (*GPT_5_1, "xhigh"), computer="computer"),
        Deployment("gpt-5-pro", "gpt-5-pro-2025-10-06", ("high",), refuses=("stream", "parallel_tool_calls")),
        Deployment(
            "o4-mini",
            "o4-mini-2025-04-16",
            ("medium", "low", "high"),
            context_window=200_000,
            refuses=("parallel_tool_calls", "verbosity"),
        ),
        Deployment(
            "computer-use-preview",
            "computer-use-preview-2025-03-11",
            ("medium", "low", "high"),
            context_window=8_192,
            lacks=NO_TOOLS,
            computer="computer_use_preview",
        ),
        Deployment("gpt-4.1", "gpt-4.1-2025-04-14", context_window=1_047_576, refuses=("verbosity",)),
        Deployment(
            "tiny-context",
            "tiny-context-2025-01-01",
            context_window=2_000,
            lacks=NO_TOOLS,
            refuses=("schema", "images"),
        ),
    )
}
