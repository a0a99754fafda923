"""A printer on the network: raw bytes over TCP, with a deadline for each step."""

import select
import socket
import time

from pos_app.devices.ports import LinkClosed, PrinterError

DEFAULT_PORT = 9100
_CONNECT_S = 3.0
_WRITE_S = 5.0
"""How long a printer may take nothing: its own buffer and the system's are full and no paper moves."""
_GOODBYE_S = 0.3


def open_network(address: str) -> "NetworkLink":
    """Connect to ``host``, ``host:port`` or ``[v6]:port``; ``printer.address_wrong``, ``printer.unreachable``."""
    host, port = split_address(address)
    try:
        connection = socket.create_connection((host, port), timeout=_CONNECT_S)
    except (OSError, UnicodeError):
        raise PrinterError("printer.unreachable") from None
    return NetworkLink(connection)


def split_address(address: str) -> tuple[str, int]:
    """Host and port of an address as it is typed."""
    text = address.strip()
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, port = text, str(DEFAULT_PORT)
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:  # a bare IPv6 address
        host, port = text, str(DEFAULT_PORT)
    is_port = port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536
    if not host or not is_port or any(char.isspace() or char == "/" for char in host):
        raise PrinterError("printer.address_wrong")
    return host, int(port)


class NetworkLink:
    """A connected socket as a Link."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection

    def write(self, data: bytes) -> int:
        """Hand bytes to the system; TimeoutError where it takes none."""
        self._socket.settimeout(_WRITE_S)
        return self._socket.send(data)

    def read(self, timeout_ms: int) -> bytes:
        """What has come within the time."""
        self._socket.settimeout(max(timeout_ms, 1) / 1000)
        try:
            came = self._socket.recv(256)
        except TimeoutError:
            return b""
        if not came:
            raise LinkClosed("the printer hung up")
        return came

    def close(self) -> None:
        """Say goodbye and take in what still comes: closing over unread bytes would cut off the job's end."""
        deadline = time.monotonic() + _GOODBYE_S
        with self._socket as connection:
            try:
                connection.shutdown(socket.SHUT_WR)
                while (left := deadline - time.monotonic()) > 0:
                    if not select.select([connection], [], [], left)[0] or not connection.recv(256):
                        return
            except OSError:
                return  # it is gone already
