"""Binding this device to a store by a one-time code, before there is a till."""

import platform
from dataclasses import dataclass
from pathlib import Path

from pos_app import __version__
from pos_app.db.faults import storage_faults
from pos_app.paths import TillPaths
from sync import identity

_BEFORE_THE_FIRST_SALE = {
    "sync.unreachable": "till.setup_unreachable",
    "sync.timeout": "till.setup_no_answer",
    "sync.cloud_failing": "till.setup_failing",
}
"""An open till sells on and tries again by itself; here somebody waits in front of a form."""


@dataclass(frozen=True, slots=True)
class EnrolledTill:
    """What the first-run screen shows after the code was accepted."""

    terminal_id: str
    store_id: str
    store_name_zh: str
    store_name_en: str


class Enrolment:
    """Works on a data directory that may be empty; ``open_till`` needs one that is enrolled."""

    def __init__(self, directory: Path) -> None:
        self._paths = TillPaths(directory)

    @property
    def is_enrolled(self) -> bool:
        """Whether this directory holds an identity."""
        return identity.is_enrolled(self._paths.directory)

    def enrol(self, cloud_url: str, code: str, *, ca_file: str = "") -> EnrolledTill:
        """Make a key, use up the code, keep the identity. Network: not on the UI thread; safe to repeat.

        DomainError of the sync layer: a wrong or used code, a wrong server, no connection, ``sync.already_enrolled``;
        StorageError where the disk refuses: the same code works again then, the key is kept before it is sent.
        The journal begins when the till is opened.
        """
        # start-up: HTTP costs 100 ms, and a till enrols once
        from sync.enrolment import Device, enrol
        from sync.transport import Retryable

        device = Device(platform.node() or "till", __version__, ca_file or None)
        with storage_faults():
            self._paths.create()
            try:
                found = enrol(cloud_url, code, directory=self._paths.directory, device=device)
            except Retryable as failure:
                if failure.code not in _BEFORE_THE_FIRST_SALE:
                    raise
                told = _BEFORE_THE_FIRST_SALE[failure.code]
                raise Retryable(told, retry_after_ms=failure.retry_after_ms) from failure
        return EnrolledTill(found.terminal, found.store, found.store_name_zh, found.store_name_en)
