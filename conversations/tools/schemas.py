"""The JSON schema of a function's parameters, in the strict form of the API."""

from typing import Any

from pydantic import BaseModel

# Made for forms and validators; of no use to a model.
LEFT_OUT = ("title", "default")


def strict_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Every property required and no other allowed. A parameter's description is the first text that its
    type is annotated with.
    """
    schema: dict[str, Any] = _strict(model.model_json_schema())
    for name, field in model.model_fields.items():
        told = next((each for each in field.metadata if isinstance(each, str)), "")
        if told:
            schema["properties"][name]["description"] = told
    return schema


def _strict(node: Any) -> Any:
    if isinstance(node, list):
        return [_strict(each) for each in node]
    if not isinstance(node, dict):
        return node
    kept = {name: _strict(inner) for name, inner in node.items() if name not in LEFT_OUT}
    if kept.get("type") == "object":
        # The names of properties are no keywords: one may be called "title".
        kept["properties"] = {name: _strict(inner) for name, inner in node.get("properties", {}).items()}
        kept["required"] = list(kept["properties"])
        kept["additionalProperties"] = False
    return kept
