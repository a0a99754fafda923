"""Renders screens and states with real data to PNG: ``python -m tests.pos_app.ui.screenshots DIR [part of a name]``."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from domain.errors import DomainError
from pos_app.ui.words import Catalogue
from resources.texts import text
from tests.pos_app.ui.conftest import Counter, close_counter, open_counter
from tests.pos_app.ui.shop import PINS, Shop

SIZES = ((1366, 768), (1920, 1080), (1024, 768))
LANGUAGES = ("zh", "en")
THEMES = ("light", "dark")

Scene = Callable[[Counter], None]


def basket(counter: Counter) -> None:
    """Five lines, one weighed by its label, one on special."""
    for code in ("6901285991219", "6901285991219", "6901285991219", "6924743915848", "2110003008328"):
        counter.hands.scan(code)
        counter.settle()
    for code in ("6907992500133", "6922266446122"):
        counter.hands.scan(code)
        counter.settle()


def sale_empty(counter: Counter) -> None:
    counter.settle()


def sale_typing(counter: Counter) -> None:
    basket(counter)
    counter.hands.type("3*nfs")


def sale_department(counter: Counter) -> None:
    basket(counter)
    counter.face.goods.choose("snacks")


def sale_pad(counter: Counter) -> None:
    basket(counter)
    counter.hands.touch(counter.face.shell.screen_named("sale").goods.keys)  # type: ignore[attr-defined]


def sale_unknown(counter: Counter) -> None:
    basket(counter)
    counter.hands.scan("6901234567809")
    counter.settle()


def sale_removed(counter: Counter) -> None:
    basket(counter)
    counter.hands.keys("Del")


def sale_online(counter: Counter) -> None:
    basket(counter)
    now = counter.clock.now_ms()
    counter.face.status.take({"state": "online", "synced_at_ms": now, "last_news_ms": now, "unsent": 0})


def sale_offline(counter: Counter) -> None:
    basket(counter)
    now = counter.clock.now_ms()
    counter.face.status.take({"state": "offline", "synced_at_ms": now, "last_news_ms": now, "unsent": 12})
    counter.clock.pass_ms(4_000)
    counter.face.status.look()


def pay_cash(counter: Counter) -> None:
    basket(counter)
    counter.hands.keys("+")
    counter.hands.type("200")


def pay_missing(counter: Counter) -> None:
    basket(counter)
    counter.hands.keys("+")
    counter.hands.type("50")
    counter.hands.keys("Enter")
    counter.hands.keys("F3")


def done(counter: Counter) -> None:
    pay_cash(counter)
    counter.hands.keys("Enter")


def panel_override(counter: Counter) -> None:
    basket(counter)
    counter.hands.keys("F4")
    counter.hands.type("5")


def panel_discount(counter: Counter) -> None:
    basket(counter)
    counter.hands.keys("F5")
    counter.hands.type("10")


def panel_approval(counter: Counter) -> None:
    panel_override(counter)
    counter.hands.keys("Enter")
    counter.hands.type("123")


def panel_quantity(counter: Counter) -> None:
    basket(counter)
    counter.hands.keys("*")


def panel_recall(counter: Counter) -> None:
    basket(counter)
    counter.hands.keys("F6")
    basket(counter)
    counter.hands.keys("F6", "F7")


def panel_void(counter: Counter) -> None:
    basket(counter)
    counter.hands.keys("Ctrl+Del")


def panel_more(counter: Counter) -> None:
    basket(counter)
    counter.hands.keys("F10")


def error_disk(counter: Counter) -> None:
    basket(counter)
    counter.face.status.warn(frozenset({"till.disk_low"}))
    counter.face.shell.tell_error(DomainError("till.disk_full"))


SCENES: dict[str, Scene] = {
    scene.__name__: scene
    for scene in (
        sale_empty, sale_online, sale_typing, sale_department, sale_pad, sale_unknown, sale_removed, sale_offline,
        pay_cash, pay_missing, done, panel_override, panel_discount, panel_approval, panel_quantity,
        panel_recall, panel_void, panel_more, error_disk,
    )
}  # fmt: skip


@dataclass(frozen=True)
class View:
    """How a scene is looked at."""

    size: tuple[int, int] = SIZES[0]
    language: str = "zh"
    theme: str = "light"
    zoom: int = 100
    catalogue: Catalogue = text

    @property
    def name(self) -> str:
        """As part of a file's name."""
        return f"{self.size[0]}x{self.size[1]}-{self.language}-{self.theme}-{self.zoom}"


def render(scene: str, view: View, folder: Path) -> Counter:
    """A counter in the state of a scene; the caller closes it."""
    till = Shop(folder / "till", items=60).write()
    counter = open_counter(till, language=view.language, catalogue=view.catalogue)
    counter.face.look.theme.set_dark(view.theme == "dark")
    counter.face.look.theme.set_zoom(view.zoom)
    counter.face.shell.resize(*view.size)
    counter.face.shell.show()
    operator = next(one for one in counter.till.operators.list() if one.operator_id == "1001")
    counter.face.signed_on(counter.till.operators.sign_on(operator.operator_id, PINS["1001"]))
    counter.settle()
    SCENES[scene](counter)
    counter.settle()
    return counter


def every_view() -> Iterator[View]:
    """Every size, language and theme, and the tightest one at 150 %."""
    for size, language, theme in product(SIZES, LANGUAGES, THEMES):
        yield View(size, language, theme)
    yield View(SIZES[-1], "en", zoom=150)


def main(folder: str, part: str = "") -> None:
    """Write the pictures."""
    app = QApplication.instance() or QApplication([])
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    for scene, view in product([name for name in SCENES if part in name], every_view()):
        with tempfile.TemporaryDirectory() as temporary:
            counter = render(scene, view, Path(temporary))
            counter.face.shell.grab().save(str(target / f"{scene}-{view.name}.png"))
            close_counter(counter)
    del app


if __name__ == "__main__":
    main(*sys.argv[1:])
