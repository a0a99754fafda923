"""Binding this device to a store by a one-time code, before there is a till."""

from dataclasses import dataclass
from pathlib import Path


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
        raise NotImplementedError

    @property
    def is_enrolled(self) -> bool:
        """Whether this directory holds an identity."""
        raise NotImplementedError

    def enrol(self, cloud_url: str, code: str, *, ca_file: str = "") -> EnrolledTill:
        """Make a key, use up the code, keep the identity, begin the journal. Network: not on the UI thread.

        DomainError of the sync layer: ``enrol.code_wrong``, ``enrol.code_used``, ``net.*`` …
        """
        raise NotImplementedError
