"""Renders the screens around selling to PNG: ``python -m tests.pos_app.ui.office_screenshots DIR [part of a name]``."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from domain.errors import DomainError
from pos_app.settings import PrinterKind
from pos_app.ui.first_run import FirstRun
from pos_app.ui.look import Look
from pos_app.ui.shell import Shell
from pos_app.ui.theme import Theme
from pos_app.ui.words import Words
from tests.pos_app.ui.hands import bury
from tests.pos_app.ui.office import Office, close_office, open_office
from tests.pos_app.ui.office_states import STATES

SIZES = ((1366, 768), (1920, 1080), (1024, 768))
LANGUAGES = ("zh", "en")
THEMES = ("light", "dark")
BASE = ("zh", "light", 100)

WITHOUT_PAPER = frozenset({"health_failed_prints", "settings_network"})
"""Scenes with a printer that has no address."""

Scene = Callable[[Office], None]


def sign_on(office: Office) -> None:
    office.counter.hands.keys("Down")
    office.counter.hands.type("1234")


def sign_on_wrong(office: Office) -> None:
    office.counter.hands.keys("Down")
    office.counter.hands.type("111111")
    office.counter.hands.keys("Enter")


def sign_on_locked_out(office: Office) -> None:
    office.counter.hands.keys("Down")
    for _ in range(5):
        office.counter.hands.type("111111")
        office.counter.hands.keys("Enter")


def locked(office: Office) -> None:
    office.sign_on()
    office.counter.hands.scan("6901285991219")
    office.counter.settle()
    office.counter.hands.keys("F11")


def search_empty(office: Office) -> None:
    office.sign_on()
    office.counter.hands.keys("F3")


def search_found(office: Office) -> None:
    search_empty(office)
    office.screen("search").search_for("a" if office.counter.face.look.words.language == "en" else "乐")
    office.counter.hands.keys("Down")


def search_keyboard(office: Office) -> None:
    search_found(office)
    office.counter.hands.keys("F5")


def search_nothing(office: Office) -> None:
    search_empty(office)
    office.screen("search").search_for("xyzzy")


def today_empty(office: Office) -> None:
    office.sign_on()
    office.counter.face.shell.go("today")


def today(office: Office) -> None:
    office.sign_on()
    for code in ("6901285991219", "6924743915848", "6907992500133", "6922266446122"):
        office.sell(code)
    office.counter.face.shell.go("today")
    office.wait(300)


def health(office: Office) -> None:
    office.sign_on()
    office.sell()
    office.counter.face.shell.go("health")
    office.wait(200)
    office.counter.hands.keys("F5")
    office.wait(200)


def health_failed_prints(office: Office) -> None:
    office.sign_on()
    office.sell()
    office.wait(400)
    office.counter.face.shell.go("health")
    office.wait(300)


def settings_screen(office: Office) -> None:
    office.sign_on("9001")
    office.counter.face.shell.go("settings")


def settings_printer(office: Office) -> None:
    settings_screen(office)
    office.counter.hands.keys("PgDn", "F5")
    office.wait(500)


def settings_scanner(office: Office) -> None:
    settings_screen(office)
    office.counter.hands.keys("PgDn", "PgDn", "PgDn", "F7")


def settings_lock(office: Office) -> None:
    settings_screen(office)
    office.counter.hands.keys("PgUp")


def settings_no_permission(office: Office) -> None:
    office.sign_on()
    office.counter.face.shell.go("settings")
    office.counter.hands.keys("PgDn")


def help_sale(office: Office) -> None:
    office.sign_on()
    office.counter.hands.keys("F1")


def wizard_store(office: Office) -> None:
    office.screens.wizard.take_progress({"step": "download", "done": 1_400_000, "total": 5_600_000})


def wizard_printer(office: Office) -> None:
    office.counter.hands.keys("Enter", "F5")
    office.wait(600)


def wizard_scanner(office: Office) -> None:
    wizard_printer(office)
    office.counter.hands.keys("F7")


def wizard_drawer(office: Office) -> None:
    wizard_scanner(office)
    office.counter.hands.keys("F9", "F5")
    office.wait(600)


def wizard_practice(office: Office) -> None:
    wizard_drawer(office)
    office.counter.hands.keys("F7")
    office.counter.hands.scan("6901285991219")
    office.counter.settle()


def wizard_done(office: Office) -> None:
    wizard_practice(office)
    office.counter.hands.keys("F6", "Enter")


SCENES: dict[str, Scene] = {
    scene.__name__: scene
    for scene in (
        sign_on, sign_on_wrong, sign_on_locked_out, locked, search_empty, search_found, search_keyboard,
        search_nothing, today_empty, today, health, health_failed_prints, settings_screen, settings_printer,
        settings_scanner, settings_lock, settings_no_permission, help_sale, wizard_store, wizard_printer,
        wizard_scanner, wizard_drawer, wizard_practice, wizard_done, *STATES,
    )
}  # fmt: skip


@dataclass(frozen=True)
class View:
    """How a screen is looked at."""

    size: tuple[int, int] = SIZES[0]
    language: str = "zh"
    theme: str = "light"
    zoom: int = 100
    mirrored: bool = False

    @property
    def name(self) -> str:
        side = "left" if self.mirrored else "right"
        return f"{self.size[0]}x{self.size[1]}-{self.language}-{self.theme}-{self.zoom}-{side}"


def show_in(shell: Shell, view: View) -> None:
    """Switched live, as a person does it in the settings."""
    theme = shell.look.theme
    shell.look.words.set_language(view.language)
    theme.set_dark(view.theme == "dark")
    theme.set_zoom(view.zoom)
    theme.set_mirrored(view.mirrored)
    shell.resize(*view.size)
    for _ in range(3):  # a scrolled page hears of its room late where the machine is busy
        QTest.qWait(2)


def every_view() -> list[View]:
    """Every size, language and theme; then larger words and the left hand where there is least room."""
    views = [View(size, language, theme) for size, language, theme in product(SIZES, LANGUAGES, THEMES)]
    tight = [View(SIZES[-1], language, zoom=zoom) for language, zoom in product(LANGUAGES, (125, 150))]
    return [*views, *tight, *(View(size, "en", "dark", mirrored=True) for size in SIZES)]


def render(name: str, directory: Path, *, look: tuple[str, str, int], size: tuple[int, int]) -> Office:
    """An office in the state of a scene, ``look`` = language, theme, zoom; the caller closes it."""
    language, theme, zoom = look
    kind = PrinterKind.NETWORK if name in WITHOUT_PAPER else PrinterKind.FILE
    office = open_office(directory, language=language, wizard_done=not name.startswith("wizard"), printer=kind)
    office.counter.face.look.theme.set_dark(theme == "dark")
    office.counter.face.look.theme.set_zoom(zoom)
    office.counter.face.shell.resize(*size)
    office.counter.settle()
    SCENES[name](office)
    office.counter.settle()
    return office


def render_first_run(step: str, directory: Path, *, look: tuple[str, str, int], size: tuple[int, int]) -> FirstRun:
    """A page of the first run before there is a till; ``connect_error`` shows a refused code."""
    language, theme, zoom = look
    made = Theme(dark=theme == "dark", zoom=zoom)
    made.apply()
    run = FirstRun(directory, Look.of(made, Words(language)))
    run.shell.resize(*size)
    run.shell.show()
    run.begin()
    if step != "language":
        run.model.next()
    if step == "connect_error":
        run.model.set_address("pos.example.com")
        run.model.set_code("7K4M-2QXD")
        run.model._failed(DomainError("enrol.code_used"))
    QApplication.processEvents()
    return run


def main(folder: str, part: str = "", views: str = "all") -> None:
    """Write the pictures; ``views`` = first for two of them alone."""
    app = QApplication.instance() or QApplication([])
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    chosen = every_view() if views == "all" else [View(), View(SIZES[-1], "en", "dark", mirrored=True)]
    for name in (name for name in SCENES if part in name):
        with tempfile.TemporaryDirectory() as temporary:
            office = render(name, Path(temporary) / "till", look=BASE, size=SIZES[0])
            take_pictures(office.counter.face.shell, target / name, chosen)
            close_office(office)
    for step in (step for step in ("language", "connect", "connect_error") if part in f"first_run_{step}"):
        with tempfile.TemporaryDirectory() as temporary:
            run = render_first_run(step, Path(temporary), look=BASE, size=SIZES[0])
            take_pictures(run.shell, target / f"first_run_{step}", chosen)
            run.close()
            bury()
    del app


def take_pictures(shell: Shell, stem: Path, views: list[View]) -> None:
    """A picture of each view."""
    for view in views:
        show_in(shell, view)
        shell.grab().save(f"{stem}-{view.name}.png")


if __name__ == "__main__":
    main(*sys.argv[1:])
