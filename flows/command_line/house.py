"""Opening the house for one command, whatever database it is in."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

from config.settings import Settings
from flows.bootstrap import App, build
from flows.command_line.screen import complain
from flows.demo.databases import demo_settings, holds_rounds, rounds_in
from flows.reading.rounds import not_found
from states.errors import HallmarkError


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[App]:
    """Open the house of this environment, and close its connections afterwards."""
    app = build(settings or settings_for_reading())
    try:
        yield app
    finally:
        app.house.store.dispose()


def settings_for_reading() -> Settings:
    """Give the settings of a command that only looks: where the house has no round and the demo is there, the demo's."""
    settings = Settings()
    demo = demo_settings(settings)
    if settings.database_url is not None or holds_rounds(settings.url) or not holds_rounds(demo.url):
        return settings
    return _demo(demo)


def settings_for_writing(slug: str | None) -> Settings:
    """Give the settings of a command that writes: the demo's only where it names a round of the demo. Raises ``NotFound``.

    A round that is nowhere is refused here, before a database would be made for a slip of typing. Without a round it is
    the real house, since it is no demo that one prepares; where only the demo has rounds, that is said.
    """
    settings = Settings()
    demo = demo_settings(settings)
    real, shown = rounds_in(settings.url), rounds_in(demo.url) if settings.database_url is None else []
    if slug is None:
        if shown and not real:
            _not_the_demos(settings, shown[-1])
        return settings
    if slug.strip() not in (*real, *shown):
        raise not_found("届次", slug.strip(), [*real, *shown])
    return settings if slug.strip() in real else _demo(demo)


def _not_the_demos(settings: Settings, slug: str) -> None:
    file = make_url(settings.url).database
    complain(f"（记入正式数据库 {file}，演示不受影响；要记入演示的，请加 --round {slug}）[the real database, not the demo's]")


def _demo(demo: Settings) -> Settings:
    complain(f"（演示数据库 {make_url(demo.url).database}）[the demo's database]")
    return demo


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
