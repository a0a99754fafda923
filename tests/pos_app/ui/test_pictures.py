"""What is kept instead of being painted again: it shows the same as painting everything anew."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from pos_app.ui.look import Look
from pos_app.ui.sale.entry_box import EntryBox
from pos_app.ui.sale.screen import SaleScreen
from pos_app.ui.theme import Theme
from pos_app.ui.tokens import LINE_STRONG
from pos_app.ui.widgets.button import Button
from pos_app.ui.widgets.label import Label
from pos_app.ui.widgets.pictures import Pictures
from pos_app.ui.words import Words
from tests.pos_app.ui.conftest import Counter
from tests.pos_app.ui.shop import sample_goods

AREA, GROUND, INK = QRect(3, 5, 20, 10), QColor("white"), QColor("red")
AREA_BYTES = 20 * 10 * 4


class Drawn:
    """Counts how often it was drawn, at what ratio of pixels."""

    def __init__(self, pictures: Pictures, *, ratio: float = 1) -> None:
        self._pictures = pictures
        self.image = QImage(round(40 * ratio), round(40 * ratio), QImage.Format.Format_RGB32)
        self.image.setDevicePixelRatio(ratio)
        self.times = 0

    def put(self, shows: str) -> None:
        self.image.fill(QColor("blue"))
        painter = QPainter(self.image)
        self._pictures.put(painter, AREA, shows, ground=GROUND, draw=self._draw)
        painter.end()

    def _draw(self, painter: QPainter) -> None:
        self.times += 1
        painter.fillRect(0, 0, 4, 4, INK)


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("ratio", [1, 2])
def test_a_picture_is_drawn_once_until_it_is_cleared(ratio: float) -> None:
    pictures = Pictures(10 * AREA_BYTES)
    drawn = Drawn(pictures, ratio=ratio)
    for times, shows in ((1, "a"), (1, "a"), (2, "b"), (2, "a")):
        drawn.put(shows)
        assert drawn.times == times
        seen = [drawn.image.pixelColor(at * int(ratio), 6 * int(ratio)) for at in (2, 3, 6, 7, 22, 23)]
        assert seen == [QColor("blue"), INK, INK, GROUND, GROUND, QColor("blue")]
    pictures.clear()
    assert pictures.size_bytes == 0
    drawn.put("a")
    assert drawn.times == 3


@pytest.mark.usefixtures("qapp")
def test_where_pixels_do_not_fit_it_is_drawn_each_time() -> None:
    pictures = Pictures(10 * AREA_BYTES)
    drawn = Drawn(pictures, ratio=1.5)
    drawn.put("a")
    drawn.put("a")
    assert (drawn.times, pictures.size_bytes) == (2, 0)
    assert drawn.image.pixelColor(9, 12) == INK and drawn.image.pixelColor(30, 20) == GROUND


@pytest.mark.usefixtures("qapp")
def test_the_longest_unused_pictures_are_given_up() -> None:
    pictures = Pictures(2 * AREA_BYTES)
    drawn = Drawn(pictures)
    for shows in "abac":
        drawn.put(shows)
    assert (drawn.times, pictures.size_bytes) == (3, 2 * AREA_BYTES)
    drawn.put("a")
    assert drawn.times == 3, "b was unused for longer"
    drawn.put("b")
    assert drawn.times == 4


def on_screen(counter: Counter) -> QImage:
    """What the window shows now, pixel by pixel, put together by whatever was painted since it opened."""
    shell, seen = counter.face.shell, QImage()
    while True:  # a new look is laid out in several turns
        QTest.qWait(20)
        before, seen = seen, shell.screen().grabWindow(shell.winId()).toImage()
        if seen == before:
            return seen


def anew(counter: Counter) -> QImage:
    """The same with nothing kept: every line painted again."""
    view = sale(counter).cart.view
    was_opaque = view.viewport().testAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
    view.set_opaque(False)
    counter.face.shell.repaint()
    painted = on_screen(counter)
    view.set_opaque(was_opaque)
    return painted


def new_box(counter: Counter) -> QImage:
    """The entry box as one that was never painted before shows it."""
    old, words = sale(counter).entry, counter.face.look.words
    box = EntryBox(counter.face.look)
    box.show_text("", placeholder=words("sale.entry"), right=words("sale.times", quantity="1"))
    box.resize(old.size())
    return box.grab().toImage()


def sale(counter: Counter) -> SaleScreen:
    """The sale screen."""
    screen = counter.face.shell.screen_named("sale")
    assert isinstance(screen, SaleScreen)
    return screen


def scan_calmly(counter: Counter, *codes: str) -> None:
    """Scan these, and wait until the box does not light up any more."""
    for code in codes:
        counter.hands.scan(code)
        counter.settle()
    while sale(counter).entry.flash_token:
        QTest.qWait(20)


def test_a_window_put_together_from_parts_looks_like_one_painted_anew(make_counter: Callable[..., Counter]) -> None:
    counter = make_counter()
    codes = [good.code for good in sample_goods()[:12]]
    scan_calmly(counter, *codes, codes[0], codes[7], "6928804014570", codes[2])
    counter.hands.keys("Up")
    assert on_screen(counter) == anew(counter)


def test_another_look_leaves_nothing_of_the_old_one(counter: Counter) -> None:
    scan_calmly(counter, "6901285991219", "6924743915848")
    theme, words = counter.face.look.theme, counter.face.look.words
    before = on_screen(counter)
    changes: list[Callable[[], None]] = [
        lambda: theme.set_dark(True),
        lambda: theme.set_zoom(125),
        lambda: words.set_language("en"),
        lambda: theme.set_mirrored(True),
    ]
    for change in changes:
        change()
        assert on_screen(counter) == anew(counter) != before
        assert sale(counter).entry.grab().toImage() == new_box(counter)
        before = on_screen(counter)


class Requests(QObject):
    """Counts how often a widget is asked to lay out what is on it."""

    def __init__(self, watched: QWidget) -> None:
        super().__init__()
        self.count = 0
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.LayoutRequest
        return False


@pytest.fixture
def look(qapp: QApplication) -> Look:
    theme = Theme()
    theme.apply()
    return Look.of(theme, Words("zh"))


@pytest.fixture
def page(qtbot: QtBot) -> QWidget:
    made = QWidget()
    QVBoxLayout(made)
    qtbot.addWidget(made)
    return made


def laid_out(page: QWidget, widget: QWidget) -> Requests:
    """The widget alone on a page that is shown."""
    layout = page.layout()
    assert layout is not None
    layout.addWidget(widget)
    page.show()
    QApplication.processEvents()
    return Requests(page)


def test_a_button_asks_for_room_only_where_its_words_need_more(look: Look, page: QWidget) -> None:
    button = Button(look)
    button.setText("¥10.00")
    requests = laid_out(page, button)
    button.setText("¥23.45")
    QApplication.processEvents()
    assert (button.text(), button.accessibleName()) == ("¥23.45", "¥23.45")
    button.setText("¥67.89")
    QApplication.processEvents()
    assert requests.count <= 1, "it learns what room it has when its words first change"
    before = requests.count
    button.setText("¥12,345.00")
    QApplication.processEvents()
    assert requests.count == before + 1


@pytest.mark.parametrize("wrap", [False, True])
def test_figures_change_in_the_room_they_have(look: Look, page: QWidget, wrap: bool) -> None:
    label, new = (Label(look, LINE_STRONG, ink="ok", wrap=wrap, parent=page) for _ in range(2))
    label.setText("100 种 106 件")
    requests = laid_out(page, label)
    label.setText("100 种 297 件")
    QApplication.processEvents()
    assert (requests.count, label.text(), label.accessibleName()) == (0, "100 种 297 件", "100 种 297 件")
    new.setText("100 种 297 件")
    new.resize(label.size())
    assert label.grab().toImage() == new.grab().toImage()
    label.setText("1000 种 297 件")
    QApplication.processEvents()
    assert requests.count == 1
