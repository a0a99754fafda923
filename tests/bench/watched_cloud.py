"""``evertill-cloud`` itself with two looks inside: when the bell after a commit rang, and how many statements ran.

``python -m tests.bench.watched_cloud serve …``. Beside the database lie then ``bells`` (a line of nanoseconds each
time HQ's commit woke the sequencer, by a clock that all processes share) and ``statements`` (a byte each).
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from cloud_api.cli.parser import main
from cloud_api.settings import from_environment
from cloud_api.wake import Wake

BELLS, STATEMENTS = "bells", "statements"


def watch(folder: Path) -> None:
    """Write down from now on."""
    bells, statements = (os.open(folder / name, os.O_CREAT | os.O_APPEND | os.O_WRONLY) for name in (BELLS, STATEMENTS))
    ring = Wake.set

    def noted(bell: Wake) -> None:
        os.write(bells, b"%d\n" % time.perf_counter_ns())
        ring(bell)

    def count(*_what: Any) -> None:
        os.write(statements, b".")

    Wake.set = noted  # type: ignore[method-assign,assignment]
    sa.event.listen(sa.Engine, "before_cursor_execute", count)


if __name__ == "__main__":
    watch(from_environment().data_dir)
    sys.exit(main())
