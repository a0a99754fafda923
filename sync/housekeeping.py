"""What the agent does now and then: compare each bucket with the cloud, and clear away old replica files."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from sync.client import BucketGone, CloudClient
from sync.replica.writer import Replica
from sync.transport import CloudError


@dataclass(slots=True)
class Housekeeping:
    """The jobs; each may run at any time and be cut off at any place."""

    client: CloudClient
    replica: Replica
    found_damaged: Callable[[str], None]

    def audit(self) -> dict[str, str]:
        """Compares every bucket: "equal", "differs" (it will be installed anew), or "unknown" where it cannot tell."""
        findings = {bucket: self._audit_bucket(bucket) for bucket in self.replica.cursors()}
        for bucket, finding in findings.items():
            if finding == "differs":
                self.found_damaged(bucket)
        self.replica.save_state({"audit": " ".join(f"{bucket}={finding}" for bucket, finding in findings.items())})
        return findings

    def clean_up(self) -> None:
        """Removes replica files that nobody uses any more."""
        self.replica.clean_up(time.time())

    def _audit_bucket(self, bucket: str) -> str:
        cursor, own = self.replica.audit(bucket)
        if cursor is None:
            return "unknown"
        try:
            told = self.client.audit(bucket, cursor)
        except (CloudError, BucketGone):
            return "unknown"
        if told is None or told.seq != cursor.seq:
            return "unknown"
        known = {name: figures for name, figures in told.tables.items() if name in own}
        return "equal" if all(own[name] == figures for name, figures in known.items()) else "differs"
