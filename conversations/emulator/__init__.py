"""A local Responses API server, as good and as bad as the real ones; docs/emulator.md tells how to use it.

It imports nothing of the project, and nothing of the project imports it: they meet over HTTP.
"""
