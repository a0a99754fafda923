"""`python -m tests.bench [NAME …]`: run the measurements of this folder, all or those whose module is named."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
import tempfile
from pathlib import Path

import tests.bench
from tests.bench.harness import Bench, Result, machine, missed, table, write_results


def benches(names: list[str]) -> list[tuple[str, Bench]]:
    """The measurements by module name."""
    found = names or [info.name for info in pkgutil.iter_modules(tests.bench.__path__) if info.name != "__main__"]
    modules = {name: importlib.import_module(f"tests.bench.{name}") for name in found}
    return [(name, module.bench) for name, module in sorted(modules.items()) if hasattr(module, "bench")]


def main(names: list[str]) -> int:
    """Run them, print the table, write the JSON; a goal that is missed is told there and fails nothing."""
    os.environ.setdefault("EVERTILL_KEY_STORE", "file")
    results: list[Result] = []
    for name, bench in benches(names):
        print(f"… {name}", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="evertill-bench-") as folder:
            found = list(bench(Path(folder)))
        write_results(found)
        print(table(found), flush=True)  # a run that is stopped keeps what it has measured
        results += found
    print(machine())
    print(table(results))
    print(missed(results) or "every goal was reached")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
