"""The weather of the API's own examples: sample data, and said to be."""

from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _

from conversations.tools.registry import manual, tool

SKIES = ("sunny", "partly cloudy", "cloudy", "light rain", "windy")
NOTE = "Sample data of a demonstration, not the real weather. Tell the person so."


@tool(title=_("Weather (sample data)"), repeatable=True)
def get_weather(location: Annotated[str, "City, such as San Francisco"]) -> dict[str, Any]:
    """Get the weather for a location."""
    # The same place has the same weather, and San Francisco that of the API's example.
    number = sum(map(ord, location.strip().casefold()))
    degrees = 70 if "san francisco" in location.casefold() else 40 + number % 50
    return {
        "location": location,
        "temperature": f"{degrees} degrees",
        "sky": SKIES[number % len(SKIES)],
        "note": NOTE,
    }


@manual(title=_("Weather, answered by a person"))
def ask_for_weather(location: Annotated[str, "City, such as San Francisco"]) -> str:
    """Ask a colleague who looks out of the window for the weather at a location."""
    raise NotImplementedError
