"""Building the next replica file: fetch the snapshots, check them, assemble, flip."""

import contextlib
import hashlib
from collections.abc import Callable
from pathlib import Path

import zstandard

from sync.client import CloudClient
from sync.feed import BadPage, Cursor, read_page, start
from sync.pipe import Pipe
from sync.replica.apply import apply_groups
from sync.replica.install import BadSnapshot, assemble, check_snapshot, connect, place_cursor
from sync.replica.store import Connection, write_cursor
from sync.replica.writer import Replica
from sync.snapshot import Download, Rebuild, cursor_of, is_right_file
from sync.transport import Retryable

_DOWNLOADS = "download"
_PROGRESS_BYTES = 1_000_000
_CHUNK_BYTES = 1 << 20


def rebuild(plan: Rebuild, client: CloudClient, *, replica: Replica, pipe: Pipe) -> None:
    """Carries out a plan. Retryable where a download is damaged; the present file stays live until the flip."""
    folder = replica.path.parent / _DOWNLOADS
    folder.mkdir(exist_ok=True)
    fetched: dict[str, Path] = {}
    done_bytes = 0
    for download in plan.downloads:
        fetched[download.bucket] = _fetch(download, client, folder=folder, tell=_teller(pipe, plan, done_bytes))
        done_bytes += download.ref.bytes
    pipe.tell("progress", step="install", done=0, total=1)
    target = replica.begin_install()
    assemble(target, fetched, old=replica.path, keep=plan.keep, empty=plan.empty)
    if not replica.is_awaited:
        _read_from_pages(target, plan, client)
    replica.go_live(target)
    for path in folder.iterdir():
        path.unlink()
    pipe.tell("replica", file=target.name)


def _read_from_pages(target: Path, plan: Rebuild, client: CloudClient) -> None:
    """Fills what begins empty before the till sees it: until then it sells from the present file."""
    conn = connect(target)
    try:
        for bucket, epoch in plan.empty:
            with contextlib.suppress(BadPage):  # the down loop meets it again and tells
                _read_bucket(conn, bucket, client=client, cursor=start(bucket, epoch))
    finally:
        conn.close()


def _read_bucket(conn: Connection, bucket: str, *, client: CloudClient, cursor: Cursor) -> None:
    is_sealed = True
    while is_sealed:
        page = client.page(bucket, cursor)
        news = read_page(page, cursor, bucket=bucket)
        if news.cursor == cursor:
            return
        conn.execute("BEGIN")
        try:
            apply_groups(conn, bucket, groups=news.groups)
            write_cursor(conn, bucket, cursor=news.cursor)
            conn.execute("COMMIT")
        finally:
            if conn.in_transaction:
                conn.execute("ROLLBACK")
        cursor, is_sealed = news.cursor, page.sealed


def _teller(pipe: Pipe, plan: Rebuild, before_bytes: int) -> Callable[[int], None]:
    told_bytes = -_PROGRESS_BYTES

    def tell(have_bytes: int) -> None:
        nonlocal told_bytes
        if have_bytes - told_bytes >= _PROGRESS_BYTES:
            told_bytes = have_bytes
            pipe.tell("progress", step="download", done=before_bytes + have_bytes, total=plan.total_bytes)

    return tell


def _fetch(download: Download, client: CloudClient, *, folder: Path, tell: Callable[[int], None]) -> Path:
    """The unpacked and checked snapshot; what is damaged is thrown away, so that the next try begins anew."""
    packed = folder / f"{download.ref.sha256[:32]}.zst"
    client.download(download.ref, packed, progress=tell)
    plain = packed.with_suffix(".sqlite")
    try:
        _check_packed(packed, download)
        with packed.open("rb") as source, plain.open("wb") as target:
            zstandard.ZstdDecompressor().copy_stream(source, target, write_size=_CHUNK_BYTES)
        check_snapshot(plain, download.bucket, stands_at=cursor_of(download))
        place_cursor(plain, download.bucket, cursor=cursor_of(download))
    except (BadSnapshot, zstandard.ZstdError):
        packed.unlink(missing_ok=True)
        plain.unlink(missing_ok=True)
        raise Retryable("sync.snapshot_damaged") from None
    return plain


def _check_packed(path: Path, download: Download) -> None:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if not is_right_file(download, size_bytes=path.stat().st_size, sha256=digest):
        raise BadSnapshot
