"""The store: migrations to and from the newest schema, on both databases, and a clear word where there is none."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import event, inspect, select, text
from sqlalchemy.engine.interfaces import CacheStats
from sqlalchemy.exc import InternalError
from sqlmodel import col

from states.ledger_triggers import missing_triggers
from states.store import MIGRATIONS, Store, StoreUnavailable, _prepare_sqlite
from states.tables import Party, metadata


@pytest.fixture
def empty(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A database without any table."""
    if database == "sqlite":
        store, server, name = Store(f"sqlite:///{tmp_path / 'empty.db'}"), None, ""
    else:
        server = request.getfixturevalue("postgres")
        name = server.fresh("template0")
        store = Store(server.url(name))
    yield store
    store.dispose()
    if server is not None:
        server.drop(name)


def downgrade(store: Store) -> None:
    with store.engine.connect() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.downgrade(config, "base")


def checks_of(store: Store) -> dict[str, set[str]]:
    inspector = inspect(store.engine)
    return {name: {str(each["name"]) for each in inspector.get_check_constraints(name)} for name in metadata.tables}


def test_migrated_schema_is_that_of_the_metadata(empty: Store) -> None:
    empty.migrate()
    with empty.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        differing: list[Any] = compare_metadata(context, metadata)
        assert differing == []
        assert missing_triggers(connection) == []
    declared = {
        name: {str(each.name) for each in table.constraints if str(each.name).startswith("ck_")} for name, table in metadata.tables.items()
    }
    assert checks_of(empty) == declared


def test_migrating_twice_is_once(empty: Store) -> None:
    empty.migrate()
    before = inspect(empty.engine).get_table_names()
    empty.migrate()
    assert inspect(empty.engine).get_table_names() == before


def test_downgrade_leaves_nothing_and_upgrade_makes_it_again(empty: Store) -> None:
    empty.migrate()
    downgrade(empty)
    assert inspect(empty.engine).get_table_names() == ["alembic_version"]
    empty.migrate()
    assert set(metadata.tables) < set(inspect(empty.engine).get_table_names())
    with empty.read() as connection:
        assert missing_triggers(connection) == []


def test_processes_that_migrate_at_once_do_not_hinder_each_other(empty: Store) -> None:
    program = "import sys; from states.store import Store; store = Store(sys.argv[1]); store.migrate(); store.dispose()"
    url = empty.engine.url.render_as_string(hide_password=False)
    started = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", program, url], stderr=subprocess.PIPE, cwd=Path(__file__).parents[2])
        for _ in range(3)
    ]
    assert [(each.communicate()[1].decode(), each.returncode) for each in started] == [("", 0)] * 3
    with empty.read() as connection:
        assert missing_triggers(connection) == []


def fail_after_writing(store: Store) -> None:
    with store.write() as connection:
        connection.execute(text("INSERT INTO chain (name, genesis, seq, head) VALUES ('x', '', 0, '')"))
        raise ZeroDivisionError


def test_failed_transaction_leaves_no_trace(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        fail_after_writing(store)
    with store.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM chain")).scalar_one() == 0


def test_looking_never_writes(store: Store) -> None:
    """SQLite forgets what was written, PostgreSQL refuses it at once."""
    with nullcontext() if store.is_sqlite else pytest.raises(InternalError, match="read-only"), store.read() as connection:
        connection.execute(text("INSERT INTO chain (name, genesis, seq, head) VALUES ('x', '', 0, '')"))
    with store.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM chain")).scalar_one() == 0


def look(store: Store) -> int:
    with store.read() as connection:
        return int(connection.execute(text("SELECT 1")).scalar_one())


def test_second_database_finds_the_statements_of_the_first(store: Store, url: str) -> None:
    found: list[CacheStats] = []
    second = Store(url)
    event.listen(second.engine, "after_cursor_execute", lambda *args: found.append(args[4].cache_hit))
    for house in (store, second):
        with house.read() as connection:
            connection.execute(select(Party).where(col(Party.name) == "张三"))
    second.dispose()
    assert CacheStats.CACHE_HIT in found
    assert CacheStats.CACHE_MISS not in found


def test_database_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}")
    with pytest.raises(StoreUnavailable, match="数据库打不开：请检查 HALLMARK_DATABASE_URL 或数据目录"):
        look(store)
    with pytest.raises(StoreUnavailable):
        store.migrate()


def test_postgres_that_is_not_there_says_so(tmp_path: Path) -> None:
    store = Store(f"postgresql://nobody@/house?host={tmp_path}")
    assert store.engine.dialect.name == "postgresql"
    assert store.engine.dialect.driver == "psycopg"
    with pytest.raises(StoreUnavailable):
        store.migrate()
    store.dispose()


def test_sqlite_waits_for_other_writers_and_holds_foreign_keys(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'x.db'}")
    with store.write() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("journal_mode", "busy_timeout", "foreign_keys")
        }
    store.dispose()
    assert found == {"journal_mode": "wal", "busy_timeout": 30_000, "foreign_keys": 1}


def test_house_on_sqlite_waits_until_the_disk_has_what_it_committed(tmp_path: Path) -> None:
    """The tests' own houses do not (tests/conftest.py)."""
    connection = sqlite3.connect(tmp_path / "house.db")
    _prepare_sqlite(connection, None)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    connection.close()
    hurried = Store(f"sqlite:///{tmp_path / 'hurried.db'}")
    with hurried.read() as reading:
        assert reading.execute(text("PRAGMA synchronous")).scalar_one() == 0
    hurried.dispose()
