"""The processes of the main job as a test holds them: cloud, cable and till, each to be killed at any moment."""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts.demo.cloud import Cloud
from scripts.demo.wire import Wire

ROOT = Path(__file__).resolve().parents[2]
WAIT_S = 30.0


class TapedWire(Wire):
    """A cable that remembers every address that went over it."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.requests: list[bytes] = []
        super().__init__(target)

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        super()._pump(Tap(source, self.requests), sink)  # type: ignore[arg-type]


class Tap:
    """A socket whose received request lines are noted."""

    def __init__(self, inner: socket.socket, requests: list[bytes]) -> None:
        self._inner, self._requests = inner, requests

    def recv(self, size: int) -> bytes:
        data = self._inner.recv(size)
        self._requests += re.findall(rb"(?:GET|POST|PUT|PATCH|DELETE) (\S+) HTTP/1.1", data)
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


@dataclass
class TillProcess:
    """A ``till_host`` and what it said; after ``kill`` it can be opened again."""

    directory: Path
    operator: tuple[str, str] = ("", "")
    confirmed: list[tuple[str, int]] = field(default_factory=list)
    forks: int = 0
    agent_pids: list[int] = field(default_factory=list)
    command_lines: list[bytes] = field(default_factory=list)
    _process: subprocess.Popen[str] | None = None
    _said: queue.Queue[dict[str, Any]] = field(default_factory=queue.Queue)
    _reader: threading.Thread | None = None

    def start(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        with (self.directory / "host.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.e2e.till_host", str(self.directory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=ROOT,
                env=os.environ | {"EVERTILL_KEY_STORE": "file"},
            )
        self._said = queue.Queue()
        self._reader = threading.Thread(target=self._read, args=(self._process, self._said), daemon=True)
        self._reader.start()
        self.expect("ready")

    def open(self) -> dict[str, Any]:
        """Start where there is none, open the till and sign on."""
        if self._process is None:
            self.start()
        self.tell("open", *self.operator)
        return self.expect("open")

    def tell(self, *words: object) -> None:
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.write(" ".join(map(str, words)) + "\n")
        self._process.stdin.flush()

    def expect(self, *events: str) -> dict[str, Any]:
        """Wait for the next of some events; others pass by."""
        end = time.monotonic() + WAIT_S
        while True:
            said = self._said.get(timeout=max(0.01, end - time.monotonic()))
            assert said["ev"] != "over", f"the till ended, see {self.directory / 'host.log'}"
            if said["ev"] in events:
                return said

    def sell(self, count: int, seed: int) -> None:
        """Sell so many, to the end."""
        self.tell("sell", count, seed)
        self.expect("done")

    def wait_for_sales(self, count: int) -> None:
        """Wait until so many were confirmed altogether."""
        wait_until(lambda: len(self.confirmed) >= count, f"only {len(self.confirmed)} of {count} sales")

    def kill(self) -> None:
        """As a power cut would; what was said before is heard."""
        self._end(signal.SIGKILL)

    def quit(self) -> None:
        if self._process is not None:
            self.tell("quit")
            self._end(None)

    def kill_agent(self) -> None:
        """The agent alone."""
        try:
            os.kill(self.agent_pids[-1], signal.SIGKILL)
        except ProcessLookupError:
            return  # it ends by itself just now

    def _end(self, how: signal.Signals | None) -> None:
        process, self._process = self._process, None
        if process is None or self._reader is None:
            return
        if how is not None:
            process.send_signal(how)
        process.wait(WAIT_S)
        self._reader.join(WAIT_S)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue  # what was not read any more was for a dead process
        agent = self.agent_pids[-1] if self.agent_pids else 0
        wait_until(lambda: not is_alive(agent), "the agent outlives its app")

    def _read(self, process: subprocess.Popen[str], said: queue.Queue[dict[str, Any]]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            if not line.endswith("\n"):
                break
            event = json.loads(line)
            if event["ev"] == "sold":
                self.confirmed.append((event["receipt_no"], event["payable_minor"]))
            elif event["ev"] == "agent":
                self.agent_pids.append(event["pid"])
            elif event["ev"] == "forked":
                self.forks += 1
            said.put(event)
        said.put({"ev": "over"})

    def note_command_lines(self, *pids: int) -> None:
        """What anybody on this machine can see of the processes."""
        assert self._process is not None
        for pid in (self._process.pid, *self.agent_pids[-1:], *pids):
            self.command_lines.append(Path(f"/proc/{pid}/cmdline").read_bytes())


def is_alive(pid: int) -> bool:
    """Whether a process runs."""
    try:
        return bool(pid) and Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until(true: Callable[[], object], complaint: str, timeout_s: float = WAIT_S) -> None:
    """Wait until it is so."""
    end = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < end, complaint
        time.sleep(0.01)


@dataclass
class Floor:
    """Everything of one main job."""

    cloud: Cloud
    wire: TapedWire
    till: TillProcess
    code: str
    pins: dict[str, str]
    hq_token: str
