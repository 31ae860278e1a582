"""The names that models give to keys, and what Playwright calls them."""

NAMES = {
    "/": "Slash",
    "\\": "Backslash",
    "alt": "Alt",
    "altgraph": "AltGraph",
    "arrowdown": "ArrowDown",
    "arrowleft": "ArrowLeft",
    "arrowright": "ArrowRight",
    "arrowup": "ArrowUp",
    "backspace": "Backspace",
    "capslock": "CapsLock",
    "cmd": "Meta",
    "command": "Meta",
    "control": "Control",
    "ctrl": "Control",
    "del": "Delete",
    "delete": "Delete",
    "down": "ArrowDown",
    "end": "End",
    "enter": "Enter",
    "esc": "Escape",
    "escape": "Escape",
    "home": "Home",
    "insert": "Insert",
    "left": "ArrowLeft",
    "meta": "Meta",
    "option": "Alt",
    "page_down": "PageDown",
    "page_up": "PageUp",
    "pagedown": "PageDown",
    "pageup": "PageUp",
    "pgdn": "PageDown",
    "pgup": "PageUp",
    "return": "Enter",
    "right": "ArrowRight",
    "shift": "Shift",
    "space": "Space",
    "super": "Meta",
    "tab": "Tab",
    "up": "ArrowUp",
    "win": "Meta",
    **{f"f{number}": f"F{number}" for number in range(1, 13)},
}
# "ctrl+a" in one name, as some models write it; a plus sign by itself is a key.
JOINT = "+"


def key_names(keys: tuple[str, ...]) -> list[str]:
    """Playwright's names, in order; a name that isn't known stays as it is."""
    parts = [part for key in keys for part in _parts(key)]
    names = [NAMES.get(part.lower(), part) for part in parts]
    # Models write Ctrl+A, but nobody holds Shift there.
    is_plain = len(names) > 1 and "Shift" not in names
    return [name.lower() if is_plain and len(name) == 1 else name for name in names]


def _parts(key: str) -> list[str]:
    parts = key.split(JOINT)
    return [key] if len(key) == 1 or not all(parts) else parts
