"""A real cloud of its own: the process, its folder and HQ's way in."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import requests

START_TIMEOUT_S = 30
PROGRAM = [str(Path(sys.executable).with_name("evertill-cloud"))]


class Cloud:
    """``evertill-cloud serve`` on an SQLite file (or any database) in ``folder``; can be killed and started again."""

    server: Sequence[str] = PROGRAM
    """What serves; a measurement puts the same program with a look inside in its place."""

    def __init__(self, folder: Path, *, database_url: str = "") -> None:
        self.folder = folder
        self.port = free_port()
        self.password = secrets.token_hex(12)
        self.database_url = database_url or f"sqlite:///{folder / 'cloud.db'}"
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Its process's id, 0 while it is not there."""
        return self._process.pid if self._process else 0

    def prepare(self) -> None:
        """Make the database and HQ's first user."""
        self.run("init")
        self.run("user", "add", "hq", "--role", "admin", "--password-stdin", typed=self.password + "\n")

    def run(self, *words: str, typed: str = "") -> str:
        """One ``evertill-cloud`` command on this cloud's data; its output; RuntimeError with it where it fails."""
        done = subprocess.run(
            [*PROGRAM, *words], input=typed, env=self._environment(), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"evertill-cloud {words[0]}: {done.stdout}{done.stderr}")
        return done.stdout

    def start(self) -> None:
        """Serve, and wait until it answers."""
        with (self.folder / "serve.log").open("ab") as log:
            command = [*self.server, "serve", "--host", "127.0.0.1", "--port", str(self.port)]
            self._process = subprocess.Popen(command, env=self._environment(), stdout=log, stderr=log)
        wait_until(self._answers, START_TIMEOUT_S, f"the cloud does not answer; see {self.folder / 'serve.log'}")

    def kill(self) -> None:
        """As a power cut would: no chance to finish anything."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        self._process.wait(timeout=15)
        self._process = None

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError(f"the cloud ended with {self._process.returncode}; see {self.folder / 'serve.log'}")
        with contextlib.suppress(requests.RequestException):
            return requests.get(f"{self.url}/v1/health", timeout=2).ok
        return False

    def _environment(self) -> dict[str, str]:
        found = {"EVERTILL_CLOUD_DATA_DIR": str(self.folder), "EVERTILL_CLOUD_DATABASE_URL": self.database_url}
        return os.environ | found | {"PYTHONUNBUFFERED": "1"}


class Headquarters:
    """HQ's side of the API, signed in."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self._url = url
        self._session = requests.Session()
        token = self.call("POST", "/login", {"user": user, "password": password})["token"]
        self._session.headers["Authorization"] = f"Bearer {token}"

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """One call under /v1/hq; the answer's JSON; RuntimeError with the problem's text."""
        return self._answered(self._session.request(method, self._at(path), json=body, params=query, timeout=30))

    def upload(self, path: str, file: Path, **query: Any) -> Any:
        """Send a file; the answer's JSON."""
        with file.open("rb") as data:
            return self._answered(self._session.post(self._at(path), data=data, params=query, timeout=60))

    def _at(self, path: str) -> str:
        return f"{self._url}/v1/hq{path}"

    def _answered(self, answer: requests.Response) -> Any:
        if not answer.ok:
            raise RuntimeError(f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text[:500]}")
        return answer.json() if answer.content else None


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def wait_until(true: Any, timeout_s: int, complaint: str) -> None:
    """Ask ``true()`` until it says yes; RuntimeError with the complaint when time is up."""
    end = time.monotonic() + timeout_s
    while not true():
        if time.monotonic() > end:
            raise RuntimeError(complaint)
        time.sleep(0.02)
