"""Opening the house for one command, whatever database it is in."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy.engine import make_url

from config.settings import Settings
from flows.bootstrap import App, build
from flows.command_line.screen import complain
from states.errors import HallmarkError

DEMO_DATABASE = "demo.db"


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[App]:
    """Open the house of this environment, and close its connections afterwards."""
    app = build(settings or settings_in_use())
    try:
        yield app
    finally:
        app.house.store.dispose()


def settings_in_use() -> Settings:
    """Give the settings; in a home that holds nothing but the demo, its database is meant, and stderr says so."""
    settings = Settings()
    demo = settings.folder / DEMO_DATABASE
    if settings.database_url is None and demo.is_file() and not (settings.folder / "hallmark.db").exists():
        complain(f"（使用演示数据库 {demo}）[using the demo database]")
        return demo_settings(settings)
    return settings


def demo_settings(settings: Settings) -> Settings:
    """Give the settings of the demo: a database of its own in the home, unless one is set."""
    if settings.database_url is not None:
        return settings
    return settings.model_copy(update={"database_url": SecretStr(f"sqlite:///{settings.folder / DEMO_DATABASE}")})


def sqlite_file(settings: Settings) -> Path:
    """Give the file of a SQLite house. Raises ``HallmarkError`` for another database."""
    url = make_url(settings.url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise HallmarkError(
            "这个数据库不是 SQLite 文件：备份请用 pg_dump，恢复请用 pg_restore，密钥文件另行保管。[use pg_dump and pg_restore]"
        )
    return Path(url.database).absolute()


def absolute_url(settings: Settings) -> str:
    """Give the database's URL as another working directory understands it."""
    url = make_url(settings.url)
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return settings.url
    return url.set(database=str(Path(url.database).absolute())).render_as_string(hide_password=False)
