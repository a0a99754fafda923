"""A printer on the loopback interface: a real socket server that answers, or misbehaves, as printers do."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from dataclasses import dataclass, field

READY, OFFLINE = 0x12, 0x1A
PAPER_OUT, COVER_OPEN, FAULT = 0x72, 0x16, 0x52
PAPER_ENDED = 0x32
"""``DLE EOT 2``: stopped for lack of paper."""


@dataclass
class Manner:
    """How it behaves."""

    answers: bool = True
    paper: int = READY
    offline_cause: int = READY
    printer: int = READY
    reports_end: bool = True
    garbage: bytes = b""
    """Sent instead of an answer."""
    answer_delay_s: float = 0
    close_after: int | None = None
    """Hangs up hard after so many bytes of the job."""
    stall_after: int | None = None
    """From then on neither reads nor answers."""
    paper_out_after: int | None = None
    """From then on out of paper: answers questions, prints nothing more."""


@dataclass
class FakePrinter:
    """``with FakePrinter() as printer``; ``job`` is all that was printed, questions left out."""

    manner: Manner = field(default_factory=Manner)
    job: bytes = b""
    connections: int = 0
    questions: int = 0

    def __enter__(self) -> FakePrinter:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(5)
        assert not self._thread.is_alive()

    @property
    def address(self) -> str:
        """``host:port``."""
        host, port = self._server.getsockname()
        return f"{host}:{port}"

    def wait_for_job(self, size: int) -> bytes:
        """The job once it has so many bytes: a printer that does not answer may get them a little later."""
        deadline = time.monotonic() + 5
        while len(self.job) < size and time.monotonic() < deadline:
            time.sleep(0.005)
        return self.job

    def _serve(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self.connections += 1
            with connection, contextlib.suppress(OSError):
                self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        connection.settimeout(0.05)
        taken, held = 0, b""
        while not self._ended.is_set():
            try:
                came = connection.recv(512)
            except TimeoutError:
                continue
            if not came:
                return
            held += came
            size = len(self.job)
            held = self._work_off(connection, held)
            taken += len(self.job) - size
            if self.manner.close_after is not None and taken >= self.manner.close_after:
                # Reset, as when the plug is pulled.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            if self.manner.stall_after is not None and taken >= self.manner.stall_after:
                self._ended.wait()

    def _work_off(self, connection: socket.socket, held: bytes) -> bytes:
        while held:
            if held[:2] == b"\x10\x04":
                if len(held) < 3:
                    return held
                self._answer(connection, held[2])
                held = held[3:]
            elif held[:2] == b"\x1dr":
                if len(held) < 3:
                    return held
                if self.manner.answers and self.manner.reports_end and not self._is_out_of_paper():
                    connection.sendall(b"\x00")
                held = held[3:]
            else:
                self.job += held[:1]
                held = held[1:]
        return held

    def _is_out_of_paper(self) -> bool:
        limit = self.manner.paper_out_after
        return limit is not None and len(self.job) >= limit

    def _answer(self, connection: socket.socket, question: int) -> None:
        self.questions += 1
        time.sleep(self.manner.answer_delay_s)
        if self.manner.garbage:
            connection.sendall(self.manner.garbage)
        elif self.manner.answers:
            ended = PAPER_ENDED if self._is_out_of_paper() else None
            states = {1: self.manner.printer, 2: ended or self.manner.offline_cause, 4: self.manner.paper}
            connection.sendall(bytes([states[question]]))
