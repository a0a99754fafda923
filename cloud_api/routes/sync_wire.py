"""Bodies of the tills' routes: read within limits, decoded by msgspec, answered in the coding the till takes."""

import hashlib
import io
import zlib
from typing import TypeVar

import msgspec
import zstandard
from fastapi import Request, Response

from cloud_api.errors import ApiProblem
from cloud_api.services.feeds.pages import compress, decompress

UNPACKED_BYTES_MAX = 4 * 1024 * 1024
"""What a request body may unpack to; entries of 1 MB are quoted once more as JSON text."""
SMALL_BYTES = 1_024
"""Below this no answer is worth packing."""
NO_STORE = {"Cache-Control": "no-store"}
_GZIP_WBITS = 31

_Message = TypeVar("_Message", bound=msgspec.Struct)


async def read_message(request: Request, kind: type[_Message]) -> _Message:
    """The request's message; ApiProblem 400 or 413 where it is none or too large."""
    data = unpacked(await request.body(), request.headers.get("content-encoding", "identity"))
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ApiProblem(400, "request.malformed") from None


def unpacked(body: bytes, coding: str) -> bytes:
    """A body without its coding, never more than ``UNPACKED_BYTES_MAX``."""
    try:
        match coding.strip().lower():
            case "identity" | "":
                data = body
            case "gzip":
                data = zlib.decompressobj(_GZIP_WBITS).decompress(body, UNPACKED_BYTES_MAX + 1)
            case "zstd":
                # The frame's own word on its size is not believed: it would be allocated at once.
                reader = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(body))
                data = reader.read(UNPACKED_BYTES_MAX + 1)
            case _:
                raise ApiProblem(415, "cloud.wrong_media_type")
    except (zlib.error, zstandard.ZstdError, MemoryError):
        raise ApiProblem(400, "request.malformed") from None
    if len(data) > UNPACKED_BYTES_MAX:
        raise ApiProblem(413, "up.too_large")
    return data


def answer(message: msgspec.Struct, *, status: int = 200, cache: str = "no-store") -> Response:
    """A small JSON answer."""
    body = msgspec.json.encode(message)
    return Response(body, status, headers={"Cache-Control": cache}, media_type="application/json")


def packed_answer(request: Request, body: bytes, *, packed: bytes | None = None, tag: str = "", cache: str) -> Response:
    """A page in the coding that the request takes; ``packed`` is its zstd form where that is at hand.

    With a ``tag`` the answer has an ETag, and a request that names it gets 304.
    """
    coding = _coding(request.headers.get("accept-encoding", ""))
    headers = {"Cache-Control": cache, "Vary": "Accept-Encoding"}
    if tag:
        headers["ETag"] = f'"{tag}-{coding}"'
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
    if coding == "zstd" and (packed or len(body) >= SMALL_BYTES):
        return _coded(packed or compress(body), "zstd", headers=headers)
    data = body or decompress(packed or b"")
    if coding == "gzip" and len(data) >= SMALL_BYTES:
        packer = zlib.compressobj(wbits=_GZIP_WBITS)
        return _coded(packer.compress(data) + packer.flush(), "gzip", headers=headers)
    return Response(data, headers=headers, media_type="application/json")


def tag_of(*parts: object) -> str:
    """An entity tag for what these parts determine."""
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:32]


def _coded(data: bytes, coding: str, *, headers: dict[str, str]) -> Response:
    return Response(data, headers=headers | {"Content-Encoding": coding}, media_type="application/json")


def _coding(accepted: str) -> str:
    """zstd before gzip before nothing; a coding with q=0 is not taken."""
    wanted = [part.partition(";") for part in accepted.lower().replace(" ", "").split(",")]
    taken = {name for name, _, weight in wanted if weight not in ("q=0", "q=0.0")}
    return next((name for name in ("zstd", "gzip") if name in taken), "identity")
