"""The live channel's route: news as Server-Sent Events, or one by one as a long poll."""

from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse

from cloud_api.errors import ApiProblem
from cloud_api.routes.sync_caller import Till, the_till
from cloud_api.routes.sync_openapi import gives, responses
from cloud_api.services.live import Item, Line
from cloud_api.services.terminals.presence import Seen
from sync.messages import LivePoll, parse_cursor

router = APIRouter(tags=["tills"])

COMMENT_EVERY_S = 15.0
LONG_POLL_MAX_S = 60
CURSORS_MAX = 64
_STREAM_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Type": "text/event-stream; charset=utf-8",
    "X-Accel-Buffering": "no",
}
_EVENT_EXAMPLE = 'event: page\ndata: {"b":"price:cn","epoch":"1-4f0c","from":131,"to":131,"groups":[]}\n\n'
_ANSWERS: dict[int | str, Any] = {
    200: {
        "description": "text/event-stream: page | head | ctl; 带 wait 时为 JSON with wait: JSON",
        "content": {
            "text/event-stream": {"schema": {"type": "string"}, "example": _EVENT_EXAMPLE},
            **gives(LivePoll, "")["content"],
        },
    }
}


@router.get(
    "/v1/live",
    summary="实时消息 News as they come",
    openapi_extra={"x-permission": "till"},
    responses=responses(None, 400, 401, 403, 422, 426, 503) | _ANSWERS,
)
async def get_live(
    till: Till = Depends(the_till),
    c: list[str] = Query(default=[], max_length=CURSORS_MAX),
    *,
    sub_ver: int = 0,
    wait: int = Query(default=0, ge=0, le=LONG_POLL_MAX_S),
) -> Response:
    """What lies behind the given cursors at once, then every change as it is numbered."""
    till.require_down()
    cursors = _cursors(till, c)
    stale = sub_ver not in (0, till.known.sub_ver)
    if wait:
        return await _poll(till, cursors, wait_s=wait, stale=stale)
    return StreamingResponse(_events(till, cursors, stale=stale), headers=_STREAM_HEADERS)


def _cursors(till: Till, texts: list[str]) -> list[tuple[str, str, int]]:
    try:
        cursors = [parse_cursor(text) for text in texts]
    except ValueError:
        raise ApiProblem(400, "request.malformed") from None
    for bucket, _, _ in cursors:
        till.require_down(bucket)
    return cursors


async def _events(till: Till, cursors: list[tuple[str, str, int]], *, stale: bool) -> AsyncIterator[bytes]:
    """The stream's bytes; the line is open exactly as long as somebody reads it."""
    hub, terminal = till.background.hub, till.known.terminal_id
    line = hub.open(terminal, cursors)
    try:
        if stale:
            hub.put_word(line, "sub")
        yield b": evertill/1\n\n"
        while not line.drained:
            try:
                item = await line.next(COMMENT_EVERY_S)
            except TimeoutError:
                till.background.presence.note(terminal, Seen(till.background.cloud.clock.now_ms()))
                yield b": \n\n"
                continue
            yield b"".join(one.as_event() for one in _with_more(line, item))
    finally:
        hub.close(line)


async def _poll(till: Till, cursors: list[tuple[str, str, int]], *, wait_s: int, stale: bool) -> Response:
    hub = till.background.hub
    line = hub.open(till.known.terminal_id, cursors)
    items: list[Item] = []
    try:
        if stale:
            hub.put_word(line, "sub")
        items = _with_more(line, await line.next(wait_s))
    except TimeoutError:
        pass
    finally:
        hub.close(line)
    return Response(_poll_json(items), headers={"Cache-Control": "no-store"}, media_type="application/json")


def _with_more(line: Line, item: Item | None) -> list[Item]:
    """The item and whatever else is ready, so that a burst is one write."""
    return ([item] if item is not None else []) + line.ready()


def _poll_json(items: list[Item]) -> bytes:
    """A ``LivePoll`` with the items' own bytes spliced in."""
    pages, heads = (b",".join(item.data for item in items if item.kind == kind) for kind in ("page", "head"))
    words = b",".join(item.word for item in items if item.kind == "ctl")
    return b'{"pages":[%s],"heads":[%s],"ctl":[%s]}' % (pages, heads, words)
