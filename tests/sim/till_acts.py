"""What happens at a till: people sell, the agent steps, programs die, clocks are set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.sim.faults import Killed
from tests.sim.interrupt import bury
from tests.sim.invariants import check_till
from tests.sim.template import ITEMS, code_of

if TYPE_CHECKING:
    from tests.sim.till import Home
    from tests.sim.world import World

LINES_MAX = 3
DYING_ODDS, HOT_ODDS = 0.07, 0.5
HOUR_MS = 3_600_000


def any_home(world: World) -> Home:
    """One of the tills, most likely the one whose disk was at stake last."""
    if world.hot is not None and world.rng.random() < HOT_ODDS:
        return world.hot
    return world.rng.choice(world.homes)


def sell(world: World) -> str:
    """A sale, now and then cut off by a power failure."""
    return sell_at(world, any_home(world))


def sell_at(world: World, home: Home) -> str:
    """A sale at this till."""
    codes = [code_of(world.rng.randint(1, ITEMS)) for _ in range(world.rng.randint(1, LINES_MAX))]
    may_die = world.has_faults and not home.is_busy
    if may_die and world.rng.random() < DYING_ODDS:
        return f"{home.directory.name} {home.dying(lambda: home.sell(*codes))}"
    if may_die and "cut" in world.weights and world.rng.random() < world.weights["cut"]:
        return f"{home.directory.name} {_sell_cut_off(world, home, codes)}"
    return f"{home.directory.name} {home.sell(*codes)}"


def _sell_cut_off(world: World, home: Home, codes: list[str]) -> str:
    """A sale that ends where a planted bug has parted what belongs together."""
    world.is_app_dying = True
    try:
        return home.sell(*codes)
    except Killed as death:
        bury(death)
    finally:
        world.is_app_dying = False
    home.kill_app()
    check_till(home)  # before the app is opened again, which puts right what it finds
    _ = home.app
    return "cut off"


def record(world: World) -> str:
    """An entry of a newer app, a broken one, or a plain one."""
    home = any_home(world)
    kind, body = world.rng.choice(
        [("mystery", {"what": "not known yet"}), ("drawer_open", {}), ("drawer_open", {"reason": "change"})]
    )
    home.record(kind, dict(body))
    return f"{home.directory.name} {kind}"


def up(world: World) -> str:
    """A step of an up loop."""
    home = any_home(world)
    return f"{home.directory.name} " + ("busy" if home.up_busy or home.held or home.doomed else home.up())


def down(world: World) -> str:
    """A step of a down loop."""
    home = any_home(world)
    return f"{home.directory.name} " + ("busy" if home.down_busy or home.held or home.doomed else home.down())


def audit(world: World) -> str:
    """The nightly comparison."""
    home = any_home(world)
    return f"{home.directory.name} " + ("busy" if home.down_busy or home.held or home.doomed else home.audit())


def listen(world: World) -> str:
    """The app hears what its agent said."""
    home = any_home(world)
    if world.has_faults and not home.is_busy and world.rng.random() < DYING_ODDS:
        return f"{home.directory.name} {home.dying(home.listen)}"
    return f"{home.directory.name} {home.listen()}"


def prune(world: World) -> str:
    """The app forgets what it may forget."""
    home = any_home(world)
    if world.has_faults and not home.is_busy and world.rng.random() < DYING_ODDS:
        return f"{home.directory.name} {home.dying(home.app.housekeeping.prune)}"
    return f"{home.directory.name} {home.app.housekeeping.prune()}"


def kill_agent(world: World) -> str:
    """The agent's process is gone."""
    home = any_home(world)
    home.kill_agent()
    return home.directory.name


def kill_app(world: World) -> str:
    """The machine is switched off."""
    home = any_home(world)
    if home.is_busy:
        return "busy"
    home.kill_app()
    home.machine.boots += 1
    return home.directory.name


def set_clock(world: World) -> str:
    """Somebody sets the clock of a till."""
    home = any_home(world)
    home.machine.off_ms = world.rng.choice([0, 1_500, -90_000, 400_000, -4 * HOUR_MS, 30 * HOUR_MS])
    return f"{home.directory.name} {home.machine.off_ms}"


def pass_time(world: World) -> str:
    """Minutes or hours go by."""
    passed_ms = world.rng.choice([20_000, 70_000, 700_000, 2 * HOUR_MS])
    world.time.pass_ms(passed_ms)
    return str(passed_ms)
