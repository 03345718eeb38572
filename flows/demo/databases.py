"""Which database the demo lives in, and that it never lives beside a real round."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import Connection, select
from sqlalchemy.engine import make_url

from config.channels import SHIPPED_CHANNELS
from config.settings import Settings
from states.errors import HallmarkError
from states.records import table_of
from states.store import Store, made_by_house
from states.tables import Nomination, Round

DEMO_DATABASE = "demo.db"


class DemoRefused(HallmarkError):
    """The demo may not be opened here: there is a real round."""


def demo_settings(settings: Settings) -> Settings:
    """Give the settings of the demo: a database of its own in the home, unless one is set, and no channel but files."""
    changes: dict[str, object] = {"channels": SHIPPED_CHANNELS}
    if settings.database_url is None:
        changes["database_url"] = SecretStr(f"sqlite:///{settings.folder / DEMO_DATABASE}")
    return settings.model_copy(update=changes)


def refuse_real_rounds(settings: Settings) -> None:
    """Refuse the demo where its database, or the home's own, holds a real round. Raises ``DemoRefused``."""
    for url in dict.fromkeys((settings.url, own_url(settings))):
        real = _slugs(url, demo=False)
        if real:
            raise DemoRefused(
                f"这里已有正式的届次（{'、'.join(real)}），不能开演示；请用 HALLMARK_HOME 另指一个空目录，"
                "或去掉 --demo 启动。[a real round is here]"
            )


def holds_house(url: str) -> bool:
    """Whether a database is there and was made by a house, if only an empty one."""
    with _looked_into(url) as connection:
        return connection is not None


def rounds_in(url: str) -> list[str]:
    """List the rounds of a database by their slugs; none where there is no database yet."""
    return _slugs(url)


def nominations_in(url: str) -> list[str]:
    """List the nominations of a database by their numbers; none where there is no database yet."""
    number = table_of(Nomination).c.number
    with _looked_into(url) as connection:
        return [] if connection is None else list(connection.execute(select(number).order_by(number)).scalars())


def own_url(settings: Settings) -> str:
    """Give the address of the home's own SQLite database."""
    return f"sqlite:///{settings.folder / 'hallmark.db'}"


def _slugs(url: str, *, demo: bool | None = None) -> list[str]:
    table = table_of(Round)
    with _looked_into(url) as connection:
        rows = () if connection is None else connection.execute(select(table.c.slug, table.c.demo).order_by(table.c.slug))
        return [row.slug for row in rows if demo in (None, row.demo)]


@contextmanager
def _looked_into(url: str) -> Iterator[Connection | None]:
    """Look into a database without making or changing anything; None where there is none, or no house in it."""
    parts = make_url(url)
    if parts.get_backend_name() == "sqlite" and not (parts.database and Path(parts.database).is_file()):
        yield None
        return
    store = Store(url)
    try:
        with store.read() as connection:
            yield connection if made_by_house(connection) else None
    finally:
        store.dispose()
