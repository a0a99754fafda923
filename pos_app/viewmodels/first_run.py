"""The first run before there is a till: language, the cloud's address, the enrolment code."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from domain.errors import DomainError
from pos_app.services.enrolment import EnrolledTill, Enrolment
from pos_app.tasks import Tasks
from pos_app.viewmodels.first_run_draft import Draft, keep_draft, read_draft

CODE_MAX, ADDRESS_MAX = 40, 200
_SCHEME = "https://"


@dataclass(frozen=True, slots=True)
class FirstRunState:
    """Everything the two pages show; what was typed stays through every error."""

    step: str = "language"
    draft: Draft = field(default_factory=Draft)
    code: str = ""
    is_enrolling: bool = False
    error: DomainError | None = None

    @property
    def may_enrol(self) -> bool:
        """Whether there is something to send."""
        return bool(self.draft.cloud_url.strip() and self.code.strip()) and not self.is_enrolling


class FirstRunViewModel(QObject):
    """``enrolled`` gives what the cloud said; the till can then be opened."""

    changed = Signal()
    language_chosen = Signal(str)
    enrolled = Signal(object)

    def __init__(self, enrolment: Enrolment, *, directory: Path, tasks: Tasks) -> None:
        super().__init__()
        self._enrolment, self._directory, self._tasks = enrolment, directory, tasks
        draft = read_draft(directory)
        self.state = FirstRunState("connect" if draft.language else "language", draft)

    def choose_language(self, language: str) -> None:
        """Speak this language from here on."""
        self._keep(replace(self.state.draft, language=language))
        self.language_chosen.emit(language)

    def next(self) -> None:
        """From the language to the cloud, from there to the till."""
        if self.state.step == "language":
            self._show(replace(self.state, step="connect"))
        else:
            self.enrol()

    def back(self) -> None:
        """To the language."""
        if not self.state.is_enrolling:
            self._show(replace(self.state, step="language", error=None))

    def set_address(self, cloud_url: str) -> None:
        """What stands in the address field."""
        if cloud_url != self.state.draft.cloud_url:
            self._show(replace(self.state, draft=replace(self.state.draft, cloud_url=cloud_url), error=None))

    def set_code(self, code: str) -> None:
        """What stands in the code field."""
        if code != self.state.code:
            self._show(replace(self.state, code=code, error=None))

    def set_ca_file(self, ca_file: str) -> None:
        """A company's own certificate file."""
        if ca_file != self.state.draft.ca_file:
            self._show(replace(self.state, draft=replace(self.state.draft, ca_file=ca_file), error=None))

    def enrol(self) -> None:
        """Ask the cloud; a second Enter while it is asked does nothing."""
        if not self.state.may_enrol:
            return
        self._keep(self.state.draft)
        self._show(replace(self.state, is_enrolling=True, error=None))
        draft, code = self.state.draft, self.state.code.strip()
        address = with_scheme(draft.cloud_url.strip())
        self._tasks.network(
            lambda: self._enrolment.enrol(address, code, ca_file=draft.ca_file.strip()),
            self._enrolled,
            on_error=self._failed,
        )

    def _enrolled(self, till: EnrolledTill) -> None:
        self._show(replace(self.state, is_enrolling=False, code=""))
        self.enrolled.emit(till)

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, DomainError):
            self._show(replace(self.state, is_enrolling=False))
            raise error
        self._show(replace(self.state, is_enrolling=False, error=error))

    def _keep(self, draft: Draft) -> None:
        self._show(replace(self.state, draft=draft))
        keep_draft(self._directory, draft)

    def _show(self, state: FirstRunState) -> None:
        if state != self.state:
            self.state = state
            self.changed.emit()


def with_scheme(address: str) -> str:
    """An address as people type it, made whole."""
    return address if "://" in address else _SCHEME + address
