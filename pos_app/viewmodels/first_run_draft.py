"""What was chosen before there is a till, kept so that nobody types it twice; never the one-time code."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from pos_app.paths import make_private
from resources.texts import LANGUAGES
from sync.atomic_file import write_atomically

FILE = "first-run.json"


@dataclass(frozen=True, slots=True)
class Draft:
    """Language and cloud address as far as they are known."""

    language: str = ""
    cloud_url: str = ""
    ca_file: str = ""


def read_draft(directory: Path) -> Draft:
    """What was kept; an unreadable file is as good as none."""
    try:
        found = json.loads((directory / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Draft()
    if not isinstance(found, dict):
        return Draft()
    values = {name: str(found.get(name) or "") for name in ("language", "cloud_url", "ca_file")}
    draft = Draft(**values)
    return draft if draft.language in LANGUAGES else Draft("", draft.cloud_url, draft.ca_file)


def keep_draft(directory: Path, draft: Draft) -> None:
    """Keep it; where the disk refuses, the next start asks again."""
    try:
        make_private(directory)
        write_atomically(directory / FILE, json.dumps(asdict(draft)).encode())
    except OSError:
        return
