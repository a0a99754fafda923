"""The cloud of the simulation: the product's own app on a SQLite file, driven request by request in one thread."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pysqlite3.dbapi2 as sqlite
import sqlalchemy as sa
from fastapi import FastAPI
from starlette.requests import Request

import cloud_api.wiring
from cloud_api.db import engine as engine_module
from cloud_api.db.turnstile import Turnstile
from cloud_api.db.unit_of_work import UnitOfWork
from cloud_api.errors import ApiProblem, problem_response
from cloud_api.main import create_app
from cloud_api.routes import sync_live
from cloud_api.routes.sync_caller import Till, the_till
from cloud_api.services.act import Act
from cloud_api.services.background import Background
from cloud_api.services.backup import after_restore, back_up
from cloud_api.services.live import Line
from cloud_api.settings import Settings
from tests.sim.faults import Broken, Killed
from tests.sim.fixed import Machine, patched, run_in_loop, run_now
from tests.sim.interrupt import CLOUD, bury, interrupted
from tests.sim.network import Answered, Raw, Sent

if TYPE_CHECKING:
    from tests.sim.till import Home
    from tests.sim.world import World

BUSY = (sa.exc.TimeoutError, sa.exc.OperationalError)
"""Another transaction is open: a worker tries again at its next turn."""
CHUNKS_MAX = 6
SNAPSHOTS = "/v1/snap/"


@cache
def _engine(url: str) -> sa.Engine:
    """One engine a file for all lives of its cloud: statements are compiled once."""
    return engine_module.make_engine(url)


def fresh_engine(url: str) -> sa.Engine:
    """An engine as a process that just began has it: no connection is open, nobody stands in the writers' line."""
    engine = _engine(url)
    engine.dispose()
    engine_module._TURNSTILES[engine] = Turnstile()
    return engine


class _InlineLoop:
    """Stands for the event loop: news go to the lines at once."""

    def call_soon_threadsafe(self, act: Callable[[], None]) -> None:
        act()

    def is_closed(self) -> bool:
        return False


class CloudHost:
    """One cloud, its process coming and going, its files staying."""

    def __init__(self, world: World, folder: Path) -> None:
        self._world = world
        self.folder = folder
        self.clock = Machine(world.time, "cloud")
        self.settings = Settings(data_dir=folder, background=False, argon2_time=1, argon2_memory_kib=8)
        self.life = 0
        self.is_handling = False
        self.backups = 0
        self.restores = 0
        self.open_act: UnitOfWork | None = None
        with self._own_engine():
            self._app: FastAPI = create_app(self.settings, clock=self.clock)
        self._start()

    # Life ------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        self.life += 1
        with self._own_engine():
            self.cloud = cloud_api.wiring.make_cloud(self.settings, clock=self.clock)
        self.background = Background(self.cloud)
        self.background.hub.attach(_InlineLoop())  # type: ignore[arg-type]
        self.background.mirror.load()
        self._app.state.cloud, self._app.state.background = self.cloud, self.background
        self.reader = sqlite.connect(f"file:{self.folder / 'cloud.db'}?mode=ro", uri=True, isolation_level=None)

    def _own_engine(self) -> AbstractContextManager[None]:
        return patched(cloud_api.wiring, make_engine=fresh_engine)

    def stop(self) -> None:
        """The process is gone; what it had not committed is gone too."""
        self.background.hub.close_all()
        if self.open_act is not None:
            self.open_act.connection.close()
            self.open_act = None
        self.reader.close()
        self.cloud.engine.dispose()

    def crash(self) -> None:
        """Gone and back."""
        self.stop()
        self._start()

    def close(self) -> None:
        """The end of the run."""
        self.stop()

    # Requests --------------------------------------------------------------------------------------------

    def handle(self, sent: Sent) -> Answered:
        """A request through the whole app, from bytes to bytes."""
        path, _, query = sent.target.partition("?")
        parts: list[dict[str, Any]] = []
        waiting = [{"type": "http.request", "body": sent.body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            if not waiting:
                await asyncio.Event().wait()  # the till does not hang up
            return waiting.pop()

        async def send(message: dict[str, Any]) -> None:
            parts.append(message)

        scope = self._scope(sent, path, query)
        run: Callable[[Any], None] = run_in_loop if path.startswith(SNAPSHOTS) else run_now
        self.is_handling = True
        try:
            run(self._app(scope, receive, send))  # type: ignore[arg-type]
        except BaseExceptionGroup as group:
            raise Killed from group
        except Exception as error:
            raise Broken("no request breaks the cloud", f"{sent.method} {path}: {error!r}") from error
        finally:
            self.is_handling = False
        headers = {name.decode().lower(): value.decode() for name, value in parts[0]["headers"]}
        return Answered(parts[0]["status"], headers, b"".join(part.get("body", b"") for part in parts[1:]))

    def handle_and_die(self, sent: Sent) -> Answered:
        """The process dies somewhere in the middle of a request, if it lasts long enough."""
        answers: list[Answered] = []
        with self.dying():
            answers.append(self.handle(sent))
        return answers[0] if answers else Answered(503, {}, b"")

    @contextmanager
    def dying(self) -> Iterator[None]:
        """What runs in here may be cut off by the death of the process, which then starts anew."""

        def die() -> None:
            raise Killed

        try:
            with interrupted(CLOUD, self._world.rng, die):
                yield
        except Killed as death:
            bury(death)
            self.crash()

    def live(self, home: Home, sent: Sent) -> Any:
        """The live channel: the product's lines and hub, with a stream that lasts as long as the world wants."""
        try:
            till = run_now(the_till(Request(self._scope(sent, *sent.target.split("?", 1))), self.background))
            till.require_down()
            query = parse_qs(sent.target.partition("?")[2])
            cursors = sync_live._cursors(till, query.get("c", []))
        except ApiProblem as problem:
            refused = problem_response(problem)
            headers = {name.decode(): value.decode() for name, value in refused.raw_headers}
            return Raw(Answered(problem.status, headers, bytes(refused.body)))
        stale = int(query["sub_ver"][0]) not in (0, till.known.sub_ver)
        line = self._line(till, cursors, stale=stale)
        if "wait" in query:
            self._world.meanwhile(home)
            items = line.ready()
            self.background.hub.close(line)
            self._world.time.pass_ms(0 if items else int(query["wait"][0]) * 1000)
            return Raw(Answered(200, {}, sync_live._poll_json(items)))
        return Stream(self._world, home, line)

    def _line(self, till: Till, cursors: list[tuple[str, str, int]], *, stale: bool) -> Line:
        line = self.background.hub.open(till.known.terminal_id, cursors)
        if stale:
            self.background.hub.put_word(line, "sub")
        return line

    def _scope(self, sent: Sent, path: str, query: str) -> dict[str, Any]:
        headers = [(name.encode(), value.encode()) for name, value in sent.headers.items()]
        base = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "https", "root_path": ""}
        address = {"client": ("10.0.0.1", 1), "server": ("cloud.test", 443), "app": self._app}
        target = {"method": sent.method, "path": path, "raw_path": path.encode(), "query_string": query.encode()}
        return base | address | target | {"headers": headers}

    # Work ------------------------------------------------------------------------------------------------

    @contextmanager
    def working(self) -> Iterator[None]:
        """A turn of a worker: where another transaction is open it is given up."""
        try:
            yield
        except BUSY as error:
            if self.open_act is None:
                raise Broken("no turn of a worker fails", repr(error)) from error

    @contextmanager
    def acting(self) -> Iterator[Act]:
        """An act of HQ, committed at the end."""
        with self.cloud.unit_of_work() as uow:
            yield Act(uow, "hq", self.cloud.keys, self.settings)
            self._world.truth.note_transaction(uow.changes)
            uow.commit()

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the database holds, past the product's code."""
        found: list[tuple[Any, ...]] = self.reader.execute(sql, values).fetchall()
        return found

    # Backups ---------------------------------------------------------------------------------------------

    def backup_path(self, number: int) -> Path:
        """The file of a backup."""
        return self.folder.parent / f"backup-{number}.db"

    def back_up(self) -> bool:
        """The product's backup; what it verified is what may be relied on."""
        path = self.backup_path(self.backups + 1)
        with self.working():
            try:
                back_up(self.cloud, path)
            finally:
                if path.exists():
                    self.backups += 1
                    self._world.truth.note_backup(path)
        return path.exists()

    def restore(self) -> None:
        """The database is lost and comes back from the newest backup, as the operator is told to do it."""
        self.stop()
        self.restores += 1
        for name in ("cloud.db", "cloud.db-wal", "cloud.db-shm"):
            (self.folder / name).unlink(missing_ok=True)
        shutil.copy(self.backup_path(self.backups), self.folder / "cloud.db")
        if self._world.rng.random() < 0.5:
            shutil.rmtree(self.folder / "feeds", ignore_errors=True)
        self._start()
        after_restore(self.cloud)
        self._world.truth.note_restore(self)
        self.background.mirror.load()
        self.background.look()


class Stream:
    """The body of a live stream: each read lets the world go on, then brings what the hub has for this line."""

    def __init__(self, world: World, home: Home, line: Line) -> None:
        self.status, self.reason, self.headers = 200, "", {"Content-Type": "text/event-stream"}
        self._world, self._home, self._line = world, home, line
        self._hub, self._life = world.cloud.background.hub, world.cloud.life
        self._chunks_left = world.rng.randint(1, CHUNKS_MAX) if world.has_faults else 1
        self._begun = False

    def read1(self, _count: int, *, decode_content: bool = False) -> bytes:
        if not self._begun:
            self._begun = True
            return b": evertill/1\n\n"
        self._chunks_left -= 1
        self._world.meanwhile(self._home)
        if self._home.doomed:
            raise Killed
        if self._life != self._world.cloud.life:
            return b""
        events = b"".join(item.as_event() for item in self._line.ready())
        if self._chunks_left < 0 or self._line.drained or events:
            return events
        self._world.time.pass_ms(int(sync_live.COMMENT_EVERY_S * 1000))
        return b": \n\n"

    def close(self) -> None:
        """The till hung up."""
        self._hub.close(self._line)

    release_conn = shutdown = close
