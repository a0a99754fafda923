"""One run: the machines, the network, the order of what happens, all from one seed."""

from __future__ import annotations

import hashlib
import random
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import cloud_api.services.feeds.restore
import cloud_api.services.feeds.sequencer
import cloud_api.services.snapshots.files
import sync.feed
import sync.uploader
from tests.sim import acts, bugs, late_commits, scenes, till_acts
from tests.sim.cloud import CloudHost
from tests.sim.disk_acts import Image
from tests.sim.faults import Broken
from tests.sim.fixed import Machine, Time, fixed, patched
from tests.sim.invariants import check_replica, check_safety
from tests.sim.liveness import settle
from tests.sim.network import NO_FAULTS, Network
from tests.sim.template import copy_template, run_folder
from tests.sim.till import Home, few_at_once
from tests.sim.truth import Truth

STEPS = 120
CHECK_EVERY = 6
DEPTH_MAX = 3
SALE_HERE_ODDS, SALE_BETWEEN_ODDS = 0.3, 0.15
"""While a till's agent is at something its cashier goes on."""
TRACE_SHOWN = 40


@dataclass
class World:
    """Everything of a run."""

    seed: object
    folder: Path
    time: Time = field(default_factory=Time)
    has_faults: bool = True
    depth: int = 0
    """How deep we are in things that happen while something else is under way."""
    is_app_dying: bool = False
    """The machine is switched off in the middle of the sale that is under way."""
    weights: dict[str, float] = field(default_factory=dict)
    trace: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = random.Random(f"course of {self.seed}")
        self.truth = Truth()
        self.network = Network(self)
        self.homes: list[Home] = []
        self.hot: Home | None = None
        self.images: dict[str, Image] = {}
        self.held_back: late_commits.Held | None = None
        self.cloud = CloudHost(self, self.folder / "cloud")
        self.truth.feeds.look(self.cloud)

    def add_home(self, terminal: str, directory: Path) -> Home:
        """A machine with a till's disk in it."""
        home = Home(self, directory, terminal, Machine(self.time, directory.name))
        self.homes.append(home)
        return home

    def close(self) -> None:
        """Let go of every file."""
        for home in self.homes:
            home.up_busy = home.down_busy = False
            home.kill_app()
        self.cloud.close()

    def heal(self) -> None:
        """From now on nothing goes wrong any more."""
        self.has_faults = False
        self.network.odds = NO_FAULTS
        self.network.late.clear()

    # The course ------------------------------------------------------------------------------------------

    def run(self, steps: int) -> None:
        """Faults and work for so many steps, then everything must come to rest."""
        for step in range(steps):
            self.time.pass_ms(self.rng.randint(1, 3_000))
            acts.act(self)
            if step % CHECK_EVERY == CHECK_EVERY - 1:
                check_safety(self)
                self.note("tips " + " ".join(home.tip()[2][:8] for home in self.homes))
        settle(self)
        self.note("end " + " ".join(str(row) for row in self.cloud.rows("SELECT bucket, head_seq FROM sync_bucket")))

    def meanwhile(self, home: Home, *, exclusive: bool = False) -> None:
        """What others do while a request of this till is under way; ``exclusive``: its own agent stands still."""
        if not self.has_faults or self.depth >= DEPTH_MAX:
            return
        held, home.held = home.held, home.held or exclusive
        try:
            self._nested(self.rng.randint(1, 2), here=home)
        finally:
            home.held = held

    def look_in(self, home: Home) -> None:
        """What others do, and what a reader of the replica sees, while this till's agent is in the middle of a step."""
        check_replica(self, home)
        self._nested(1, here=home)

    def sale_between(self, home: Home) -> None:
        """Now and then the cashier sells between two reads of the agent."""
        if self.has_faults and self.rng.random() < self.weights.get("sale_between", SALE_BETWEEN_ODDS):
            self.depth += 1
            try:
                self.note(f"between: {till_acts.sell_at(self, home)}")
            finally:
                self.depth -= 1

    def _nested(self, count: int, *, here: Home) -> None:
        self.depth += 1
        try:
            for _ in range(count):
                self.time.pass_ms(self.rng.randint(0, 200))
                if self.rng.random() < SALE_HERE_ODDS:
                    self.note(f"meanwhile: {till_acts.sell_at(self, here)}")
                else:
                    acts.act(self)
        finally:
            self.depth -= 1

    def note(self, what: str) -> None:
        """A line of the trace."""
        self.trace.append("  " * self.depth + what)

    @property
    def digest(self) -> str:
        """What tells two runs apart."""
        return hashlib.sha256("\n".join(self.trace).encode()).hexdigest()


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    seed: int
    steps: int
    bug: str
    digest: str
    broken: Broken | None
    trace: tuple[str, ...]
    requests: int

    @property
    def command(self) -> str:
        """What replays it."""
        planted = f" --bug {self.bug}" if self.bug else ""
        return f".venv/bin/python -m tests.sim {self.seed} --steps {self.steps}{planted}"

    def report(self) -> str:
        """The end of the trace, what is broken, and how to see it again."""
        shown = "\n".join(self.trace[-TRACE_SHOWN:])
        return f"{shown}\n{self.broken or 'all promises hold'}\ntrace {self.digest}\nreplay: {self.command}"


def simulate(seed: int, *, steps: int = STEPS, bug: str = "") -> Outcome:
    """One run from the beginning of time; a broken promise is part of the outcome."""
    planted = bugs.BUGS[bug] if bug else None
    folder, time = run_folder(), Time()
    broken: Broken | None = None
    with ExitStack() as stack:
        terminals = copy_template(folder)
        stack.enter_context(fixed(seed, time))
        stack.enter_context(_small_scale())
        world = World(seed, folder, time)
        stack.callback(world.close)
        if planted is not None:
            stack.enter_context(planted.plant(world))
            world.weights = dict(planted.stress)
            world.network.odds = replace(world.network.odds, **planted.odds)
        try:
            for terminal in terminals:
                _ = world.add_home(terminal, folder / terminal).app
            if planted is not None and planted.scene is not None:
                scenes.play(planted.scene, world)
            world.run(steps)
        except Broken as found:
            broken = found
    return Outcome(seed, steps, bug, world.digest, broken, tuple(world.trace), world.network.requests)


def _small_scale() -> ExitStack:
    """Pages, batches and keeping times so small that a short run meets all their edges."""
    stack = ExitStack()
    sequencer, files = cloud_api.services.feeds.sequencer, cloud_api.services.snapshots.files
    stack.enter_context(patched(sequencer, PAGE_GROUPS_MAX=4, ROUND_GROUPS_MAX=3))
    stack.enter_context(patched(cloud_api.services.feeds.restore, GROUP_CHANGES_MAX=5))
    stack.enter_context(patched(files, PAGES_KEPT_MS=60_000, KEPT=2))
    stack.enter_context(patched(sync.feed, WEIGH_ABOVE_GROUPS=3))
    stack.enter_context(patched(sync.uploader, Limits=few_at_once))
    return stack
