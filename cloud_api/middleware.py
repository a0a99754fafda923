"""What surrounds every answer: limits of bodies, security headers, a log without secrets."""

import logging
import time
from collections.abc import Awaitable, Callable

from fastapi import HTTPException
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cloud_api.errors import ApiProblem, problem_response
from cloud_api.headers import guard

ACCESS_LOG = logging.getLogger("evertill.access")


class BodyLimit:
    """Refuse bodies above ``limit_bytes``, by their announced length or while they arrive.

    ``own_limits`` are (path, bytes) of routes that take more.
    """

    def __init__(self, app: ASGIApp, *, limit_bytes: int, own_limits: dict[str, int]) -> None:
        self.app = app
        self.limit_bytes = limit_bytes
        self.own_limits = own_limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.own_limits.get(scope["path"], self.limit_bytes)
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > limit:
            await problem_response(ApiProblem(413, "cloud.too_large"))(scope, receive, send)
            return
        await self.app(scope, _counted(receive, limit), send)


def _counted(receive: Receive, limit: int) -> Callable[[], Awaitable[Message]]:
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise HTTPException(413)
        return message

    return counted


class SecurityHeaders:
    """Add the headers that guard a browser; ``behind_tls`` where a proxy before this process ends TLS."""

    def __init__(self, app: ASGIApp, *, behind_tls: bool) -> None:
        self.app = app
        self.behind_tls = behind_tls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                guard(MutableHeaders(scope=message), by_tls=self.behind_tls or scope["scheme"] == "https")
            await send(message)

        await self.app(scope, receive, guarded if scope["type"] == "http" else send)


class AccessLog:
    """One line a request: method, path, status, milliseconds; never a query, a header or a body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.monotonic_ns(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            took_ms = (time.monotonic_ns() - started) // 1_000_000
            ACCESS_LOG.info("%s %s %d %d ms", scope["method"], _printable(scope["path"]), status, took_ms)


def _printable(path: str) -> str:
    """A path that cannot forge a second log line."""
    return "".join(c if c.isprintable() else "�" for c in path[:200])
