"""A box on the line that reads each request whole and may do anything to it: cut it, lose its answer, repeat it."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

ANSWER_TIMEOUT_S = 60.0
_BODY_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Request:
    """A request as it was on the wire."""

    raw: bytes

    @property
    def name(self) -> str:
        """Method and path, without the query."""
        method, path, _ = self.raw.split(b" ", 2)
        return f"{method.decode()} {path.partition(b'?')[0].decode()}"

    @property
    def streams(self) -> bool:
        """Whether its answer has no end."""
        return self.name == "GET /v1/live" and b"wait=" not in self.raw.partition(b"\r\n")[0]


@dataclass
class Exchange:
    """A request that arrived, who waits for its answer, and the way on to the cloud."""

    request: Request
    near: socket.socket
    port: int
    answer: bytes = b""
    """The whole answer, once there was one."""

    def ask(self, raw: bytes | None = None) -> bytes:
        """Send the request (or other bytes) on, over a connection of its own; the whole answer."""
        with self.connected() as far:
            far.sendall(self.request.raw if raw is None else raw)
            self.answer = read_message(far) or b""
        return self.answer

    def connected(self) -> socket.socket:
        """A fresh connection to the cloud."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=ANSWER_TIMEOUT_S)

    def tell(self, answer: bytes) -> None:
        """Give bytes to who waits."""
        self.near.sendall(answer)


Fault = Callable[[Exchange], bool]
"""Does what it does to an exchange; whether the connection goes on afterwards."""


def pass_on(exchange: Exchange) -> bool:
    """No fault."""
    if exchange.request.streams:
        return stream(exchange)
    exchange.tell(exchange.ask())
    return True


def stream(exchange: Exchange, *, most_bytes: int | None = None) -> bool:
    """An answer without an end, cut after so many bytes."""
    with exchange.connected() as far:
        far.settimeout(None)
        far.sendall(exchange.request.raw)
        threading.Thread(target=_hang_up_with, args=(exchange.near, far), daemon=True).start()
        told = 0
        while (most_bytes is None or told < most_bytes) and (data := far.recv(65536)):
            data = data if most_bytes is None else data[: most_bytes - told]
            exchange.tell(data)
            told += len(data)
    return False


def _hang_up_with(near: socket.socket, far: socket.socket) -> None:
    with contextlib.suppress(OSError):
        near.recv(1)
    with contextlib.suppress(OSError):
        far.shutdown(socket.SHUT_RDWR)


def cut_request(after_bytes: int) -> Fault:
    """The cloud gets so many bytes, the till nothing."""

    def fault(exchange: Exchange) -> bool:
        with exchange.connected() as far:
            far.sendall(exchange.request.raw[:after_bytes])
        return False

    return fault


def cut_answer(after_bytes: int) -> Fault:
    """It arrives and takes effect; the till gets so many bytes of the answer."""

    def fault(exchange: Exchange) -> bool:
        if exchange.request.streams:
            return stream(exchange, most_bytes=after_bytes)
        exchange.tell(exchange.ask()[:after_bytes])
        return False

    return fault


@dataclass
class MiddleBox:
    """Listens on a port of its own; ``plan`` names the fault of each request, None for none."""

    port: int
    plan: Callable[[Request], Fault | None] = lambda _: None
    names: list[str] = field(default_factory=list)
    _open: set[socket.socket] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        """Hang up on everybody."""
        for end in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        self._open.add(near)
        with near, contextlib.suppress(OSError):
            while raw := read_message(near):
                request = Request(raw)
                self.names.append(request.name)
                fault = self.plan(request) or pass_on
                if not fault(Exchange(request, near, self.port)):
                    break
            near.shutdown(socket.SHUT_RDWR)
        self._open.discard(near)


def read_message(end: socket.socket) -> bytes | None:
    """One whole request or answer with a stated length; None where the other side hung up before its end."""
    data = b""
    while (head_end := data.find(b"\r\n\r\n")) < 0:
        more = end.recv(65536)
        if not more:
            return None
        data += more
    found = _BODY_LENGTH.search(data[: head_end + 2])
    size = head_end + 4 + (int(found[1]) if found else 0)
    while len(data) < size:
        more = end.recv(65536)
        if not more:
            return None
        data += more
    assert len(data) == size, "nobody here sends ahead"
    return data
