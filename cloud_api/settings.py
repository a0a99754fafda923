"""Settings of the cloud: where its data lives and which limits hold, from the environment or from flags."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, Self

from sync.release import release_of

ENV_PREFIX = "EVERTILL_CLOUD_"
PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
_MIB = 1024 * 1024
_OURS = ("cloud.", "master.key", "feeds", "imports")
"""How the names in a data folder begin."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that may differ between two installations; the defaults suit one machine.

    ``data_dir`` holds the SQLite file (unless ``database_url`` names another database), the master key and
    the files of the feeds. Times are in seconds or milliseconds as the names say.
    """

    data_dir: Path
    database_url: str = ""
    master_key_file: Path | None = None
    """Keep it away from the database's backups: with both, PINs can be guessed."""
    docs: bool = False
    """Whether /docs and /openapi.json are served."""
    background: bool = True
    """Whether this process runs the sequencer, the applier and the housekeeping."""
    token_idle_s: int = 30 * 60
    token_absolute_s: int = 12 * 3600
    login_free_attempts: int = 5
    login_lock_s: int = 30
    login_lock_max_s: int = 15 * 60
    address_free_attempts: int = 30
    trusted_proxy: bool = False
    """Whether a reverse proxy sets X-Forwarded-For (its last entry is believed) and TLS ends there."""
    argon2_time: int = 3
    argon2_memory_kib: int = 64 * 1024
    pin_argon2_memory_kib: int = 19 * 1024
    enrol_code_ttl_s: int = 600
    idempotency_keep_s: int = 24 * 3600
    max_body_bytes: int = 2 * _MIB
    min_app: str = "0"
    """The oldest release of the till that gets news; older ones still send all they have. 0: any, also one unnamed."""
    max_import_bytes: int = 256 * _MIB

    @property
    def url(self) -> str:
        """The SQLAlchemy URL of the database."""
        return self.database_url or f"sqlite:///{self.data_dir / 'cloud.db'}"

    @property
    def master_key_path(self) -> Path:
        """Where the master key is kept."""
        return self.master_key_file or self.data_dir / "master.key"

    def make_database_file(self) -> None:
        """Make the SQLite file, where it is ours to make: SQLite gives the files beside it the same mode."""
        if not self.database_url:
            Path(self.url.removeprefix("sqlite:///")).touch(PRIVATE_FILE)

    def make_data_dir(self) -> Literal["tightened", "open"] | None:
        """Make the data folder, and let nobody but this account into it: SQLite gives its files open modes.

        A folder that was open is ``tightened``; one that holds other things too, or is another account's, is
        left ``open``, for it may be there for others as well. None where nothing had to be done.
        """
        self.data_dir.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        if not self.data_dir.stat().st_mode & 0o077 or os.name == "nt":
            return None
        if any(not entry.name.startswith(_OURS) for entry in self.data_dir.iterdir()):
            return "open"
        try:
            self.data_dir.chmod(PRIVATE_FOLDER)
        except PermissionError:
            return "open"
        return "tightened"

    def with_changes(self, **changes: Any) -> Self:
        """The same settings but for what is given and not None."""
        return replace(self, **{name: value for name, value in changes.items() if value is not None})


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings of ``EVERTILL_CLOUD_*`` variables; ValueError names the variable that cannot be read."""
    variables = os.environ if environment is None else environment
    found: dict[str, Any] = {"data_dir": Path("evertill-cloud-data")}
    for field in fields(Settings):
        text = variables.get(ENV_PREFIX + field.name.upper())
        if text is not None:
            found[field.name] = _read(field.name, str(field.type), text)
    return Settings(**found)


def _read(name: str, kind: str, text: str) -> Any:
    if "Path" in kind:
        return Path(text)
    if "bool" in kind:
        if text.lower() not in ("0", "1", "true", "false"):
            raise ValueError(f"{ENV_PREFIX}{name.upper()}: true | false")
        return text.lower() in ("1", "true")
    if name == "min_app" and release_of(text) is None:
        raise ValueError(f"{ENV_PREFIX}{name.upper()}: 0, 0.2, 1.4.2 …")
    if "int" in kind:
        if not text.isdecimal():
            raise ValueError(f"{ENV_PREFIX}{name.upper()}: 0, 1, 2 …")
        return int(text)
    return text
