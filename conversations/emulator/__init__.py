"""A local Responses API server that behaves as well and as badly as the real ones do; docs/emulator.md tells how.

It imports nothing of the project, and nothing of the project imports it: they meet over HTTP.
"""
