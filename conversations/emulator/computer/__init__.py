"""The computer tool: a model that looks at screenshots and uses a browser, and a shop for it to visit."""

from conversations.emulator.computer.checks import check_answers, check_request
from conversations.emulator.computer.model import plan
from conversations.emulator.computer.shop import routes

__all__ = ["check_answers", "check_request", "plan", "routes"]
