"""The database: engine, transactions that lock before they read, and migrations."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Dialect, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.util import LRUCache

from states.errors import HallmarkError

MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_MS = 30_000
_MIGRATING = 0x68616C6C
_STATEMENTS = 500
_compilers: dict[str, Dialect] = {}
_compiled: LRUCache[Any, Any] = LRUCache(_STATEMENTS)


class StoreUnavailable(HallmarkError):
    """The database cannot be reached or opened."""


class Store:
    """One database, SQLite or PostgreSQL. ``write`` transactions take the database's or the chain's lock first."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite, where one writer holds the whole database."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open one transaction for writing; it commits at the end or, on any error, leaves no trace."""
        with self._connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open one consistent look at the database; it never blocks a writer."""
        # Where several may write at once, each statement would otherwise look at another moment.
        moment = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self._connect() as connection, connection.execution_options(hallmark_reads=True, **moment).begin() as transaction:
            yield connection
            transaction.rollback()

    def migrate(self) -> None:
        """Bring the schema to the newest revision, whole or not at all; safe to run again, and from several processes at once.

        Raises ``StoreUnavailable``.
        """
        with self.write() as connection:
            if not self.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        try:
            connection = self.engine.connect()
        except OperationalError as error:
            raise StoreUnavailable(f"数据库打不开：请检查 HALLMARK_DATABASE_URL 或数据目录（{error.__class__.__name__}）") from error
        with connection:
            yield connection


def made_by_house(connection: Connection) -> bool:
    """Say whether a house is in this database, if only an empty one."""
    return inspect(connection).has_table("round")


def _engine(url: str) -> Engine:
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    _share_statements(engine)
    return engine


def _share_statements(engine: Engine) -> None:
    """Put each statement together once in a process, however many databases it opens: each rehearsal has one of its own.

    SQLAlchemy finds a statement again by its dialect, and gives each engine a new one. What a dialect learns from its first
    connection, one of another engine of the kind knows already.
    """
    engine.update_execution_options(compiled_cache=_compiled)
    if known := _compilers.get(engine.dialect.name):
        engine.dialect = known
    else:
        event.listen(engine, "first_connect", lambda *_: _compilers.setdefault(engine.dialect.name, engine.dialect))


def _prepare_sqlite(connection: Any, record: Any) -> None:
    """Let us say BEGIN ourselves, wait for other writers, keep reading while one writes, and hold foreign keys."""
    del record
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", f"busy_timeout={_BUSY_MS}", "foreign_keys=ON", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Lock first: a deferred BEGIN reads before it locks, and two writers would fork the ledger."""
    reads = connection.get_execution_options().get("hallmark_reads")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
