"""What happens to the disks of tills: images, copies, and replicas that are lost or spoiled."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pysqlite3.dbapi2 as sqlite

from sync.replica.files import current_replica
from tests.sim.till_acts import any_home

if TYPE_CHECKING:
    from tests.sim.till import Home
    from tests.sim.world import World

HOMES_MAX = 7
GARBLED_BYTES = 4_096


@dataclass(frozen=True)
class Image:
    """A backup of a disk, and what was wrong with it then."""

    folder: Path
    spoiled: frozenset[str]
    garbled: Path | None


def save_image(world: World) -> str:
    """A backup of a whole disk is made."""
    home = any_home(world)
    if home.is_busy:
        return "busy"
    home.kill_app()
    image = world.folder / "images" / home.directory.name
    shutil.rmtree(image, ignore_errors=True)
    home.copy_to(image)
    world.hot = home
    world.images[home.directory.name] = Image(image, frozenset(home.spoiled), home.garbled)
    return home.directory.name


def _any_saved(world: World) -> Home | None:
    """A till that has an image of its disk and is not in the middle of something."""
    saved = [one for one in world.homes if one.directory.name in world.images and not one.is_busy]
    return world.rng.choice(saved) if saved else None


def restore_image(world: World) -> str:
    """A disk goes back to its last backup; what it did since is gone, unless the cloud has it."""
    home = _any_saved(world)
    if home is None:
        return "none"
    image = world.images[home.directory.name]
    before = _switched_off(home)
    shutil.rmtree(home.directory)
    shutil.copytree(image.folder, home.directory)
    home.cursors, home.spoiled, home.garbled = {}, set(image.spoiled), image.garbled
    world.truth.note_restored_disk(home, before)
    world.hot = home
    return home.directory.name


def restore_till_db(world: World) -> str:
    """Only the database goes back; what the agent remembers of the cloud stays."""
    home = _any_saved(world)
    if home is None:
        return "none"
    image = world.images[home.directory.name]
    before = _switched_off(home)
    for name in ("till.db", "till.db-wal", "till.db-shm"):
        (home.directory / name).unlink(missing_ok=True)
        if (image.folder / name).exists():
            shutil.copy(image.folder / name, home.directory / name)
    world.truth.note_restored_disk(home, before)
    world.hot = home
    return home.directory.name


def clone(world: World) -> str:
    """A second machine starts with a copy of the disk, and both go on."""
    home = any_home(world)
    if home.is_busy or len(world.homes) >= HOMES_MAX:
        return "none"
    _switched_off(home)
    name = f"{home.directory.name}-copy-{len(world.homes)}"
    home.copy_to(world.folder / name)
    world.truth.note_copy(home, name)
    world.hot = home
    twin = world.add_home(home.terminal, world.folder / name)
    twin.cursors, twin.spoiled, twin.receipts = dict(home.cursors), set(home.spoiled), list(home.receipts)
    if home.garbled is not None:
        twin.garbled = twin.directory / "replica" / home.garbled.name
    return name


def lose_replica(world: World) -> str:
    """Somebody deletes the folder of what the cloud said."""
    home = any_home(world)
    if home.is_busy:
        return "busy"
    _switched_off(home)
    shutil.rmtree(home.directory / "replica", ignore_errors=True)
    home.cursors, home.spoiled, home.garbled = {}, set(), None
    return home.directory.name


def spoil_replica(world: World) -> str:
    """A row of the replica vanishes and nobody is told."""
    home = any_home(world)
    path = current_replica(home.directory)
    if home.is_busy or path is None or home.garbled is not None:
        return "none"
    _switched_off(home)
    conn = sqlite.connect(str(path), isolation_level=None)
    try:
        gone = 0
        row = conn.execute("SELECT item_id FROM price ORDER BY item_id LIMIT 1").fetchone()
        if row is not None:
            gone = conn.execute("DELETE FROM price WHERE item_id = ?", row).rowcount
        buckets = [name for (name,) in conn.execute("SELECT bucket FROM sync_bucket WHERE bucket LIKE 'price:%'")]
    finally:
        conn.close()
    home.spoiled |= set(buckets)
    home.cursors = {}
    return f"{home.directory.name} {gone}"


def garble_replica(world: World) -> str:
    """A part of the replica's file is overwritten."""
    home = any_home(world)
    path = current_replica(home.directory)
    if home.is_busy or path is None:
        return "none"
    _switched_off(home)
    for name in (path.name + "-wal", path.name + "-shm"):
        path.with_name(name).unlink(missing_ok=True)
    with path.open("rb+") as file:
        file.write(bytes(GARBLED_BYTES))
    home.garbled = path
    return home.directory.name


def _switched_off(home: Home) -> set[str]:
    """Nothing runs on this machine any more; the events on its disk."""
    home.kill_app()
    home.world.truth.note_journal(home)
    home.machine.boots += 1
    with home.reading() as conn:
        return {row[0] for row in conn.execute("SELECT event_id FROM journal")}
