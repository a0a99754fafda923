"""Keeps the top bar level with the till: store, operator, status and time."""

from datetime import timedelta

from PySide6.QtCore import QObject

from domain.errors import DomainError
from domain.permissions import Operator
from pos_app.ui.header import Header
from pos_app.ui.look import Look
from pos_app.viewmodels.figures import clock_text, local_time, zone
from pos_app.viewmodels.status import StatusViewModel
from pos_app.wiring import TillApp

HOME_ZONE = "Asia/Shanghai"


class HeaderBinding(QObject):
    """Shows the header anew when the status, the language or the store's settings changed."""

    def __init__(self, header: Header, look: Look, *, status: StatusViewModel, till: TillApp) -> None:
        super().__init__()
        self._header, self._look, self._status, self._till = header, look, status, till
        self._operator: Operator | None = None
        status.changed.connect(self.show)
        look.words.changed.connect(self.show)
        self.show()

    def show_operator(self, operator: Operator | None) -> None:
        """Who is signed on."""
        self._operator = operator
        self.show()

    def show(self) -> None:
        """Say everything again."""
        words, header = self._look.words, self._header
        store, zone_name = self._store()
        number = self._till.identity.terminal.rpartition("-")[2]
        header.till.setText(words("shell.till", store=store, number=number))
        name = f"{self._operator.name} {self._operator.operator_id}" if self._operator else ""
        header.set_operator(name)
        header.clock.setText(clock_text(self._status.now_ms, zone(zone_name)))
        pill = self._status.pill
        params = dict(pill.params)
        if "at_ms" in params:
            params["at"] = self._when(int(str(params["at_ms"])), zone_name)
        header.pill.set_state(pill.token, pill.icon, words(pill.key, **params))

    def _store(self) -> tuple[str, str]:
        try:
            store = self._till.catalog.store()
        except DomainError:
            return self._till.identity.store, HOME_ZONE
        return store.name(self._look.words.language), store.timezone

    def _when(self, at_ms: int, zone_name: str) -> str:
        """``18:22`` for today, 昨天 18:22, else the date before the time."""
        tz = zone(zone_name)
        at, now = local_time(at_ms, tz), local_time(self._status.now_ms, tz)
        time = at.strftime("%H:%M")
        if at.date() == now.date():
            return time
        if at.date() == (now - timedelta(days=1)).date():
            return self._look.words("status.yesterday", time=time)
        return at.strftime("%m-%d %H:%M")
