"""The tools that run upstream: what the model does with those it was given, when the question asks for it."""

from conversations.emulator.hosted.assumed import assumed
from conversations.emulator.hosted.mcp import answered as approved
from conversations.emulator.hosted.plan import HOSTED, Plan, check_tools, plan, shown

__all__ = ["HOSTED", "Plan", "approved", "assumed", "check_tools", "plan", "shown"]
