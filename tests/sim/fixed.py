"""Everything that would differ between two runs of one seed, fixed: ids, secrets, clocks, caches, thread pools."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import platform
import random
import secrets
import sys
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import anyio.to_thread
import uuid_utils

import cloud_api.db.engine
import cloud_api.services.background
import sync.housekeeping
import sync.transport
from sync.timekeeping import Reading

START_MS = 1_793_701_320_000
_PRODUCT = ("cloud_api.", "sync.", "pos_app.", "domain.")
_Result = TypeVar("_Result")


class Time:
    """The world's one time; every machine has its own idea of it."""

    def __init__(self) -> None:
        self.elapsed_ms = 0

    def pass_ms(self, more_ms: int) -> None:
        """Let time go on."""
        self.elapsed_ms += more_ms

    def monotonic(self) -> float:
        """``time.monotonic`` of every process."""
        return 1_000.0 + self.elapsed_ms / 1000

    def time(self) -> float:
        """``time.time`` of whoever compares it with the files of this disk: everything is old."""
        return 4_000_000_000.0 + self.elapsed_ms / 1000

    def time_ns(self) -> int:
        """``time.time_ns`` of the cloud."""
        return (START_MS + self.elapsed_ms) * 1_000_000


@dataclass
class Machine:
    """The clocks of one machine; people set the wall clock, a start begins the monotonic one anew."""

    time: Time
    name: str
    off_ms: int = 0
    boots: int = 1

    def now_ms(self) -> int:
        return START_MS + self.time.elapsed_ms + self.off_ms

    def monotonic_ms(self) -> int:
        return 50_000 + self.time.elapsed_ms

    def reading(self) -> Reading:
        return Reading(self.now_ms(), self.monotonic_ms(), self.boot_id)

    @property
    def boot_id(self) -> str:
        return f"{self.name}-boot-{self.boots}"


class Chance:
    """Ids and secrets of a run; apart from what decides its course, so that one cannot shift the other."""

    def __init__(self, seed: object) -> None:
        self._rng = random.Random(f"ids of {seed}")
        self._ids = 0

    def token_bytes(self, count: int = 32) -> bytes:
        return self._rng.randbytes(count)

    def token_hex(self, count: int = 32) -> str:
        return self._rng.randbytes(count).hex()

    def token_urlsafe(self, count: int = 32) -> str:
        return self._rng.randbytes(count).hex()

    def uuid7(self) -> uuid.UUID:
        self._ids += 1
        return uuid.UUID(int=(self._ids << 80) | (7 << 76) | (2 << 62) | self._rng.getrandbits(40))


@contextmanager
def patched(target: Any, **values: Any) -> Iterator[None]:
    """Other values for attributes of a module or class, for a while."""
    before = {name: getattr(target, name) for name in values}
    for name, value in values.items():
        setattr(target, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(target, name, value)


async def _inline(call: Callable[..., _Result], *args: Any, **_options: Any) -> _Result:
    return call(*args)


@contextmanager
def fixed(seed: object, time: Time) -> Iterator[None]:
    """A world in which only the seed decides."""
    chance = Chance(seed)
    with ExitStack() as stack:
        names = ("token_bytes", "token_hex", "token_urlsafe")
        stack.enter_context(patched(secrets, **{name: getattr(chance, name) for name in names}))
        stack.enter_context(patched(uuid_utils, uuid7=chance.uuid7))
        stack.enter_context(patched(platform, node=lambda: "till"))
        stack.enter_context(patched(anyio.to_thread, run_sync=_inline))
        stack.enter_context(patched(cloud_api.services.background, time=time))
        stack.enter_context(patched(sync.housekeeping, time=time))
        stack.enter_context(patched(sync.transport, time=time))
        # Who would have to wait for a lock is refused at once: nobody else can run meanwhile.
        stack.enter_context(patched(cloud_api.db.engine, SQLITE_BUSY_TIMEOUT_MS=0))
        os.environ["EVERTILL_KEY_STORE"] = "file"
        stack.enter_context(_undisturbed())
        _forget_caches()
        yield


@contextmanager
def _undisturbed() -> Iterator[None]:
    """What is thrown away goes when it is no longer named, not in the middle of whatever allocates much; and a log
    that is read and one that is not are written by different calls. Both would move the places where code is stopped.
    """
    gc.collect()
    gc.disable()
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(level)
        gc.enable()


def _forget_caches() -> None:
    """A second run in one process takes the same path through the code as the first."""
    for name, module in sorted(sys.modules.items()):
        if name.startswith(_PRODUCT):
            for value in vars(module).values():
                if callable(clear := getattr(value, "cache_clear", None)):
                    clear()


def run_in_loop(answer: Coroutine[Any, Any, _Result]) -> _Result:
    """The result of a coroutine that begins tasks of its own, as answers with a file do."""
    with asyncio.Runner() as runner:
        return runner.run(answer)


def run_now(answer: Awaitable[_Result]) -> _Result:
    """The result of a coroutine that never has to wait."""
    steps = answer.__await__()
    try:
        next(steps)
    except StopIteration as end:
        result: _Result = end.value
        return result
    raise AssertionError("a request waited for something")
