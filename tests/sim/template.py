"""The world before a run begins: a cloud with three stores and their goods, and five tills that have just enrolled."""

from __future__ import annotations

import atexit
import gc
import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloud_api.db.engine import make_engine
from cloud_api.db.schema import METADATA
from cloud_api.keys import create_master_key
from cloud_api.services import catalogue, items, prices, stores, tills
from cloud_api.settings import Settings
from pos_app.services.enrolment import Enrolment
from pos_app.wiring import Outside, open_till
from sync.identity import SECRETS_FOLDER
from tests.sim.fixed import Machine, Time, fixed

if TYPE_CHECKING:
    from tests.sim.world import World

CLOUD_URL = "https://cloud.test"
ITEMS = 6
ZONES = ("cn", "hn", "sh")
STORES = {"0101": "cn", "0102": "hn", "0103": "cn"}
TILLS_OF = {"0101": 2, "0102": 2, "0103": 1}
STORE_COLUMNS = {"division": "main", "currency": "CNY", "timezone": "Asia/Shanghai"}
NOW_ON: dict[str, Any] = {"channel": "", "kind": "list", "valid_from_ms": 1, "valid_until_ms": 0}


@dataclass(frozen=True)
class Template:
    """A folder to copy, and the names of the tills in it."""

    folder: Path
    terminals: tuple[str, ...]


def code_of(item: int) -> str:
    """The code on the shelf of the item with this number."""
    return str(20000000 + item)


@cache
def _own_folder() -> Path:
    """In memory where the system has room there; durability is not what is tested here."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="evertill-sim-", dir=memory if memory.is_dir() else None))
    atexit.register(remove, folder)
    return folder


def run_folder() -> Path:
    """An empty folder, the same for every run of this process."""
    folder = _own_folder() / "run"
    remove(folder)
    folder.mkdir()
    return folder


@cache
def template() -> Template:
    """Made once in a process."""
    from tests.sim.world import World  # a world is needed to enrol in

    folder, time = _own_folder() / "template", Time()
    with fixed("template", time), ExitStack() as stack:
        cloud_folder = folder / "cloud"
        cloud_folder.mkdir(parents=True)
        settings = Settings(data_dir=cloud_folder)
        create_master_key(settings.master_key_path)
        engine = make_engine(settings.url)
        METADATA.create_all(engine)
        engine.dispose()
        world = World("template", folder, time=time)
        world.heal()
        stack.callback(world.close)
        terminals = _fill(world)
    gc.freeze()  # nothing of all that was imported is looked at again
    return Template(folder, terminals)


def _fill(world: World) -> tuple[str, ...]:
    cloud = world.cloud
    with cloud.acting() as act:
        catalogue.put_department(
            act, "main", {"department_id": "food", "name_zh": "食品", "name_en": "Food", "position": 1}
        )
        catalogue.put_tax(act, "main", {"tax_code": "vat13", "rate_bp": 1300, "name_zh": "增值税", "name_en": "VAT"})
        for store_id, zone in STORES.items():
            names = {"name_zh": f"{store_id} 店", "name_en": f"Store {store_id}", "price_zone": zone}
            stores.create_store(act, store_id, STORE_COLUMNS | names)
        for zone in ZONES:
            stores.ensure_zone(act, zone, "CNY")
    for number in range(1, ITEMS + 1):
        with cloud.acting() as act:
            body = {"sku": f"S{number}", "name_zh": f"商品{number}", "name_en": f"Item {number}"}
            body |= {"department_id": "food", "tax_code": "vat13"}
            codes = [{"code": code_of(number), "pack_thousandths": 1000}]
            item = items.create_item(act, "main", body | {"barcodes": codes})
            for zone in ZONES:
                prices.set_prices(act, zone, [NOW_ON | {"item_id": item["item_id"], "price_minor": 100 * number}])
    cloud.background.turn()
    return tuple(_enrol(world, store) for store, count in TILLS_OF.items() for _ in range(count))


def _enrol(world: World, store: str) -> str:
    with world.cloud.acting() as act:
        made = tills.create_till(act, store)
    terminal = str(made["terminal_id"])
    directory = world.folder / terminal
    (directory / SECRETS_FOLDER).mkdir(parents=True)
    (directory / SECRETS_FOLDER / "pending.key").write_bytes(terminal.encode().ljust(32, b"k"))
    home = world.add_home(terminal, directory)
    with home.enrolling():
        Enrolment(directory).enrol(CLOUD_URL, made["code"])
    machine = Machine(world.time, terminal)
    open_till(directory, outside=Outside(clock=machine, boot=machine.boot_id)).close()
    return terminal


def copy_template(target: Path) -> tuple[str, ...]:
    """Put the beginning of every run into a folder."""
    made = template()
    shutil.copytree(made.folder, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("lock"))
    return made.terminals


def remove(folder: Path) -> None:
    """Throw a run's files away."""
    shutil.rmtree(folder, ignore_errors=True)
