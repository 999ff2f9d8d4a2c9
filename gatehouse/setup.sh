#!/bin/sh
# Creates .venv from the hashed lock. Needs Python >= 3.11 and nothing else; no root.
set -eu
PYTHON=${PYTHON:-python3}
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    echo "Gatehouse needs Python 3.11 or newer; '$PYTHON' is not. Try: make PYTHON=/path/to/python3.11" >&2
    exit 2
}
# Debian without python3-venv has no ensurepip: the system's own pip then fills the environment.
if [ ! -x .venv/bin/python ]; then
    echo "Creating .venv ..."
    "$PYTHON" -m venv .venv >/dev/null 2>&1 || "$PYTHON" -m venv --clear --without-pip .venv
fi
if [ ! -x .venv/bin/uv ]; then
    if .venv/bin/python -m pip --version >/dev/null 2>&1; then
        .venv/bin/python -m pip install --quiet --disable-pip-version-check uv
    elif "$PYTHON" -m pip --version >/dev/null 2>&1; then
        "$PYTHON" -m pip --python .venv/bin/python install --quiet --disable-pip-version-check uv
    else
        echo "No pip for $PYTHON. On Debian: apt install python3-venv; then call make again." >&2
        exit 2
    fi
fi
# On a terminal uv shows how far it is; in a log its bars would be noise.
QUIET=--quiet
[ ! -t 2 ] || QUIET=
echo "Installing what requirements.lock names (about 2 GB the first time) ..."
.venv/bin/uv pip install $QUIET --python .venv/bin/python --require-hashes --compile-bytecode -r requirements.lock
.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation -e .
