"""The real cloud in a process of its own, started from warm imports so that it can be killed some hundred times."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

import requests
import uvicorn

from cloud_api.main import create_app
from cloud_api.settings import Settings
from cloud_api.wiring import make_cloud
from tests.contract.office import Office, wait_until
from tests.e2e.shopfloor import is_alive

START_TIMEOUT_S = 30
_WARM = multiprocessing.get_context("forkserver")
_WARM.set_forkserver_preload(["tests.proof.network.killed"])


def mother(settings: Settings, calls: Connection, *, breakage: Callable[[], None] | None) -> None:
    """Makes the app of ``evertill-cloud serve`` once and forks a process that serves it at each call.

    It holds the port, which nobody else may take while no server is there; who calls then waits or is reset.
    """
    if breakage is not None:
        breakage()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    app = create_app(settings)
    listener = socket.create_server(("127.0.0.1", 0))
    calls.send(listener.getsockname()[1])
    while _is_called(calls):
        pid = os.fork()
        if not pid:
            uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).run(sockets=[listener])
            os._exit(0)
        calls.send(pid)


def _is_called(calls: Connection) -> bool:
    try:
        return bool(calls.recv())
    except EOFError:
        return False


@dataclass
class KilledOffice(Office):
    """An office whose server is a process; ``kill`` ends it as a power cut would."""

    breakage: Callable[[], None] | None = None
    """What a self-test breaks in the server's process."""
    _calls: Connection | None = field(default=None, init=False)
    _mother: BaseProcess | None = field(default=None, init=False)
    _pid: int = field(default=0, init=False)

    def start(self) -> None:
        if self._calls is None:
            self.cloud = make_cloud(self.settings)
            self._calls, theirs = _WARM.Pipe()
            given = {"breakage": self.breakage}
            self._mother = _WARM.Process(target=mother, args=(self.settings, theirs), kwargs=given)
            self._mother.start()
            theirs.close()
            self.port = self._calls.recv()
        self._calls.send(True)
        self._pid = self._calls.recv()
        assert requests.get(f"{self.url}/v1/health", timeout=START_TIMEOUT_S).ok

    def kill(self) -> None:
        """No chance to finish anything."""
        os.kill(self._pid, signal.SIGKILL)
        wait_until(lambda: not is_alive(self._pid), "it does not die")

    def stop(self) -> None:
        self.kill()
        assert self._calls is not None and self._mother is not None
        self._calls.close()
        self._mother.join()
        self.cloud.engine.dispose()
