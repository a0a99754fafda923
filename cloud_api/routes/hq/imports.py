"""Importing goods from a file."""

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi import Path as InPath
from pydantic import Field, Json

from cloud_api.auth import PERMISSION_KEY, asks, authorise
from cloud_api.context import Cloud, the_cloud
from cloud_api.db.engine import reading
from cloud_api.db.master_rows import Row
from cloud_api.idempotency import KEY_PATTERN, REPLAYED, WriteCall, write_call
from cloud_api.permissions import Permission, Principal
from cloud_api.routes.hq.answers import refusals
from cloud_api.routes.hq.fields import LATEST_MS, Answer, Body, Paging, ShortId, Uuid, example
from cloud_api.services.act import Act
from cloud_api.services.catalog_import import registry
from cloud_api.services.catalog_import.desk import ImportDesk
from cloud_api.services.catalog_import.runs import ImportOptions
from cloud_api.services.catalog_import.source import SourceOptions
from cloud_api.services.catalog_import.writing import Target
from cloud_api.services.catalogue import DIVISION
from cloud_api.services.paging import LIMIT_DEFAULT, LIMIT_MAX

PATH = "/v1/hq/imports"
router = APIRouter(tags=["imports"])
OfImport = Annotated[Uuid, InPath()]
_RUN: dict[str, Any] = {
    "import_id": "0198c1f2-6b7e-7c52-9d0a-2f4c8f1b5a12",
    "file_name": "goods.csv",
    "file_sha256": "ab" * 32,
    "division": "main",
    "zone": "cn",
    "state": "done",
    "dry_run": False,
    "options": {
        "read_as": "CSV gb18030 “,”",
        "mapping": {"code": "条码", "name_zh": "品名", "price": "售价"},
        "unread": ["备注"],
    },
    "error": None,
    "rows": 6404,
    "bytes_done": 900000,
    "bytes_total": 900000,
    "imported": 6404,
    "unchanged": 0,
    "doubted": 193,
    "refused": 0,
    "started_at_ms": 1780000000000,
    "ended_at_ms": 1780000006000,
    "started_by": "hq.buyer",
    "findings": [
        {"severity": "doubted", "code": "check_digit", "rows": 64},
        {"severity": "noted", "code": "column_unread", "rows": 1},
    ],
}
_FINDING: dict[str, Any] = {
    "id": 1,
    "row": 145,
    "column": "条码",
    "severity": "doubted",
    "code": "check_digit",
    "value": "694898400141",
    "params": {},
    "text_zh": "条码校验位不对，已照原样导入",
    "text_en": "The check digit is wrong; imported as it stands",
}


class ImportStart(Body):
    """How the file is to be taken; what is left out is found out or guessed, and shown in the answer."""

    zone: ShortId
    division: ShortId = DIVISION
    file_name: Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")] = "goods"
    mapping: Json[dict[str, str]] | None = None
    encoding: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,20}$")] | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1, pattern=r"^[,;|\t]$")] | None = None
    sheet: Annotated[str, Field(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")] | None = None
    valid_from_ms: Annotated[int, Field(ge=0, le=LATEST_MS)] | None = None
    dry_run: bool = False

    def options(self) -> ImportOptions:
        """The same for the service."""
        return ImportOptions(
            target=Target(self.division, self.zone, self.valid_from_ms),
            mapping=self.mapping or None,
            source=SourceOptions(self.encoding, self.delimiter, self.sheet),
            dry_run=self.dry_run,
        )


class FindingCount(Answer):
    """How many rows a finding was made on."""

    severity: str
    code: str
    rows: int


class ImportError(Answer):  # noqa: A001 - the noun of this interface
    """Why an import failed."""

    code: str
    text_zh: str
    text_en: str


class Import(Answer):
    """An import; ``imported + unchanged + refused = rows``, ``doubted`` of them want a look.

    ``options`` tells how the file was read: ``mapping`` (field to column) and ``unread``, the columns that were not.
    """

    model_config = example(_RUN)
    import_id: str
    file_name: str
    file_sha256: str
    division: str
    zone: str
    state: str
    dry_run: bool
    options: dict[str, Any]
    error: ImportError | None = None
    rows: int
    bytes_done: int
    bytes_total: int
    imported: int
    unchanged: int
    doubted: int
    refused: int
    started_at_ms: int
    ended_at_ms: int | None = None
    started_by: str
    findings: list[FindingCount]


class Imports(Answer):
    """A page of imports; ``next`` goes on behind it."""

    model_config = example({"imports": [_RUN], "next": None})
    imports: list[Import]
    next: str | None = None


class Finding(Answer):
    """One remark on one row of the file."""

    model_config = example(_FINDING)
    id: int
    row: int
    column: str
    severity: str
    code: str
    value: str
    params: dict[str, Any]
    text_zh: str
    text_en: str


class Findings(Answer):
    """A page of findings in the order of the file."""

    model_config = example({"findings": [_FINDING], "next": None})
    findings: list[Finding]
    next: int | None = None


class ImportsFilter(Body):
    """Which page."""

    after: Uuid | None = None
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX)] = LIMIT_DEFAULT


class FindingFilter(Paging):
    """Which findings."""

    severity: Annotated[str, Field(pattern=r"^(refused|doubted|noted)$")] | None = None
    code: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")] | None = None


_UPLOAD = {
    PERMISSION_KEY: Permission.IMPORT_RUN.value,
    "requestBody": {
        "required": True,
        "description": "文件本身：CSV（UTF-8、GBK）、XLSX 或 .csv.gz。The file itself: CSV, XLSX or gzipped CSV.",
        "content": {
            "application/octet-stream": {
                "schema": {"type": "string", "format": "binary"},
                "example": "条码,品名,售价\n6901234567892,可口可乐,3.50\n",
            }
        },
    },
}


@router.post(
    "/imports",
    summary="导入商品 Import goods",
    status_code=202,
    openapi_extra=_UPLOAD,
    response_model=Import,
    responses=refusals(404, 409, 413),
)
async def start_import(
    request: Request,
    query: Annotated[ImportStart, Query()],
    *,
    principal: Annotated[Principal, Depends(authorise)],
    cloud: Annotated[Cloud, Depends(the_cloud)],
    idempotency_key: Annotated[str | None, Header(pattern=KEY_PATTERN)] = None,
) -> Response:
    """Takes the file and answers at once; ask for the import until its state is no longer ``running``."""
    desk: ImportDesk = request.app.state.imports
    path, digest = await _received(request, desk.folder)
    request_hash = hashlib.sha256(f"POST {PATH}?{request.url.query}\n{digest}".encode()).hexdigest()
    call = WriteCall(cloud, principal, idempotency_key, request_hash)
    options, size = query.options(), path.stat().st_size

    def register(act: Act) -> Row:
        return registry.register(act, file_name=query.file_name, file_sha256=digest, bytes_total=size, options=options)

    taken = False
    try:
        answer = await anyio.to_thread.run_sync(lambda: call.run(register, Import, status=202))
        if REPLAYED not in answer.headers:
            import_id = json.loads(bytes(answer.body))["import_id"]
            desk.take(import_id, path, options=options, who=principal.user_name)
            taken = True
    finally:
        if not taken:
            _remove(path)
    return answer


@router.get(
    "/imports", summary="导入列表 List imports", openapi_extra=asks(Permission.IMPORT_READ), responses=refusals()
)
def list_imports(query: Annotated[ImportsFilter, Query()], cloud: Annotated[Cloud, Depends(the_cloud)]) -> Imports:
    """Newest first, in pages."""
    with reading(cloud.engine) as connection:
        rows, following = registry.list_imports(
            connection, after=query.after, limit=query.limit, now_ms=cloud.clock.now_ms()
        )
    return Imports.model_validate({"imports": rows, "next": following})


@router.get(
    "/imports/{import_id}",
    summary="导入进度与结果 Get an import",
    openapi_extra=asks(Permission.IMPORT_READ),
    responses=refusals(404),
)
def get_import(import_id: OfImport, cloud: Annotated[Cloud, Depends(the_cloud)]) -> Import:
    """Progress and counts; ``interrupted`` = broken off, send the file again to go on."""
    with reading(cloud.engine) as connection:
        return Import.model_validate(registry.get_import(connection, import_id, now_ms=cloud.clock.now_ms()))


@router.get(
    "/imports/{import_id}/findings",
    summary="逐行报告 Findings of an import",
    openapi_extra=asks(Permission.IMPORT_READ),
    responses=refusals(404),
)
def list_findings(
    import_id: OfImport, query: Annotated[FindingFilter, Query()], *, cloud: Annotated[Cloud, Depends(the_cloud)]
) -> Findings:
    """Every row that was refused or doubted: row, column, what and why in both languages; and as ``noted``, in
    the header's row, each column that was not read.

    A file without a SKU column finds its items by their codes: prices and the like are taken, names stay.
    """
    filters = query.model_dump()
    with reading(cloud.engine) as connection:
        registry.get_import(connection, import_id, now_ms=cloud.clock.now_ms())
        rows, following = registry.list_findings(connection, import_id, filters=filters, limit=query.limit)
    return Findings.model_validate({"findings": rows, "next": following})


@router.post(
    "/imports/{import_id}/cancel",
    summary="停止导入 Cancel an import",
    openapi_extra=asks(Permission.IMPORT_RUN),
    response_model=Import,
    responses=refusals(404),
)
def cancel_import(import_id: OfImport, call: Annotated[WriteCall, Depends(write_call)]) -> Response:
    """It stops behind the rows it is at; what is in stays in, and the same file can be imported again."""
    return call.run(lambda act: registry.cancel(act, import_id), Import)


async def _received(request: Request, folder: Path) -> tuple[Path, str]:
    """Store the body in a folder of its own; the file and its SHA-256."""
    folder.mkdir(parents=True, exist_ok=True)
    path, digest = Path(tempfile.mkdtemp(dir=folder)) / "upload", hashlib.sha256()
    whole = False
    try:
        async with await anyio.open_file(path, "wb") as file:
            async for block in request.stream():
                digest.update(block)
                await file.write(block)
        whole = True
    finally:
        if not whole:
            _remove(path)
    return path, digest.hexdigest()


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.parent.rmdir()
