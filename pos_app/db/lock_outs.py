"""A second count of failed PINs, in a file of its own beside till.db.

An older till.db put back in the place of this one, by hand or as the rescue of a damaged file, would forgive every
guess made since. It cannot forgive what this file still says.
"""

import logging
from pathlib import Path

import msgspec

from domain.ids import OperatorId
from pos_app.db.attempts import AttemptRow
from pos_app.db.faults import storage_faults
from sync.atomic_file import write_atomically

FILE_NAME = "lock-outs.json"
_PRIVATE = 0o600
_LOG = logging.getLogger(__name__)


class LockOuts:
    """The rows of the file; who is not in it never failed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: dict[OperatorId, AttemptRow] | None = None

    def get(self, operator_id: OperatorId) -> AttemptRow:
        """The count of an operator."""
        return self._read().get(operator_id, AttemptRow(operator_id))

    def put(self, *rows: AttemptRow) -> None:
        """Write counts; they are on the disk when this returns. StorageError where they cannot be."""
        known = dict(self._read())
        known |= {row.operator_id: row for row in rows}
        with storage_faults():
            write_atomically(self._path, msgspec.json.encode(list(known.values())), mode=_PRIVATE)
        self._rows = known

    def _read(self) -> dict[OperatorId, AttemptRow]:
        if self._rows is None:
            self._rows = {row.operator_id: row for row in self._stored()}
        return self._rows

    def _stored(self) -> list[AttemptRow]:
        try:
            with storage_faults():
                return (
                    msgspec.json.decode(self._path.read_bytes(), type=list[AttemptRow]) if self._path.exists() else []
                )
        except msgspec.DecodeError:
            _LOG.warning("%s cannot be read: the database alone knows of failed PINs", self._path.name)
            return []
