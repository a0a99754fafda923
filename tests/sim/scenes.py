"""How a run may begin that is about something rare: a few quiet minutes before chance takes over."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from cloud_api.services import prices
from tests.sim.disk_acts import Image
from tests.sim.fixed import patched
from tests.sim.invariants import check_replica, check_safety
from tests.sim.liveness import settle
from tests.sim.network import NO_FAULTS
from tests.sim.template import NOW_ON, code_of

if TYPE_CHECKING:
    from tests.sim.till import Home
    from tests.sim.world import World

Scene = Callable[["World"], None]
STEPS_TO_REST = 6
GROUPS_WORTH_A_SNAPSHOT = 5
MIXING_UP = replace(NO_FAULTS, stale=0.8)


def play(scene: Scene, world: World) -> None:
    """The scene without faults, checked at its end."""
    with _quiet(world):
        world.note(f"scene {scene.__name__}")
        for home in world.homes:
            _exchange(home)
        scene(world)
    check_safety(world)


def stocked(world: World) -> None:
    """Every till has its goods; that is all."""
    for home in world.homes:
        _sell(home, 1)


def twins(world: World) -> None:
    """A disk is copied twice; all three sell, are told apart, and sell on."""
    first = world.homes[0]
    _sell(first, 1)
    _exchange(first)
    copies = [_copy(world, first, name) for name in ("twin-1", "twin-2")]
    for home in (first, *copies):
        _sell(home, 2)
    for home in (first, *copies):
        _exchange(home)
        _sell(home, 1)
    world.hot = copies[0]


def twins_meet_at_once(world: World) -> None:
    """Both copies of a disk are told to go on apart before either has done so."""
    first = world.homes[0]
    copies = [_copy(world, first, name) for name in ("twin-1", "twin-2")]
    for home in (first, *copies):
        _sell(home, 1)
    for home in (first, *copies):
        for _ in range(STEPS_TO_REST):
            home.up()
    for home in copies:
        home.listen()
        _sell(home, 1)
    world.hot = copies[0]


def hello_before_the_fork(world: World) -> None:
    """A copy hears hello's word about its old incarnation, goes on under a new one, and only then looks at the word."""
    first = world.homes[0]
    _sell(first, 1)
    _exchange(first)
    copy = _copy(world, first, "twin-1")
    for home in (first, copy):
        _sell(home, 2)
    _exchange(first)
    for _ in range(STEPS_TO_REST):
        copy.up()
    copy.down()
    copy.listen()
    _exchange(copy)
    world.hot = copy


def mixed_up_snapshots(world: World) -> None:
    """A cache answers with a snapshot of before, again and again."""
    home = world.homes[0]
    for item_id in (1, 2, 3):
        for number in range(GROUPS_WORTH_A_SNAPSHOT):
            _set_price(world, 500 + number, item_id=item_id)
        world.cloud.background.snapshots.build("price:cn")
        for odds in (NO_FAULTS, MIXING_UP, MIXING_UP):
            home.kill_app()
            shutil.rmtree(home.directory / "replica")
            home.cursors = {}
            with patched(world.network, odds=odds):
                for _ in range(STEPS_TO_REST):
                    home.down()
            check_replica(world, home)


def old_disk(world: World) -> None:
    """A disk goes back to its backup after the cloud had more of it, and the till sells on."""
    home = world.homes[0]
    world.cloud.back_up()
    _sell(home, 2)
    _exchange(home)
    _keep_image(world, home)
    _sell(home, 2)
    _exchange(home)
    _restore_image(world, home)
    _sell(home, 3)
    _exchange(home)
    _sell(home, 1)
    world.hot = home


def old_database(world: World) -> None:
    """Only the database goes back, and the till sells exactly as much as it had sold since."""
    home = world.homes[0]
    _exchange(home)
    _keep_image(world, home)
    _sell(home, 2)
    _exchange(home)
    _restore_image(world, home, "till.db*")
    _sell(home, 2)
    _exchange(home)
    settle(world)


def old_disk_then_old_cloud(world: World) -> None:
    """And then the cloud goes back to a backup that is older still."""
    old_disk(world)
    world.cloud.restore()
    _exchange(world.homes[0])


def old_cloud(world: World) -> None:
    """The cloud goes back to its backup; since then the tills had sold and HQ had set prices."""
    world.cloud.back_up()
    for home in world.homes:
        _sell(home, 2)
        _set_price(world, 700 + len(home.receipts))
        _exchange(home, down=False)
        home.app.housekeeping.prune()
        _exchange(home)
    world.cloud.restore()
    _set_price(world, 900)


def old_cloud_between_twins(world: World) -> None:
    """A twin is given an incarnation, the cloud is put back to before that, and another twin asks for one."""
    first = world.homes[0]
    copies = [_copy(world, first, name) for name in ("twin-1", "twin-2")]
    world.cloud.back_up()
    for home in (first, copies[0]):
        _sell(home, 1)
        _exchange(home, down=False)
    _sell(copies[1], 1)
    world.cloud.restore()
    for home in (first, copies[1]):
        _exchange(home, down=False)


@contextmanager
def _quiet(world: World) -> Iterator[None]:
    odds, world.network.odds, world.has_faults = world.network.odds, NO_FAULTS, False
    try:
        yield
    finally:
        world.network.odds, world.has_faults = odds, True


def _sell(home: Home, count: int) -> None:
    for number in range(1, count + 1):
        told = home.sell(code_of(number))
        assert told == home.receipts[-1], told


def _exchange(home: Home, *, down: bool = True) -> None:
    """Everything that its agent and its app have to do now."""
    for _ in range(STEPS_TO_REST):
        home.up()
        home.listen()
    if down:
        home.world.cloud.background.turn()
        home.down()
        home.listen()
        home.up()
        home.listen()


def _set_price(world: World, minor: int, *, item_id: int = 1) -> None:
    with world.cloud.acting() as act:
        prices.set_prices(act, "cn", [NOW_ON | {"item_id": item_id, "price_minor": minor}])
    world.cloud.background.turn()
    world.truth.feeds.look(world.cloud)


def _copy(world: World, home: Home, name: str) -> Home:
    home.kill_app()
    world.truth.note_journal(home)
    home.machine.boots += 1
    home.copy_to(world.folder / name)
    world.truth.note_copy(home, name)
    twin = world.add_home(home.terminal, world.folder / name)
    twin.cursors, twin.receipts = dict(home.cursors), list(home.receipts)
    return twin


def _keep_image(world: World, home: Home) -> None:
    home.kill_app()
    folder = world.folder / "images" / home.directory.name
    home.copy_to(folder)
    world.images[home.directory.name] = Image(folder, frozenset(), None)


def _restore_image(world: World, home: Home, files: str = "") -> None:
    home.kill_app()
    with home.reading() as conn:
        before = {row[0] for row in conn.execute("SELECT event_id FROM journal")}
    home.machine.boots += 1
    image = world.images[home.directory.name].folder
    if files:
        for path in home.directory.glob(files):
            path.unlink()
        for path in image.glob(files):
            shutil.copy(path, home.directory / path.name)
    else:
        shutil.rmtree(home.directory)
        shutil.copytree(image, home.directory)
        home.cursors = {}
    world.truth.note_restored_disk(home, before)
