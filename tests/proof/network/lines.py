"""What the proofs of this folder do with a till: bring it back at once, or make it begin its replica anew."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterable, Iterator

from tests.contract.counter import Counter
from tests.proof.network.middlebox import Fault, Request


class Impatient(random.Random):
    """Chance that never lets anybody wait: what is tried again is tried again at once."""

    def uniform(self, a: float, b: float) -> float:
        return 0.0


def connect_impatiently(counter: Counter) -> None:
    """Start the agent without the pauses that spare a failing cloud."""
    counter.agent._rng = Impatient()
    counter.connect()


def begin_anew(counter: Counter) -> None:
    """Forget the replica, as after damage; the agent starts with an empty one."""
    counter.disconnect()
    shutil.rmtree(counter.directory / "replica")
    counter.heard.events.clear()
    counter._flips_taken = counter._forks_taken = 0
    connect_impatiently(counter)


class Script:
    """Faults to come, in turn, for each kind of request; what is not named passes."""

    def __init__(self, faults: dict[str, Iterable[Fault]]) -> None:
        self._waiting: dict[str, Iterator[Fault]] = {kind: iter(of_kind) for kind, of_kind in faults.items()}
        self.bitten = 0

    def __call__(self, request: Request) -> Fault | None:
        kind = kind_of(request)
        fault = next(self._waiting.get(kind, iter(())), None)
        self.bitten += fault is not None
        return fault


KINDS = ("enrol", "token", "hello", "manifest", "page", "snapshot", "live", "up")


def kind_of(request: Request) -> str:
    """Which of sync's exchanges a request begins."""
    path = request.name.partition(" ")[2].removeprefix("/v1/")
    if path.startswith("snap/"):
        return "snapshot"
    if path.startswith("b/"):
        return "manifest" if path.endswith("/manifest") else "page"
    return path


def passes(check: Callable[[], object]) -> bool:
    """Whether a check holds: a self-test wants to see it fail."""
    try:
        check()
    except AssertionError:
        return False
    return True
