"""Which database the demo lives in, and that it never lives beside a real round."""

from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import inspect, select
from sqlalchemy.engine import make_url

from config.channels import SHIPPED_CHANNELS
from config.settings import Settings
from states.errors import HallmarkError
from states.records import table_of
from states.store import Store
from states.tables import Round

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


def holds_rounds(url: str) -> bool:
    """Whether a database is there and holds any round."""
    return bool(_slugs(url))


def rounds_in(url: str) -> list[str]:
    """List the rounds of a database by their slugs; none where there is no database yet."""
    return _slugs(url)


def own_url(settings: Settings) -> str:
    """Give the address of the home's own SQLite database."""
    return f"sqlite:///{settings.folder / 'hallmark.db'}"


def _slugs(url: str, *, demo: bool | None = None) -> list[str]:
    """List the rounds of a database without making or changing anything."""
    parts = make_url(url)
    if parts.get_backend_name() == "sqlite" and not (parts.database and Path(parts.database).is_file()):
        return []
    store = Store(url)
    try:
        with store.read() as connection:
            if not inspect(connection).has_table("round"):
                return []
            table = table_of(Round)
            rows = connection.execute(select(table.c.slug, table.c.demo).order_by(table.c.slug))
            return [row.slug for row in rows if demo in (None, row.demo)]
    finally:
        store.dispose()
