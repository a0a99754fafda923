"""The one window for a till that cannot open: what happened, is anything lost, what to do."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from domain.errors import DomainError
from pos_app.ui.look import Look
from pos_app.ui.tokens import BODY, HINT
from pos_app.ui.widgets.button import Button, Kind
from pos_app.ui.widgets.label import Label
from pos_app.ui.widgets.plate import Plate
from pos_app.ui.words import Words
from resources.texts import LANGUAGES

EXIT_TROUBLE = 1
SIZE = (860, 520)


class TroubleWindow(QWidget):
    """Both languages at once: nobody may have been asked yet which one."""

    def __init__(self, look: Look, error: DomainError) -> None:
        super().__init__()
        words = [Words(language) for language in LANGUAGES]
        self.plates = [Plate(look) for _ in words]
        for plate, speaker in zip(self.plates, words, strict=True):
            said = speaker.error(error)
            plate.show_state("error", "err")
            plate.title.setText(said.what)
            plate.text.setText("\n".join(part for part in (said.safe, said.do) if part))
        code = Label(look, HINT, ink="muted")
        code.setText(error.code)
        code.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.button = Button(look, Kind.PRIMARY)
        self.button.setText(" ".join(speaker("shell.act.close") for speaker in words))
        self.button.clicked.connect(self.close)
        row, column = QHBoxLayout(), QVBoxLayout(self)
        column.setContentsMargins(32, 32, 32, 32)
        for plate in self.plates:
            row.addWidget(plate, 1)
        column.addLayout(row, 1)
        column.addWidget(code)
        column.addWidget(self.button)
        self.setWindowTitle(" ".join(speaker("shell.title") for speaker in words))
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
