"""A verified copy of the database, after which tills may forget what it holds, and what follows a restore."""

import os
import subprocess
from contextlib import closing
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
import sqlalchemy as sa

from cloud_api.context import Cloud
from cloud_api.db.engine import writing
from cloud_api.db.master_tables import ENROL_CODE, HQ_TOKEN
from cloud_api.problems import ApiProblem
from cloud_api.services.feeds.restore import new_epochs
from cloud_api.services.intake.durable import mark_durable, tips
from cloud_api.settings import PRIVATE_FILE

PG_TIMEOUT_S = 6 * 3600


def back_up(cloud: Cloud, path: Path) -> None:
    """Copy the database to a file that does not exist yet, check the copy, then tell the streams that it holds them."""
    if path.exists():
        raise ApiProblem(409, "cloud.backup_exists", file=path)
    held = tips(cloud.engine)
    if cloud.engine.dialect.name == "sqlite":
        _copy_sqlite(cloud.engine, path)
    else:
        _dump_postgres(cloud.engine.url, path)
    mark_durable(cloud.engine, held, now_ms=cloud.clock.now_ms())


def after_restore(cloud: Cloud) -> int:
    """Begin all feeds anew; end all sessions and codes, which the backup may have brought back. How many feeds."""
    with writing(cloud.engine) as connection:
        connection.execute(sa.delete(HQ_TOKEN))
        connection.execute(sa.delete(ENROL_CODE).where(ENROL_CODE.c.used_at_ms.is_(None)))
    return new_epochs(cloud.engine, cloud.clock.now_ms())


def _private_part(path: Path) -> Path:
    """The empty file that the copy is written into: a backup holds what the database does, so it is nobody else's."""
    part = path.with_name(path.name + ".part")
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE))
    except OSError as error:
        raise ApiProblem(500, "cloud.backup_unwritable", file=path) from error
    return part


def _copy_sqlite(engine: sa.Engine, path: Path) -> None:
    part = _private_part(path)
    try:
        _vacuum_into(engine, part)
        with closing(sqlite.connect(part)) as copy:
            verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite.Error as error:
        part.unlink(missing_ok=True)
        raise ApiProblem(500, "cloud.backup_damaged") from error
    if verdict != "ok":
        part.unlink(missing_ok=True)
        raise ApiProblem(500, "cloud.backup_damaged")
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    part.rename(path)


def _vacuum_into(engine: sa.Engine, path: Path) -> None:
    """VACUUM cannot run inside a transaction, so it goes past SQLAlchemy's."""
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("VACUUM INTO ?", (str(path),))


def _dump_postgres(url: sa.URL, path: Path) -> None:
    part = _private_part(path)
    plain = url.set(drivername="postgresql", password=None).render_as_string()
    environment = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    for command in (
        ["pg_dump", "--format=custom", f"--file={part}", f"--dbname={plain}"],
        ["pg_restore", "--list", str(part)],
    ):
        try:
            done = subprocess.run(command, env=environment, capture_output=True, timeout=PG_TIMEOUT_S, check=False)
        except FileNotFoundError as error:
            part.unlink(missing_ok=True)
            raise ApiProblem(500, "cloud.backup_tool_missing", tool=command[0]) from error
        if done.returncode != 0:
            part.unlink(missing_ok=True)
            raise ApiProblem(500, "cloud.backup_damaged")
    part.rename(path)
