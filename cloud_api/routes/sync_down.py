"""The feeds' routes: manifest, pages, snapshots and audit figures, each with the cache header it deserves."""

from functools import partial

import anyio.to_thread
import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse

from cloud_api.db.engine import reading
from cloud_api.db.sync_tables import FEED_PAGE
from cloud_api.errors import ApiProblem
from cloud_api.openapi_parameters import header_parameter
from cloud_api.routes.sync_caller import Till, the_till
from cloud_api.routes.sync_openapi import gives, gives_snapshot, responses
from cloud_api.routes.sync_wire import answer, packed_answer, tag_of
from cloud_api.services.feeds.mirror import View
from cloud_api.services.feeds.pages import SealedPage, Stretch, read_groups, read_sealed
from sync.messages import Audit, Gone, Manifest, Page, PageRef

router = APIRouter(tags=["tills"])

MANIFEST_CACHE = "private, max-age=5"
_YEAR = "max-age=31536000, immutable"
PUBLIC_KINDS = ("cat", "price", "promo")
"""Buckets without anything personal: any cache on the way may keep their pages, under an epoch nobody guesses."""
SNAPSHOT_SUFFIX = ".sqlite.zst"

_GONE = {410: gives(Gone, "这里读不到了，取快照 not to be read here any more: take the snapshot")}


@router.get(
    "/v1/b/{bucket}/{epoch}/manifest",
    summary="数据目录 The pages and snapshots of a bucket",
    openapi_extra={"x-permission": "till"},
    responses=responses(Manifest, 401, 403, 426, 503, also=_GONE),
)
async def get_manifest(bucket: str, epoch: str, till: Till = Depends(the_till)) -> Response:
    """What there is to fetch; a few seconds old at most."""
    view = _view(till, bucket)
    if view is None or view.row.epoch != epoch:
        return _gone(bucket, view, why="epoch")
    pages = await anyio.to_thread.run_sync(_pages, till, view)
    manifest = Manifest(
        b=bucket,
        epoch=epoch,
        head=view.row.head_seq,
        low=view.row.low_seq,
        tail_from=view.row.tail_from,
        snaps=[ref for _, ref in view.snaps],
        pages=pages,
    )
    return answer(manifest, cache=MANIFEST_CACHE)


@router.get(
    "/v1/b/{bucket}/{epoch}/p/{first}",
    summary="一页变更 A page of changes",
    openapi_extra={"x-permission": "till", "parameters": [header_parameter("If-None-Match")]},
    responses=responses(Page, 401, 403, 422, 426, 503, also=_GONE | {304: {"description": "没有变化 not modified"}}),
)
async def get_page(
    request: Request, bucket: str, *, epoch: str, first: int, till: Till = Depends(the_till)
) -> Response:
    """The page that holds ``first``: sealed ones never change, the open tail is never cached."""
    view = _view(till, bucket)
    if view is None or view.row.epoch != epoch:
        return _gone(bucket, view, why="epoch")
    if first < view.row.low_seq:
        return _gone(bucket, view, why="low")
    if first > view.row.head_seq + 1:
        # Another process may have told this till of more than this one has seen.
        view = await anyio.to_thread.run_sync(till.background.look_at, bucket)
        if view.row.epoch != epoch or first > view.row.head_seq + 1:
            return _gone(bucket, view, why="head")
    found: SealedPage | Stretch | None = _tail(view) if first >= view.row.tail_from else None
    if found is None:
        found = await anyio.to_thread.run_sync(partial(_read_page, till, view, first=first))
    if found is None:
        # The page was let go of and this process has not seen it yet.
        return _gone(bucket, await anyio.to_thread.run_sync(till.background.look_at, bucket), why="low")
    if isinstance(found, Stretch):
        return packed_answer(request, found.page(), cache="no-store")
    tag = tag_of(bucket, epoch, found.first, found.hash)
    return packed_answer(request, b"", packed=found.body, tag=tag, cache=_sealed_cache(bucket))


@router.get(
    "/v1/snap/{bucket}/{epoch}/{schema}/{name}",
    summary="快照文件 A ready SQLite file of a bucket",
    openapi_extra={"x-permission": "till", "parameters": [header_parameter("Range")]},
    response_class=FileResponse,
    responses=responses(None, 401, 403, 404, 422, 426, 503)
    | {
        200: gives_snapshot("整个文件 the whole file"),
        206: gives_snapshot("Range 要的一段 the part that Range asks for"),
    },
)
async def get_snapshot(bucket: str, epoch: str, *, schema: int, name: str, till: Till = Depends(the_till)) -> Response:
    """A snapshot, ``<seq>.sqlite.zst``; it never changes and can be fetched in parts."""
    till.require_down(bucket)
    seq = name.removesuffix(SNAPSHOT_SUFFIX)
    if not name.endswith(SNAPSHOT_SUFFIX) or not (seq.isascii() and seq.isdigit() and len(seq) < 19):
        raise ApiProblem(404, "snap.unknown")
    find = partial(till.background.snapshots.file, bucket, epoch=epoch, schema=schema, seq=int(seq))
    found = await anyio.to_thread.run_sync(find)
    if found is None:
        raise ApiProblem(404, "snap.unknown")
    path, sha256 = found
    headers = {"Cache-Control": _sealed_cache(bucket), "ETag": f'"{sha256[:32]}"'}
    return FileResponse(path, headers=headers, media_type="application/zstd")


@router.get(
    "/v1/b/{bucket}/{epoch}/audit/{seq}",
    summary="对账数 Figures to compare a bucket by",
    openapi_extra={"x-permission": "till"},
    responses=responses(Audit, 401, 403, 404, 422, 426, 503),
)
async def get_audit(bucket: str, epoch: str, *, seq: int, till: Till = Depends(the_till)) -> Response:
    """Rows, versions and a mix of keys at ``seq``, as the cloud's own shadow till holds them."""
    till.require_down(bucket)
    found = await anyio.to_thread.run_sync(partial(till.background.snapshots.audit, bucket, epoch=epoch, seq=seq))
    if found is None:
        raise ApiProblem(404, "audit.not_at_seq")
    return answer(found)


def _view(till: Till, bucket: str) -> View | None:
    till.require_down(bucket)
    return till.background.mirror.view(bucket)


def _gone(bucket: str, view: View | None, *, why: str) -> Response:
    return answer(Gone(b=bucket, epoch=view.row.epoch if view else "", why=why), status=410)


def _tail(view: View) -> Stretch | None:
    """The open tail from memory."""
    return view.after(view.row.tail_from - 1)


def _read_page(till: Till, view: View, *, first: int) -> SealedPage | Stretch | None:
    """The page that holds ``first``; None where there is none any more."""
    while True:
        row = view.row
        with reading(till.background.cloud.engine) as connection:
            sealed = read_sealed(connection, row.bucket, epoch=row.epoch, seq=first)
            if sealed is not None:
                return sealed
            if first < row.tail_from:
                return None
            groups = read_groups(connection, row.bucket, epoch=row.epoch, first=row.tail_from)
        if not groups or groups[0].seq == row.tail_from:
            return Stretch(row.bucket, row.epoch, row.tail_from, row.tail_prev, groups)
        # The tail was sealed between the two looks.
        view = till.background.look_at(row.bucket)


def _pages(till: Till, view: View) -> list[PageRef]:
    columns = FEED_PAGE.c
    query = (
        sa.select(columns.from_seq, columns.to_seq, columns.hash, columns.bytes)
        .where(columns.bucket == view.row.bucket, columns.epoch == view.row.epoch)
        .order_by(columns.from_seq)
    )
    with reading(till.background.cloud.engine) as connection:
        return [PageRef(first=row[0], last=row[1], hash=row[2], bytes=row[3]) for row in connection.execute(query)]


def _sealed_cache(bucket: str) -> str:
    return f"{'public' if bucket.partition(':')[0] in PUBLIC_KINDS else 'private'}, {_YEAR}"
