"""Interrupting product code at any place: between two calls, in the middle of a transaction, after a rename."""

from __future__ import annotations

import gc
import random
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]
TILL = tuple(str(_ROOT / package) for package in ("sync", "pos_app"))
DISK_CALLS = ("execute", "executemany", "commit", "exec_driver_sql", "fsync", "unlink", "replace", "rename")
DISK_CALLS_MAX, MAGNITUDES = 24, 3.2
CLOUD = (str(_ROOT / "cloud_api"), str(_ROOT / "sync"))


@contextmanager
def interrupted(
    where: tuple[str, ...], rng: random.Random, act: Callable[[], None], *, when: Callable[[], bool] = lambda: True
) -> Iterator[None]:
    """Run ``act`` once, at some call or return of the packages in ``where``; it may raise Killed.

    Half of the time it is before one of the first calls that change a disk. Only what runs while ``when()`` counts:
    one thread runs the code of every process.
    """
    at_disk = rng.random() < 0.5
    after = rng.randint(1, DISK_CALLS_MAX) if at_disk else int(10 ** rng.uniform(0, MAGNITUDES))
    left = after

    def look(frame: FrameType, event: str, arg: Any) -> None:
        nonlocal left
        code = frame.f_code
        # A generator expression may be at its end because it is thrown away: what is raised there is lost.
        if not code.co_filename.startswith(where) or code.co_name == "<genexpr>" or not when():
            return
        if at_disk and (event != "c_call" or arg.__name__ not in DISK_CALLS):
            return
        # A lock that is being let go of would stay taken; with a process it is gone.
        if event == "c_call" and arg.__name__ == "__exit__":
            return
        left -= 1
        if left == 0:
            sys.setprofile(None)
            act()

    sys.setprofile(look)
    try:
        yield
    finally:
        sys.setprofile(None)


def bury(error: BaseException) -> None:
    """Let go of what a dead process still holds, files and with them locks: its frames have them until they go."""
    left: list[BaseException | None] = [error]
    while left:
        one = left.pop()
        if one is not None:
            _clear_returning(one.__traceback__)
            traceback.clear_frames(one.__traceback__)
            left += [one.__context__, *(one.exceptions if isinstance(one, BaseExceptionGroup) else ())]
    gc.collect()


def _clear_returning(step: TracebackType | None) -> None:
    """A call that was stopped on its return stands in no traceback; it is what called ``look``."""
    while step is not None:
        caller = step.tb_frame.f_back
        while caller is not None:
            try:
                caller.clear()
            except RuntimeError:  # it is still running, and so is whatever called it
                break
            caller = caller.f_back
        step = step.tb_next
