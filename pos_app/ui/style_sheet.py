"""The style sheet for Qt's own widgets, built from the tokens; our widgets paint themselves."""

from collections.abc import Callable
from string import Template

from pos_app.ui.tokens import BODY, FOCUS_PX, LABEL, Tokens

_SHEET = Template("""
QToolTip { color: $text; background: $surface; border: 1px solid $line; padding: ${gap}px; }
QLineEdit, QPlainTextEdit {
  color: $text; background: $surface; border: 1px solid $edge; border-radius: ${radius}px;
  padding: 0 ${pad}px; font-size: ${body}px; selection-background-color: $primary; selection-color: $on_primary;
}
QLineEdit:focus, QPlainTextEdit:focus { border: ${ring}px solid $focus; }
QLineEdit:disabled { color: $muted; background: $bg; border-color: $line; }
QLineEdit[invalid="true"] { border: 2px solid $err; }
QComboBox {
  color: $text; background: $surface; border: 1px solid $edge; border-radius: ${radius}px;
  padding: 0 ${pad}px; min-height: ${target}px; font-size: ${label}px;
}
QComboBox:focus { border: ${ring}px solid $focus; }
QComboBox::drop-down { border: 0; width: ${target}px; }
QComboBox QAbstractItemView {
  color: $text; background: $surface; border: 1px solid $edge; outline: 0;
  selection-background-color: $primary_bg; selection-color: $primary;
}
QComboBox QAbstractItemView::item { min-height: ${target}px; }
QCheckBox, QRadioButton { color: $text; font-size: ${label}px; spacing: ${pad}px; min-height: ${target}px; }
QCheckBox::indicator, QRadioButton::indicator { width: ${box}px; height: ${box}px; }
QProgressBar { background: $bg; border: 0; border-radius: ${bar}px; max-height: ${bar2}px; color: transparent; }
QProgressBar::chunk { background: $primary; border-radius: ${bar}px; }
QTableView, QListView, QScrollArea { background: transparent; border: 0; outline: 0; }
QScrollBar:vertical { background: transparent; width: ${scroll}px; margin: 0; }
QScrollBar::handle:vertical { background: $edge; border-radius: ${half}px; min-height: ${target}px; margin: 0 2px; }
QScrollBar:horizontal { background: transparent; height: ${scroll}px; margin: 0; }
QScrollBar::handle:horizontal { background: $edge; border-radius: ${half}px; min-width: ${target}px; margin: 2px 0; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
""")


def build_style_sheet(tokens: Tokens, px: Callable[[int], int]) -> str:
    """The style sheet for a set of tokens at a scale."""
    colours = {name: tokens.colour(name) for name in ("text", "surface", "bg", "line", "edge", "primary", "on_primary")}
    colours |= {name: tokens.colour(name) for name in ("primary_bg", "muted", "err", "focus")}
    return _SHEET.substitute(
        colours,
        gap=px(8),
        pad=px(12),
        radius=px(8),
        body=px(BODY.px),
        label=px(LABEL.px),
        ring=FOCUS_PX,
        target=max(48, px(48)),
        box=px(24),
        bar=px(6),
        bar2=px(12),
        scroll=px(12),
        half=px(4),
    )
