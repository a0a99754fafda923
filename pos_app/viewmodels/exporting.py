"""Files that people take away from the till: receipts as PDF, the journal."""

from collections.abc import Callable
from pathlib import Path

from domain.errors import DomainError


def write_file(path: Path, write: Callable[[Path], object]) -> Path:
    """Write it whole or not at all; DomainError ``export.failed`` where the folder or the disk refuses."""
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(part)
        part.replace(path)
    except OSError:
        raise DomainError("export.failed", folder=str(path.parent)) from None
    return path
