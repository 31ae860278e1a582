#!/bin/sh
# Writes the lock files anew from pyproject.toml. Needs uv; the packages are those of the usual index.
set -eu
cd "$(dirname "$0")/.."

lock() {
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header "$@"
}

lock pyproject.toml --output-file requirements.lock
lock pyproject.toml --group dev --constraints requirements.lock --output-file requirements-dev.lock
lock --group node --output-file requirements-node.lock
