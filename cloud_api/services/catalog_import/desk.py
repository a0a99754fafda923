"""Imports that a web process performs behind its requests, one after the other."""

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import sqlalchemy as sa

from cloud_api.context import Cloud
from cloud_api.db.engine import writing
from cloud_api.db.master_tables import IMPORT_RUN
from cloud_api.services.catalog_import.runs import ImportOptions, ImportRun


class ImportDesk:
    """Takes files that were received and imports them in a thread of its own."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="import")
        self._running: dict[str, Future[None]] = {}
        self.folder = cloud.settings.data_dir / "imports"

    def take(self, import_id: str, path: Path, *, options: ImportOptions, who: str) -> None:
        """Import a file when those before it are done, and remove it then."""
        run = ImportRun(self._cloud, import_id, options=options, who=who)
        self._running[import_id] = self._pool.submit(self._perform, run, path)

    def wait(self, import_id: str, timeout_s: float) -> None:
        """Wait for one to end; what broke it is raised here."""
        self._running[import_id].result(timeout_s)

    def close(self) -> None:
        """Let what runs stop behind its chunk, and wait for that."""
        open_ids = [import_id for import_id, future in self._running.items() if not future.done()]
        if open_ids:
            with writing(self._cloud.engine) as connection:
                query = sa.update(IMPORT_RUN).where(IMPORT_RUN.c.import_id.in_(open_ids))
                connection.execute(query.values(cancel_wanted=1))
        self._pool.shutdown(wait=True)

    def _perform(self, run: ImportRun, path: Path) -> None:
        try:
            run.perform(path)
        finally:
            path.unlink(missing_ok=True)
            path.parent.rmdir()
