"""What the cloud has of each journal, in memory for hello's answer; the database stays the truth."""

import threading

import sqlalchemy as sa

from cloud_api.db.engine import reading
from cloud_api.db.sync_tables import TERMINAL_STREAM
from cloud_api.services.intake.ingest import Stream, read_stream

OVERLAP_MS = 5_000


class Streams:
    """Tips by ``(terminal, inc)``, read once each and then kept up by uploads and by looking for changes."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._tips: dict[tuple[str, int], Stream] = {}
        self._seen_ms = 0
        self._lock = threading.Lock()

    def get(self, terminal_id: str, inc: int) -> Stream | None:
        """A stream as last seen; None where this process never read it."""
        return self._tips.get((terminal_id, inc))

    def read(self, terminal_id: str, inc: int) -> Stream:
        """A stream from the database, remembered."""
        with reading(self._engine) as connection:
            stream = read_stream(connection, terminal_id, inc=inc)
        self.note(terminal_id, inc=inc, stream=stream)
        return stream

    def note(self, terminal_id: str, *, inc: int, stream: Stream) -> None:
        """Remember what was just stored; of two answers the one that knows more stays."""
        with self._lock:
            known = self._tips.get((terminal_id, inc))
            if known is None or known.last_seq <= stream.last_seq:
                self._tips[terminal_id, inc] = stream

    def refresh(self) -> None:
        """Take over what other processes, the applier and backups changed in streams that are known here."""
        columns = TERMINAL_STREAM.c
        query = sa.select(
            columns.terminal_id,
            columns.inc,
            columns.updated_at_ms,
            columns.last_seq,
            columns.last_hash,
            columns.durable_seq,
            columns.applied_seq,
        ).where(columns.updated_at_ms >= self._seen_ms - OVERLAP_MS)
        with reading(self._engine) as connection:
            for terminal_id, inc, updated_at_ms, *rest in connection.execute(query):
                self._seen_ms = max(self._seen_ms, updated_at_ms)
                if (terminal_id, inc) in self._tips:
                    self.note(terminal_id, inc=inc, stream=Stream(*rest))
