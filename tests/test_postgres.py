"""The databases that the fixtures hand out are what they promise: empty, separate, copied from templates."""

from __future__ import annotations

from pathlib import Path

import pysqlite3.dbapi2
import pytest
import sqlalchemy as sa

from tests import postgres
from tests.postgres import PostgresServer


def engine_of(url: str) -> sa.Engine:
    options = {"module": pysqlite3.dbapi2} if url.startswith("sqlite") else {}
    return sa.create_engine(url, poolclass=sa.NullPool, **options)


def make_shelf(url: str) -> None:
    with engine_of(url).begin() as link:
        link.execute(sa.text("CREATE TABLE shelf (name TEXT)"))
        link.execute(sa.text("INSERT INTO shelf VALUES ('牛奶')"))


def make_racks(url: str) -> None:
    with engine_of(url).begin() as link:
        link.execute(sa.text("CREATE TABLE rack (id SERIAL PRIMARY KEY, name TEXT UNIQUE)"))
        link.execute(sa.text("CREATE TABLE box (rack_id INTEGER REFERENCES rack)"))


FILL_RACK = sa.text("INSERT INTO rack (name) VALUES ('left') RETURNING id")


@pytest.mark.parametrize("turn", [1, 2])
def test_every_test_gets_an_empty_database(cloud_database_url: str, turn: int) -> None:
    # Were the database shared, the second turn would find the first one's table.
    assert sa.inspect(engine_of(cloud_database_url)).get_table_names() == [], turn
    make_shelf(cloud_database_url)
    with engine_of(cloud_database_url).connect() as link:
        assert link.execute(sa.text("SELECT name FROM shelf")).scalar_one() == "牛奶"


def test_a_template_is_prepared_once_and_copies_are_separate(postgres_server: PostgresServer) -> None:
    prepared: list[str] = []

    def prepare(url: str) -> None:
        prepared.append(url)
        make_shelf(url)

    for _ in range(2):
        template = postgres_server.template("shelf_template", prepare)
        with postgres_server.database(template=template) as url, engine_of(url).begin() as link:
            assert link.execute(sa.text("SELECT count(*) FROM shelf")).scalar_one() == 1
            link.execute(sa.text("DELETE FROM shelf"))
    assert len(prepared) == 1


def test_an_emptied_database_is_as_the_first_was(postgres_server: PostgresServer) -> None:
    """Rows, numbers, open transactions and changed tables of one test are nothing to the next."""
    template = postgres_server.template("racks", make_racks)
    seen: list[str] = []
    for turn in range(4):
        with postgres_server.emptied(template) as url:
            seen.append(url)
            assert set(sa.inspect(engine_of(url)).get_table_names()) == {"box", "rack"}, turn
            link = engine_of(url).connect()
            assert link.execute(FILL_RACK).scalar_one() == 1, "numbers begin anew, and the table was empty"
            link.commit()
            link.execute(sa.text("INSERT INTO box SELECT 1 FROM generate_series(1, 30000)"))
            if turn:
                link.commit()  # the first stays open
            if turn == 2:
                link.execute(sa.text("DROP TABLE box"))
                link.commit()
            link.invalidate()
            link.close()
    assert len(set(seen)) == 2 and seen[0] == seen[2] != seen[3], "a new one where tables were changed"


def test_a_dropped_database_is_gone_even_with_an_open_connection(postgres_server: PostgresServer) -> None:
    with postgres_server.database() as url:
        link = engine_of(url).connect()
        assert link.execute(sa.text("SELECT 1")).scalar_one() == 1
    with pytest.raises(sa.exc.OperationalError):
        engine_of(url).connect()
    link.invalidate()
    link.close()


def test_a_machine_without_a_server_is_told_the_one_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "glob", lambda *_: iter(()))
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(postgres.PostgresMissing, match=r"bash scripts/system\.sh"):
        postgres.find_bin_folder()


def test_the_server_goes_and_leaves_nothing() -> None:
    with postgres.running_server() as server:
        folder = server.folder
        assert (folder / "data" / "PG_VERSION").exists()
    assert not folder.exists()
