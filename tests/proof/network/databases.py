"""A PostgreSQL of one proof's own that can be stopped without warning and started again."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests import postgres
from tests.postgres import PostgresServer

STOP_TIMEOUT_S = 30


class CrashingPostgres(PostgresServer):
    """``crash`` is what ``pg_ctl stop -m immediate`` does: no checkpoint, recovery at the next start."""

    def __init__(self, folder: Path, options: Sequence[str]) -> None:
        super().__init__(folder)
        self._options = (*postgres.SERVER_OPTIONS, *options)
        self._bin_folder = postgres.find_bin_folder()
        postgres._init_cluster(self._bin_folder, folder)
        self._process = self._started()

    def crash(self) -> None:
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(STOP_TIMEOUT_S)

    def start(self) -> None:
        self._process = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            process = postgres._start(self._bin_folder, self.folder, log.fileno(), options=self._options)
        postgres._wait_until_ready(process, self.folder)
        return process

    def hog(self) -> list[psycopg.Connection]:
        """Take every connection that is left."""
        taken = []
        try:
            while True:
                taken.append(postgres._connect(self.folder))
        except psycopg.OperationalError:
            return taken


@contextmanager
def crashing_postgres(*options: str) -> Iterator[CrashingPostgres]:
    """Running in a new folder; removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="evertill-pg-"))
    try:
        server = CrashingPostgres(folder, options)
        try:
            yield server
        finally:
            server.crash()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
