#!/usr/bin/env bash
# Resolve pyproject.toml anew into requirements.lock (every platform, every extra, with hashes).
set -euo pipefail
cd "$(dirname "$0")/.."
compile() {
  .venv/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate --upgrade "$@"
}
compile --all-extras pyproject.toml -o requirements.lock
uv_version=$(.venv/bin/uv --version | cut -d' ' -f2)
echo "uv>=$uv_version" | compile - -o requirements-bootstrap.lock
