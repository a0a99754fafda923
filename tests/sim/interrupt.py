"""Interrupting product code at any place: between two calls, in the middle of a transaction, after a rename."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]
TILL = tuple(str(_ROOT / package) for package in ("sync", "pos_app"))
CLOUD = (str(_ROOT / "cloud_api"), str(_ROOT / "sync"))


@contextmanager
def interrupted(
    where: tuple[str, ...], after: int, act: Callable[[], None], *, when: Callable[[], bool] = lambda: True
) -> Iterator[None]:
    """Run ``act`` once, at the ``after``-th call or return of the packages in ``where``; it may raise Killed.

    Only what runs while ``when()`` counts: one thread runs the code of every process.
    """
    left = after

    def look(frame: FrameType, event: str, arg: Any) -> None:
        nonlocal left
        code = frame.f_code
        # A generator expression may be at its end because it is thrown away: what is raised there is lost.
        if not code.co_filename.startswith(where) or code.co_name == "<genexpr>" or not when():
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
