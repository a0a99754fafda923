"""Renders the screens around selling to PNG: ``python -m tests.pos_app.ui.office_screenshots DIR [part of a name]``."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from itertools import product
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from domain.errors import DomainError
from pos_app.settings import PrinterKind
from pos_app.ui.first_run import FirstRun
from pos_app.ui.look import Look
from pos_app.ui.theme import Theme
from pos_app.ui.words import Words
from tests.pos_app.ui.office import Office, close_office, open_office

SIZES = ((1366, 768), (1920, 1080), (1024, 768))
LANGUAGES = ("zh", "en")
THEMES = ("light", "dark")

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
        wizard_scanner, wizard_drawer, wizard_practice, wizard_done,
    )
}  # fmt: skip


def render(name: str, directory: Path, *, look: tuple[str, str, int], size: tuple[int, int]) -> Office:
    """An office in the state of a scene, ``look`` = language, theme, zoom; the caller closes it."""
    language, theme, zoom = look
    kind = PrinterKind.NETWORK if name == "health_failed_prints" else PrinterKind.FILE
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
    """Write the pictures; ``views`` = first for the base size alone."""
    app = QApplication.instance() or QApplication([])
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    every = [((lang, theme, 100), size) for size, lang, theme in product(SIZES, LANGUAGES, THEMES)]
    every.append((("en", "light", 150), (1024, 768)))
    if views == "first":
        every = [(("zh", "light", 100), (1366, 768)), (("en", "dark", 100), (1024, 768))]
    for look, size in every:
        tail = f"{size[0]}x{size[1]}-{'-'.join(map(str, look))}.png"
        for name in (name for name in SCENES if part in name):
            with tempfile.TemporaryDirectory() as temporary:
                office = render(name, Path(temporary) / "till", look=look, size=size)
                office.counter.face.shell.grab().save(str(target / f"{name}-{tail}"))
                close_office(office)
        for step in (step for step in ("language", "connect", "connect_error") if part in f"first_run_{step}"):
            with tempfile.TemporaryDirectory() as temporary:
                run = render_first_run(step, Path(temporary), look=look, size=size)
                run.shell.grab().save(str(target / f"first_run_{step}-{tail}"))
                run.close()
    del app


if __name__ == "__main__":
    main(*sys.argv[1:])
