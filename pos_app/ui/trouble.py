"""The one window for a till that cannot open: what happened, is anything lost, what to do."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from domain.errors import DomainError
from pos_app.ui.look import Look
from pos_app.ui.tokens import BODY, HINT
from pos_app.ui.widgets.button import Button, Kind
from pos_app.ui.widgets.label import Label
from pos_app.ui.widgets.plate import Plate

EXIT_TROUBLE = 1
SIZE = (860, 520)


class TroubleWindow(QWidget):
    """Both languages at once: nobody may have been asked yet which one."""

    def __init__(self, look: Look, error: DomainError) -> None:
        super().__init__()
        said = look.words.error(error)
        self.plate = Plate(look)
        self.plate.show_state("error", "err")
        self.plate.title.setText(said.what)
        self.plate.text.setText(" · ".join(part for part in (said.safe, said.do) if part))
        code = Label(look, HINT, ink="muted")
        code.setText(error.code)
        code.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.button = Button(look, Kind.PRIMARY)
        self.button.setText(look.words("shell.act.close"))
        self.button.clicked.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 32, 32, 32)
        column.addWidget(self.plate, 1)
        column.addWidget(code)
        column.addWidget(self.button)
        self.setWindowTitle(look.words("shell.title"))
        self.setFont(look.theme.font(BODY))


def show_trouble(look: Look, error: DomainError) -> int:
    """Show the window until it is closed; gives the exit code."""
    window = TroubleWindow(look, error)
    window.resize(*SIZE)
    window.show()
    app = QApplication.instance()
    assert app is not None
    app.exec()
    return EXIT_TROUBLE
