# `make help` lists what there is; on a fresh Debian 12 `make demo` and `make test` do all the set-up themselves.
PY := .venv/bin/python
# Compiled files are kept, whatever the surroundings ask: the tests start hundreds of processes, each in half the time.
export PYTHONDONTWRITEBYTECODE :=
.DEFAULT_GOAL := help
.PHONY: help setup system check format test demo bench prove lock installer clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:  ## create or refresh .venv from the lock file
	@bash scripts/setup.sh

system: setup  ## install what the system lacks (apt), or print the one command that does
	@bash scripts/system.sh

check: setup  ## format, lint, types and layers
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	.venv/bin/lint-imports --no-cache

format: setup  ## rewrite the code in the project's format
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

test: setup system check  ## everything a change has to pass
	$(PY) -m pytest -q -n 3

demo: setup  ## the main job, end to end, on real goods
	@bash scripts/system.sh demo
	$(PY) -m scripts.demo

bench: setup system  ## measurements, all or ONLY="sale_commit …": build/bench/results.json and a table
	$(PY) -m tests.bench $(ONLY)

prove: setup system  ## the long proofs
	$(PY) -m pytest -q -n 2 -m long --timeout 3600

lock: setup  ## resolve the dependencies anew, with hashes
	@bash scripts/lock.sh

installer: setup  ## a one-folder build of the till and its .deb under build/
	$(PY) build_installer.py

clean:  ## remove what builds and tests left behind
	rm -rf build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage htmlcov *.egg-info
	find . -path ./.venv -prune -o -name __pycache__ -type d -exec rm -rf {} +
