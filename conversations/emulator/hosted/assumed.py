"""Tools that a fault makes the model use: for whoever wants to see them without asking for them."""

from typing import Any

Json = dict[str, Any]

SETTINGS: dict[str, Json] = {
    "file_search": {"vector_store_ids": ["vs_assumed"]},
    "code_interpreter": {"container": {"type": "auto"}},
    "image_generation": {"partial_images": 2},
    "mcp": {"server_label": "docs", "server_url": "https://mcp.example.com/", "require_approval": "never"},
}
INCLUDED = ("web_search_call.action.sources", "file_search_call.results", "code_interpreter_call.outputs")


def assumed(request: Json, names: str) -> Json:
    """The request as if it had these tools, and had asked for all that they bring."""
    if not names:
        return request
    tools = [{"type": name, **SETTINGS.get(name, {})} for name in names.split(",")]
    return {**request, "tools": tools, "include": [*(request.get("include") or []), *INCLUDED]}
