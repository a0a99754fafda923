"""A private PostgreSQL server for the tests: own data folder, Unix socket only, gone with the test run."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 10.0

SERVER_OPTIONS = (
    "listen_addresses=",
    "autovacuum=off",
    "timezone=UTC",
    "max_connections=100",
    "shared_buffers=32MB",
)
FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""A server that lives as long as the test run and no longer need not survive a power cut; one that is measured must."""

INSTALL_HINT = (
    "没有找到 PostgreSQL 服务器（测试需要它）。请执行: bash scripts/system.sh\n"
    "PostgreSQL's server is missing (the tests need it). Run: bash scripts/system.sh"
)

END_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
SCHEMA = (
    "SELECT md5(string_agg(c.relname || a.attname || a.atttypid || a.attnotnull, ' ' ORDER BY c.oid, a.attnum)) "
    "FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace = 'public'::regnamespace"
)
"""What tells one schema from another: every column of every table, index and sequence."""
EMPTY = """
DO $$
DECLARE it record;
BEGIN
    SET LOCAL session_replication_role = replica;  -- references are not looked at: both ends go
    FOR it IN
        SELECT oid::regclass AS name, relkind, pg_total_relation_size(oid) > 500000 AS is_large FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
        AND (relkind = 'S' OR relkind = 'r' AND pg_relation_size(oid) > 0)
    LOOP
        IF it.relkind = 'S' THEN
            PERFORM setval(it.name, 1, false);
        ELSIF it.is_large THEN
            EXECUTE format('TRUNCATE %s CASCADE', it.name);
        ELSE
            EXECUTE format('DELETE FROM %s', it.name);
        END IF;
    END LOOP;
END $$
"""


class PostgresMissing(RuntimeError):
    """No PostgreSQL server binaries on this machine; the message names the command that installs them."""


def find_bin_folder() -> Path:
    """The newest installed server's folder with initdb and postgres; raises PostgresMissing."""
    installed = [p.parent for p in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if installed:
        return max(installed, key=lambda folder: float(folder.parent.name))
    on_path = shutil.which("initdb")
    if on_path and shutil.which("postgres"):
        return Path(on_path).parent
    raise PostgresMissing(INSTALL_HINT)


class PostgresServer:
    """A running server; makes databases, empty or as copies of a prepared template, and names them by URL."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count(1)
        self._templates: set[str] = set()
        self._emptied: dict[str, tuple[str, str]] = {}

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database of this server."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def execute(self, statement: LiteralString, *names: str) -> None:
        """Run one administrative statement, each `{}` in it replaced by a quoted name."""
        query = sql.SQL(statement).format(*map(sql.Identifier, names))
        with _connect(self.folder) as link:
            link.execute(query)

    def create_database(self, *, template: str = "template0") -> str:
        """A new database, a copy of `template`; returns its name."""
        name = f"test_{next(self._numbers)}"
        self.execute("CREATE DATABASE {} TEMPLATE {}", name, template)
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database, closing whatever connections a test left open."""
        self.execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def template(self, name: str, prepare: Callable[[str], None]) -> str:
        """The template database `name`, filled by `prepare(url)` on first use, which must close its links."""
        if name not in self._templates:
            self.execute("CREATE DATABASE {} TEMPLATE template0", name)
            prepare(self.url(name))
            self._templates.add(name)
        return name

    @contextmanager
    def database(self, *, template: str = "template0") -> Iterator[str]:
        """The URL of a fresh database that is dropped at the end."""
        name = self.create_database(template=template)
        try:
            yield self.url(name)
        finally:
            self.drop_database(name)

    @contextmanager
    def emptied(self, template: str) -> Iterator[str]:
        """The URL of a database like the template, which holds no rows; the next one gets the same, empty again.

        Emptying takes a hundredth of what a new copy costs. Who changes tables leaves the next one a new copy.
        """
        name, schema = self._emptied.pop(template, ("", ""))
        if not name:
            name = self.create_database(template=template)
            with _connect(self.folder, name) as link:
                schema = _schema(link)
        try:
            yield self.url(name)
        finally:
            with _connect(self.folder, name) as link:
                link.execute(END_OTHERS)
                is_unchanged = _schema(link) == schema
                if is_unchanged:
                    link.execute(EMPTY)
            if is_unchanged:
                self._emptied[template] = name, schema
            else:
                self.drop_database(name)


@contextmanager
def running_server(*, durable: bool = False) -> Iterator[PostgresServer]:
    """Start a private server in a new folder and stop and remove it at the end; raises PostgresMissing."""
    bin_folder = find_bin_folder()
    folder = Path(tempfile.mkdtemp(prefix="evertill-pg-"))
    try:
        _init_cluster(bin_folder, folder)
        with (folder / "log").open("wb") as log:
            options = SERVER_OPTIONS if durable else SERVER_OPTIONS + FORGETFUL
            process = _start(bin_folder, folder, log.fileno(), options=options)
            try:
                _wait_until_ready(process, folder)
                yield PostgresServer(folder)
            finally:
                process.send_signal(signal.SIGQUIT)
                process.wait(STOP_TIMEOUT_S)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _connect(folder: Path, database: str = "postgres") -> psycopg.Connection:
    return psycopg.connect(host=str(folder), user="postgres", dbname=database, autocommit=True)


def _schema(link: psycopg.Connection) -> str:
    (row,) = link.execute(SCHEMA).fetchall()
    return str(row[0])


def _server_account() -> str | None:
    """The account to run as: PostgreSQL refuses root, so root lends it the package's own account."""
    return "postgres" if os.geteuid() == 0 else None


def _init_cluster(bin_folder: Path, folder: Path) -> None:
    account = _server_account()
    if account:
        shutil.chown(folder, account, account)
    options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run(
        [bin_folder / "initdb", "-D", folder / "data", *options],
        user=account,
        group=account,
        extra_groups=[] if account else None,
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _start(bin_folder: Path, folder: Path, log: int, *, options: Sequence[str]) -> subprocess.Popen[bytes]:
    account = _server_account()
    # Where the kernel offers it, a killed test run takes its server along.
    leash = ["setpriv", "--pdeathsig", "QUIT", "--"] if shutil.which("setpriv") else []
    words = [word for option in options for word in ("-c", option)]
    return subprocess.Popen(
        [*leash, str(bin_folder / "postgres"), "-D", str(folder / "data"), "-k", str(folder), *words],
        user=account,
        group=account,
        extra_groups=[] if account else None,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
    )


def _wait_until_ready(process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            _connect(folder).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL did not start:\n" + (folder / "log").read_text()) from None
            time.sleep(0.02)
        else:
            return
