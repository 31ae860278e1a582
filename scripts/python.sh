#!/bin/sh
# Runs the first Python that is new enough, with the given arguments; PYTHON in the environment names another.
set -eu

new_enough='import sys; sys.exit(sys.version_info < (3, 11))'
complete='import ensurepip, venv'

if [ -n "${PYTHON:-}" ]; then
    if "$PYTHON" -c "$new_enough" 2>/dev/null; then
        exec "$PYTHON" "$@"
    fi
    echo "PYTHON=$PYTHON is not a Python of version 3.11 or newer. Name one that is, or unset PYTHON." >&2
    exit 2
fi

# One that can make a virtual environment is preferred; Debian's can't without the package python3-venv.
for test in "$complete; $new_enough" "$new_enough"; do
    for candidate in python3 python3.14 python3.13 python3.12 python3.11 python; do
        if "$candidate" -c "$test" >/dev/null 2>&1; then
            exec "$candidate" "$@"
        fi
    done
done

echo "No Python of version 3.11 or newer was found. Install one (Debian 12 and Ubuntu 24.04 have it as python3)," >&2
echo "or name one: make PYTHON=/path/to/python3.12" >&2
exit 2
