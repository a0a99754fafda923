"""The till's printer by its settings: what it is sent, checked before and confirmed after where it can answer."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

from pos_app.devices import escpos
from pos_app.devices.files import open_file
from pos_app.devices.network import open_network
from pos_app.devices.ports import Link, Printer, PrinterError
from pos_app.devices.status import Conversation, Patience, hung_up
from pos_app.devices.usb import open_usb
from pos_app.devices.windows import open_windows
from pos_app.settings import PrinterKind, PrinterSettings

_OPENERS: dict[PrinterKind, Callable[[str], Link]] = {
    PrinterKind.NETWORK: open_network,
    PrinterKind.USB: open_usb,
    PrinterKind.FILE: open_file,
    PrinterKind.WINDOWS: open_windows,
}
_WRITE_ONLY = (PrinterKind.FILE, PrinterKind.WINDOWS)


def printer_for(settings: PrinterSettings, patience: Patience | None = None) -> Printer:
    """The printer of these settings; opened anew for each job, so it may be switched on, moved or swapped."""
    if settings.kind is PrinterKind.NONE:
        return NoPrinter()
    answers = False if settings.kind in _WRITE_ONLY else settings.answers_status
    opener = _OPENERS[settings.kind]
    return LinkedPrinter(lambda: opener(settings.address), answers=answers, patience=patience or Patience())


def answers_status(settings: PrinterSettings, patience: Patience | None = None) -> bool:
    """Whether the printer answers questions: what the wizard's test keeps in ``PrinterSettings.answers_status``.

    PrinterError where it cannot be reached, or where it answers that it is not ready.
    """
    if settings.kind is PrinterKind.NONE or settings.kind in _WRITE_ONLY:
        return False
    with closing(_OPENERS[settings.kind](settings.address)) as link:
        try:
            return Conversation(link, patience or Patience()).check_ready()
        except OSError:
            raise PrinterError("printer.closed") from None


class NoPrinter:
    """A till without a printer: everything is done at once and nothing comes out."""

    def send(self, data: bytes) -> None:
        """Drop it."""

    def kick(self, pin: int) -> None:
        """Do nothing."""


class LinkedPrinter:
    """A printer behind a line that is opened for each job.

    ``answers`` tells whether it answers questions; None = find out: once it has answered, silence is a fault.
    """

    def __init__(self, open_link: Callable[[], Link], *, answers: bool | None, patience: Patience) -> None:
        self._open = open_link
        self._answers = answers
        self._reports_end = True
        self._patience = patience

    def send(self, data: bytes) -> None:
        """Ask whether it is ready, print, and wait until it says that it is done."""
        with self._line() as link:
            talk = Conversation(link, self._patience)
            talks = self._is_ready(talk)
            wants_report = talks and self._reports_end
            self._write(link, data + escpos.REPORT_WHEN_DONE if wants_report else data)
            self._see_it_done(link, talk, talks=talks)

    def kick(self, pin: int) -> None:
        """One pulse, by the command that also works while the printer is out of paper, where it is."""
        with self._line() as link:
            self._write(link, escpos.kick(pin, at_once=bool(self._answers) and self._is_offline(link)))

    @contextmanager
    def _line(self) -> Iterator[Link]:
        link = self._open()
        try:
            yield link
        except BaseException:
            with suppress(OSError):  # the first trouble is the one to tell
                link.close()
            raise
        try:
            link.close()
        except OSError:
            raise PrinterError("printer.closed", uncertain=True) from None

    def _is_ready(self, talk: Conversation) -> bool:
        if self._answers is False:
            return False
        try:
            talks = talk.check_ready()
        except OSError:
            raise PrinterError("printer.closed") from None
        if not talks and self._answers:
            raise PrinterError("printer.silent")
        self._answers = talks or self._answers
        return talks

    def _is_offline(self, link: Link) -> bool:
        try:
            return Conversation(link, self._patience).is_offline()
        except (OSError, PrinterError):
            return False  # the pulse will tell

    def _write(self, link: Link, data: bytes) -> None:
        sent = 0
        try:
            while sent < len(data):
                sent += link.write(data[sent:])
        except TimeoutError:
            raise PrinterError("printer.stalled", uncertain=sent > 0) from None
        except OSError:
            raise PrinterError("printer.closed", uncertain=sent > 0) from None

    def _see_it_done(self, link: Link, talk: Conversation, *, talks: bool) -> None:
        """What can be known of the end; every trouble here is after the first byte, so uncertain."""
        try:
            if talks and self._reports_end:
                self._reports_end = talk.wait_until_done()
            elif talks:
                talk.check_online(uncertain=True)
            elif hung_up(link, self._patience.settle_ms):
                raise PrinterError("printer.closed", uncertain=True)
        except OSError:
            raise PrinterError("printer.closed", uncertain=True) from None
        except PrinterError as trouble:
            raise PrinterError(trouble.code, uncertain=True, **trouble.params) from None
