"""A TCP proxy that loses answers: the request arrives and takes effect, what comes back never does."""

from __future__ import annotations

import contextlib
import socket
import threading


class Proxy:
    """Forwards to a port of this machine; ``lose`` says which requests are to stay unanswered, and how many times."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._losing: dict[bytes, int] = {}
        self._let_through: dict[bytes, int] = {}
        self.lost = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def lose(self, head: bytes, times: int = 1, *, after_bytes: int = 0) -> None:
        """The next ``times`` answers to requests that begin so are cut after so many bytes."""
        with self._lock:
            self._losing[head], self._let_through[head] = times, after_bytes

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        marked: list[bytes] = []
        with near, socket.create_connection(("127.0.0.1", self._port)) as far:
            up = threading.Thread(target=self._upwards, args=(near, far), kwargs={"marked": marked}, daemon=True)
            up.start()
            with contextlib.suppress(OSError):
                while data := far.recv(65536):
                    if marked:
                        near.sendall(data[: self._let_through[marked[0]]])
                        self.lost += 1
                        break
                    near.sendall(data)
            for end in (near, far):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            up.join()

    def _upwards(self, near: socket.socket, far: socket.socket, *, marked: list[bytes]) -> None:
        with contextlib.suppress(OSError):
            while data := near.recv(65536):
                with self._lock:
                    for head, left in self._losing.items():
                        if left and data.startswith(head):
                            self._losing[head] = left - 1
                            marked.append(head)
                far.sendall(data)
            far.shutdown(socket.SHUT_RDWR)
