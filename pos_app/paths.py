"""Where a till keeps its files: the names inside a data directory, and which directory it is."""

from dataclasses import dataclass
from pathlib import Path

APP_NAME = "Evertill"
PRIVATE_FOLDER = 0o700


@dataclass(frozen=True, slots=True)
class TillPaths:
    """The files of one data directory."""

    directory: Path

    @property
    def database(self) -> Path:
        """What this till did."""
        return self.directory / "till.db"

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
            folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)


def default_directory() -> Path:
    """The user's data directory for this app, by the system's custom."""
    # start-up: only the app asks, and an explicit --data never does
    from platformdirs import user_data_dir

    return Path(user_data_dir(APP_NAME, appauthor=False))
