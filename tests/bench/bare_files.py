"""The raw limit of a fresh till: its snapshot files downloaded, and unpacked, with nothing around them."""

from __future__ import annotations

import http.client
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import zstandard

from sync import identity
from sync.client import CloudClient
from sync.journal import GENESIS, Tip
from sync.system_clock import SystemClock
from sync.tokens import CloudClock, TokenSource
from sync.transport import Transport

_CHUNK_BYTES = 1 << 20


class BareFiles:
    """What the cloud offers the till of ``directory``; asked for once, fetched as often as wanted."""

    def __init__(self, directory: Path) -> None:
        who = identity.load(directory)
        clock = CloudClock(SystemClock(), None, keep=lambda _offset: None)
        tokens, transport = TokenSource(who, clock), Transport(who.cloud_url)
        hello = CloudClient(transport, tokens=tokens, clock=clock).hello(Tip(1, 0, GENESIS), app_ver="0")
        self._host = urlsplit(who.cloud_url).netloc
        self._headers = {"Authorization": f"Bearer {tokens.get(transport)}"}
        self.urls = [head.snap.url for head in hello.buckets if head.snap is not None]
        transport.close()

    def download(self, folder: Path) -> Iterator[Path]:
        """Each file as it lies on the disk, packed."""
        folder.mkdir(exist_ok=True)
        connection = http.client.HTTPConnection(self._host)
        for number, url in enumerate(self.urls):
            connection.request("GET", url, headers=self._headers)
            target = folder / f"{number}.zst"
            with connection.getresponse() as answer, target.open("wb") as file:
                assert answer.status == 200, answer.status
                shutil.copyfileobj(answer, file, _CHUNK_BYTES)
            yield target
        connection.close()

    def unpack(self, packed: Path) -> None:
        """The plain file beside it, on the disk for good."""
        with packed.open("rb") as source, packed.with_suffix(".sqlite").open("wb") as target:
            zstandard.ZstdDecompressor().copy_stream(source, target, write_size=_CHUNK_BYTES)
            target.flush()
            os.fsync(target.fileno())
