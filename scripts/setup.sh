#!/usr/bin/env bash
# Make or refresh .venv from the locked dependencies; does nothing when it is up to date.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/apt.sh

find_python() {  # the interpreter to build on: $PYTHON, or the first Python 3.11+ on the path
  local candidate
  for candidate in ${PYTHON:-} python3.11 python3.12 python3.13 python3.14 python3; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  printf '需要 Python 3.11 或更新版本。\nPython 3.11 or newer is needed.\n' >&2
  return 1
}

stamp=.venv/.evertill-stamp
want=$(cat pyproject.toml requirements.lock requirements-bootstrap.lock scripts/setup.sh | sha256sum | cut -d' ' -f1)
if [ "$(cat "$stamp" 2>/dev/null)" = "$want" ] && .venv/bin/python -c '' 2>/dev/null; then
  exit 0
fi

python=$(find_python)
if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
  # Debian ships python3 without ensurepip; its venv package brings it.
  "$python" -c 'import ensurepip, venv' 2>/dev/null || apt_install python3-venv
  echo "creating .venv with $("$python" --version)"
  "$python" -m venv --clear .venv
fi

echo "installing the locked dependencies"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bootstrap.lock
# A mirror that the user set for pip serves uv as well.
mirror=${PIP_INDEX_URL:-$(.venv/bin/python -m pip config get global.index-url 2>/dev/null || true)}
if [ -n "$mirror" ] && [ -z "${UV_DEFAULT_INDEX:-}" ]; then export UV_DEFAULT_INDEX="$mirror"; fi
# venvs are made and thrown away: copying is slower than a link but never warns across file systems.
export UV_LINK_MODE="${UV_LINK_MODE:-copy}" VIRTUAL_ENV="$PWD/.venv"
.venv/bin/uv pip install --quiet --require-hashes -r requirements.lock
.venv/bin/uv pip install --quiet --no-deps --no-build-isolation --editable .
echo "$want" >"$stamp"
echo "环境就绪 .venv is ready"
