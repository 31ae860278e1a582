"""Calls of tools in a stream: what is sent of one, from the moment its item is opened."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from conversations.emulator.streaming.frames import Frames

Json = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """``opened`` is the item as it is added, ``done`` what becomes of it. Between the states that it goes
    through at first and at last, one text of it is streamed (``stem`` names the event, ``key`` the field) and
    previews of an image are shown."""

    opened: Json
    done: Json
    at_first: tuple[str, ...] = ()
    stem: str = ""
    key: str = ""
    previews: list[str] = field(default_factory=list)
    at_last: tuple[str, ...] = ()

    def play(self, item: Json, index: int, frames: Frames, beat: float) -> Iterator[bytes | float]:
        """From the frame after ``output_item.added`` on; ``item`` is the one in the response."""
        place = {"item_id": item["id"], "output_index": index}
        yield from self._states(self.at_first, place, frames, beat)
        if self.stem:
            yield from self._streamed(place, frames, beat)
        for number, preview in enumerate(self.previews):
            yield beat
            shown = {"partial_image_index": number, "partial_image_b64": preview, "output_format": "png"}
            yield frames.event("response.image_generation_call.partial_image", **place, **shown)
        yield from self._states(self.at_last, place, frames, beat)
        item.update(self.done)
        yield frames.event("response.output_item.done", output_index=index, item=item)

    def _states(
        self, states: tuple[str, ...], place: Json, frames: Frames, beat: float
    ) -> Iterator[bytes | float]:
        for state in states:
            yield frames.event(f"response.{self.opened['type']}.{state}", **place)
            yield beat

    def _streamed(self, place: Json, frames: Frames, beat: float) -> Iterator[bytes | float]:
        text = self.done[self.key]
        delta = frames.deltas(f"response.{self.stem}.delta", **place)
        for start in range(0, len(text), 12):
            yield beat
            yield delta(text[start : start + 12])
        yield frames.event(f"response.{self.stem}.done", **place, **{self.key: text})
