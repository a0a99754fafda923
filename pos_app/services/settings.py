"""The device settings of this till, kept in till.db, each change journaled without secrets."""

import logging
from dataclasses import fields
from typing import Any

import msgspec

from domain.errors import DomainError
from domain.permissions import Act, Authority
from pos_app.db.unit_of_work import TillDatabase
from pos_app.services.journaling import Journal
from pos_app.settings import DeviceSettings

_LOG = logging.getLogger(__name__)
_NAME = "settings"


class Settings:
    """Reading is from memory; ``save`` writes, so on the database worker."""

    def __init__(self, database: TillDatabase, journal: Journal) -> None:
        self._database = database
        self._journal = journal
        self._current = self._load()

    @property
    def current(self) -> DeviceSettings:
        """What is set now."""
        return self._current

    def save(self, settings: DeviceSettings, authority: Authority | None = None) -> DeviceSettings:
        """Keep new settings and journal what changed.

        Screen settings may be changed by anybody, the others need CHANGE_SETTINGS once the wizard is done.
        """
        changes = _changes(self._current, settings)
        self._require(changes, authority)
        who = {"operator_id": authority.operator.operator_id if authority else ""}
        with self._database.write() as uow:
            uow.devices.put(_NAME, msgspec.json.encode(settings).decode())
            for name, before, after in changes:
                body = {**who, "name": name, "before": before, "after": after}
                self._journal.record(uow, "settings_changed", body=body)
            uow.commit()
        self._current = settings
        return settings

    def _require(self, changes: list[tuple[str, Any, Any]], authority: Authority | None) -> None:
        guarded = [name for name, _, _ in changes if not name.startswith("screen.")]
        if not guarded or not self._current.wizard_done:
            return
        if authority is None:
            raise DomainError("operator.not_signed_on")
        authority.require(Act.CHANGE_SETTINGS)

    def _load(self) -> DeviceSettings:
        with self._database.read() as uow:
            document = uow.devices.get(_NAME)
        if document is None:
            return DeviceSettings()
        try:
            return msgspec.json.decode(document, type=DeviceSettings)
        except msgspec.DecodeError:
            _LOG.exception("device settings cannot be read; the defaults are in force")
            return DeviceSettings()


def _changes(before: DeviceSettings, after: DeviceSettings) -> list[tuple[str, Any, Any]]:
    """``("printer.address", old, new)`` for each field that differs."""
    old, new = _flat(before), _flat(after)
    return [(name, old[name], new[name]) for name in new if old[name] != new[name]]


def _flat(settings: DeviceSettings) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in fields(settings):
        value = msgspec.to_builtins(getattr(settings, part.name))
        inner = value.items() if isinstance(value, dict) else ()
        found |= {f"{part.name}.{name}": one for name, one in inner} or {part.name: value}
    return found
