"""Tabs over tiles: quick keys, departments, and a keypad for fingers."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from pos_app.ui.look import Look
from pos_app.ui.tokens import LABEL, LABEL_STRONG
from pos_app.ui.widgets.button import Button, Kind, Shape
from pos_app.ui.widgets.card import Card
from pos_app.ui.widgets.keypad import Keypad
from pos_app.ui.widgets.tile_grid import Tile, TileGrid
from pos_app.viewmodels.figures import plain
from pos_app.viewmodels.goods import QUICK, Good, GoodsViewModel

PAD = "\0pad"
PAD_ROWS = (("7", "8", "9"), ("4", "5", "6"), ("1", "2", "3"), ("*", "0", "back"))


class GoodsCard(Card):
    """``picked`` gives an item id; ``pad_pressed`` a key of the keypad."""

    picked = Signal(int)
    pad_pressed = Signal(str)

    def __init__(self, look: Look, goods: GoodsViewModel, *, currency: str) -> None:
        super().__init__(look)
        self._goods, self._currency = goods, currency
        self._shows_pad = False
        self._first_tab = 0
        self.grid = TileGrid(look)
        self.pad = Keypad(look, PAD_ROWS, height=56)
        self.tabs: list[Button] = []
        self.next_tabs = self._icon_button("more")
        self.keys = self._icon_button("keyboard")
        self.enter = Button(look, Kind.PLAIN, shape=Shape(56, LABEL_STRONG))
        self.enter.set_keycap("Enter")
        self._build()
        self._wire()
        self._show()

    def set_currency(self, currency: str) -> None:
        """Prices in another currency."""
        self._currency = currency
        self._show()

    def restyle(self) -> None:
        """Take sizes from the theme."""
        super().restyle()
        self._arrange()

    def show_pad(self) -> None:
        """Bring the keypad to the front."""
        self._shows_pad = True
        self._show()

    def sizeHint(self) -> QSize:
        """What the tiles want."""
        return self.grid.sizeHint() + QSize(self._look.theme.px(24), self._look.theme.px(72))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many tabs as there is room for."""
        super().resizeEvent(event)
        self._show_tabs()

    def _icon_button(self, icon: str) -> Button:
        button = Button(self._look, Kind.TAB, shape=Shape(48, LABEL, pad=8))
        button.setCheckable(False)
        button.set_icon(icon)
        return button

    def _build(self) -> None:
        self._tab_row = QHBoxLayout()
        self._tab_places = QHBoxLayout()
        self._tab_row.addLayout(self._tab_places, 1)
        for button in (self.next_tabs, self.keys):
            self._tab_row.addWidget(button)
        keys = QWidget()
        self._pad_grid = QGridLayout(keys)
        self._pad_grid.addWidget(self.pad, 0, 0)
        self._pad_grid.addWidget(self.enter, 1, 0)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.grid)
        self._pages.addWidget(keys)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._tab_row)
        self._column.addWidget(self._pages, 1)
        self._arrange()

    def _wire(self) -> None:
        self.grid.picked.connect(self.picked)
        self.grid.page_size_changed.connect(self._goods.set_page_size)
        self.pad.pressed.connect(self.pad_pressed)
        self.enter.clicked.connect(lambda: self.pad_pressed.emit("enter"))
        self.grid.turned.connect(self._goods.turn)
        self.next_tabs.clicked.connect(self._turn_tabs)
        self.keys.clicked.connect(self.show_pad)
        self._goods.changed.connect(self._show)
        self._look.words.changed.connect(self._show)

    def _arrange(self) -> None:
        px = self._look.theme.px
        gap = max(8, px(8))
        self._column.setContentsMargins(px(12), px(8), px(12), px(10))
        self._column.setSpacing(px(8))
        for layout in (self._tab_row, self._tab_places, self._pad_grid):
            layout.setSpacing(gap)
        self._pad_grid.setContentsMargins(0, 0, 0, 0)

    def _show(self) -> None:
        words, state = self._look.words, self._goods.state
        turn = (
            Tile(0, words("sale.tile_more"), words("sale.tile_page", page=state.page + 1)) if state.is_paged else None
        )
        self.grid.set_tiles([self._tile(good) for good in state.goods], more=turn)
        self._pages.setCurrentIndex(1 if self._shows_pad else 0)
        self.enter.setText(words("sale.act.enter"))
        self.next_tabs.setAccessibleName(words("sale.tab.next"))
        self.keys.setAccessibleName(words("sale.tab.pad"))
        self._show_tabs()

    def _show_tabs(self) -> None:
        """Tabs from the first one on, as many as fit; the last button turns to the others."""
        state, language = self._goods.state, self._look.words.language
        names = [(QUICK, self._look.words("sale.tab.quick"))]
        for one in state.departments:
            names.append((one.department_id, (one.name_en if language == "en" else one.name_zh) or one.name_zh))
        while len(self.tabs) < len(names):
            self._add_tab()
        room, used = self.width() - self._look.theme.px(24) - 2 * (self._look.theme.target(48) + 8), 0
        for at, button in enumerate(self.tabs):
            is_there = self._first_tab <= at < len(names)
            if is_there:
                button.setText(names[at][1])
                button.setChecked(names[at][0] == state.tab and not self._shows_pad)
                used += button.sizeHint().width() + max(8, self._look.theme.px(8))
            button.setVisible(is_there and (used <= room or at == self._first_tab))
        hidden = any(not button.isVisibleTo(self) for button in self.tabs[: len(names)])
        self.next_tabs.setVisible(hidden)

    def _add_tab(self) -> None:
        at, button = len(self.tabs), Button(self._look, Kind.TAB, shape=Shape(48, LABEL, pad=14))
        button.clicked.connect(lambda: self._choose(at))
        self.tabs.append(button)
        self._tab_places.addWidget(button)

    def _choose(self, at: int) -> None:
        self._shows_pad = False
        self._goods.choose(QUICK if at == 0 else self._goods.state.departments[at - 1].department_id)

    def _turn_tabs(self) -> None:
        shown = [at for at, button in enumerate(self.tabs) if button.isVisible()]
        last = shown[-1] + 1 if shown else 0
        self._first_tab = last if last < len(self._goods.state.departments) + 1 else 0
        self._show_tabs()

    def _tile(self, good: Good) -> Tile:
        words, price = self._look.words, good.sellable.price
        if good.sellable.item.weighed:
            sub = words("sale.weigh")
        else:
            sub = plain(price.price_minor, self._currency) if price else words("sale.no_price")
        return Tile(good.sellable.item.item_id, good.name(words.language), sub)
