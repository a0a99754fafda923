"""Where a till keeps its files: the names inside a data directory, and which directory it is."""

import logging
import os
import stat
from dataclasses import dataclass
from pathlib import Path

APP_NAME = "Evertill"
PRIVATE_FOLDER = 0o700
_OPEN_TO_OTHERS = 0o077
_OURS = ("till.db", "identity.json", "first-run.json", "lock", "logs", "replica", "backup", "damaged", "secrets")

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TillPaths:
    """The files of one data directory."""

    directory: Path

    @property
    def database(self) -> Path:
        """What this till did."""
        return self.directory / "till.db"

    @property
    def suspect(self) -> Path:
        """There while a check found the database damaged and no start has looked at the whole of it since."""
        return self.directory / "till.db.suspect"

    @property
    def replica(self) -> Path:
        """Folder of what the cloud said; ``current`` in it names the live file."""
        return self.directory / "replica"

    @property
    def backup(self) -> Path:
        """Folder of checked copies of the database."""
        return self.directory / "backup"

    @property
    def damaged(self) -> Path:
        """Folder of database files that could not be trusted any more; never deleted by the till."""
        return self.directory / "damaged"

    @property
    def logs(self) -> Path:
        """Folder of the logs."""
        return self.directory / "logs"

    @property
    def lock(self) -> Path:
        """Held while the app runs."""
        return self.directory / "lock"

    @property
    def identity(self) -> Path:
        """Who this till is; written at enrolment."""
        return self.directory / "identity.json"

    def create(self) -> None:
        """Make the folders, readable by nobody else."""
        for folder in (self.directory, self.replica, self.backup, self.logs):
            make_private(folder)
        _tighten(self.directory)


def make_private(folder: Path) -> None:
    """Make a folder, and the data directory above it, readable by nobody else."""
    # mkdir gives its mode to the last folder alone
    folder.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)


def _tighten(directory: Path) -> None:
    """Close a data directory that somebody made beforehand; one that holds other things too is only warned of."""
    mode = stat.S_IMODE(directory.stat().st_mode)
    if os.name != "posix" or not mode & _OPEN_TO_OTHERS:
        return
    if any(not name.startswith(_OURS) for name in os.listdir(directory)):
        _LOG.warning("other users of this machine can look into %s; give the till a folder of its own", directory)
        return
    try:
        directory.chmod(PRIVATE_FOLDER)
    except PermissionError:
        _LOG.warning("other users of this machine can look into %s, which belongs to another account", directory)


def default_directory() -> Path:
    """The user's data directory for this app, by the system's custom."""
    # start-up: only the app asks, and an explicit --data never does
    from platformdirs import user_data_dir

    return Path(user_data_dir(APP_NAME, appauthor=False))
