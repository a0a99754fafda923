"""What OpenAPI says of the tills' routes: schemas out of the wire messages, with an example each."""

from typing import Any

import msgspec

from cloud_api.errors import MEDIA_TYPE
from sync.messages import (
    Audit,
    Enrol,
    Enrolled,
    Fork,
    Gone,
    Hello,
    LivePoll,
    Manifest,
    Page,
    Token,
    TokenRequest,
    Up,
    UpAck,
)

_MEANINGS = {
    400: "看不懂或签名不对 unreadable, or the signature is wrong",
    401: "凭证无效 no valid token or signature",
    403: "这台收银机现在不能读这些 not for this till, or not now",
    404: "找不到 not there",
    409: "注册码已被用过 the code was used",
    410: "注册码已过期 the code has expired",
    413: "太大 too large",
    415: "不认得的 Content-Encoding a Content-Encoding that is not known",
    422: "参数不符合要求 a parameter does not fit",
    426: "收银机软件太旧，见 User-Agent the till's app is too old, by its User-Agent: evertill/<release>",
    429: "太频繁，见 Retry-After too often, see Retry-After",
    503: "暂时忙，见 Retry-After busy, see Retry-After",
}
_EPOCH = "1-4f0c2f6f5d2a4c1e9b7a3d5e8f601122"
_HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_ZEROS = "0" * 64
_NOW = 1_780_000_000_000
_SNAP = {
    "seq": 128,
    "page_from": 129,
    "hash": _HASH,
    "url": f"/v1/snap/price:cn/{_EPOCH}/1/128.sqlite.zst",
    "bytes": 48213,
    "sha256": _HASH,
}
_HEAD = {"b": "price:cn", "epoch": _EPOCH, "head": 131, "low": 1, "snap": _SNAP}
_GROUP = {"s": 131, "at": _NOW, "c": [["put", "price", [4711, "", "list", _NOW], 9, {"price_minor": 350}]]}
_PAGE = {
    "b": "price:cn",
    "epoch": _EPOCH,
    "from": 131,
    "to": 131,
    "sealed": False,
    "prev": _HASH,
    "hash": _HASH,
    "groups": [_GROUP],
}
_EVENT = {
    "s": 1,
    "id": "019a9e2e-7f3a-7c1e-8a55-0d2f6b1c9e10",
    "ty": "sign_on",
    "v": 1,
    "at": _NOW,
    "est": _NOW,
    "off": 0,
    "boot": "b1",
    "mono": 1000,
    "prev": _ZEROS,
    "hash": _HASH,
    "body": '{"operator_id":"1001"}',
}

EXAMPLES: dict[type[msgspec.Struct], dict[str, Any]] = {
    Enrol: {"code": "7F3A9-1C2KM", "pubkey": "A" * 43 + "=", "device": "till-2", "app_ver": "0.1.0"},
    Enrolled: {
        "terminal": "0102-2",
        "inc": 1,
        "store": "0102",
        "store_name_zh": "人民路店",
        "store_name_en": "Renmin Road",
        "sub_ver": 1,
        "pin_pepper": "A" * 43 + "=",
        "server_time": _NOW,
    },
    TokenRequest: {"terminal": "0102-2", "inc": 1, "ts": _NOW, "nonce": "6f1d", "sig": "A" * 86 + "=="},
    Token: {"access": "evt_…", "expires_at": _NOW + 3_600_000, "server_time": _NOW},
    Hello: {
        "server_time": _NOW,
        "sub_ver": 1,
        "min_app": "0",
        "state": "active",
        "epoch_up": "8f14e45fceea167a",
        "buckets": [_HEAD],
        "ack": {"inc": 1, "seq": 17, "hash": _HASH, "durable": 12},
    },
    Manifest: {
        "b": "price:cn",
        "epoch": _EPOCH,
        "head": 131,
        "low": 1,
        "tail_from": 129,
        "snaps": [_SNAP],
        "pages": [{"first": 1, "last": 64, "hash": _HASH, "bytes": 40112}],
    },
    Page: _PAGE,
    Gone: {"b": "price:cn", "epoch": _EPOCH, "why": "epoch"},
    Up: {
        "terminal": "0102-2",
        "inc": 1,
        "tip": {"seq": 1, "hash": _HASH},
        "ev": [_EVENT],
        "sig": "A" * 86 + "==",
        "want_inc": False,
    },
    UpAck: {
        "epoch_up": "8f14e45fceea167a",
        "seq": 1,
        "hash": _HASH,
        "durable": 0,
        "applied": 0,
        "held": [],
        "server_time": _NOW,
        "retry_ms": 0,
    },
    Fork: {"fork": True, "new_inc": 2, "common": {"inc": 1, "seq": 12, "hash": _HASH}},
    Audit: {"seq": 131, "tables": {"price": {"n": 6404, "sum_ver": 6711, "mix": _HASH[:32]}}},
    LivePoll: {"pages": [_PAGE], "heads": [], "ctl": []},
}


def takes(kind: type[msgspec.Struct], permission: str) -> dict[str, Any]:
    """``openapi_extra`` of a route with a JSON body."""
    return {"x-permission": permission, "requestBody": {"required": True, "content": _content(kind)}}


def gives(kind: type[msgspec.Struct], meaning: str) -> dict[str, Any]:
    """One entry of a route's ``responses``."""
    return {"description": meaning, "content": _content(kind)}


def gives_snapshot(meaning: str) -> dict[str, Any]:
    """The entry of an answer that is a snapshot: bytes, of which JSON can show no more than where they are."""
    shown = {
        "summary": "price:cn @ 128",
        "description": "Zstandard (28 b5 2f fd …)，解开是 SQLite 文件 unpacks to an SQLite file (SQLite format 3 …)",
        "externalValue": _SNAP["url"],
    }
    schema = {"type": "string", "format": "binary"}
    return {"description": meaning, "content": {"application/zstd": {"schema": schema, "examples": {"zstd": shown}}}}


def responses(
    kind: type[msgspec.Struct] | None, *refusals: int, also: dict[int, dict[str, Any]] | None = None
) -> dict[int | str, Any]:
    """A route's ``responses``: what it gives, and the statuses of its problems."""
    good: dict[int | str, Any] = {200: gives(kind, "OK")} if kind is not None else {}
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemAnswer"}}}
    bad = {status: {"description": _MEANINGS[status], "content": content} for status in refusals}
    return good | bad | dict(also or {})


def _content(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return {"application/json": {"schema": _schema(kind), "example": EXAMPLES[kind]}}


def _schema(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The schema with every reference put in its place: a part of a document cannot point into itself."""
    (root,), parts = msgspec.json.schema_components([kind], ref_template="{name}")
    schema: dict[str, Any] = _resolved(root, parts)
    return schema


def _resolved(node: Any, parts: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_resolved(item, parts) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _resolved(parts[node["$ref"]], parts)
    return {name: _resolved(value, parts) for name, value in node.items()}
