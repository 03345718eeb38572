"""Opening the house for one command, whatever database it is in."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from errno import ENOTDIR
from pathlib import Path

from sqlalchemy.engine import make_url

from config.settings import Settings
from flows.bootstrap import App, build
from flows.command_line.screen import complain
from flows.demo.databases import demo_settings, holds_house, nominations_in, rounds_in
from flows.reading.rounds import not_found
from states.errors import HallmarkError


class NoHouse(HallmarkError):
    """There is nothing here to look at yet."""


@contextmanager
def opened(settings: Settings) -> Iterator[App]:
    """Open the house of these settings, which is made where there is none, and close its connections afterwards."""
    app = build(settings)
    try:
        yield app
    finally:
        app.house.store.dispose()


def settings_for_looking() -> Settings:
    """Give the settings where nothing is named: where the house has no round and the demo is there, the demo's."""
    settings = Settings()
    demo = demo_settings(settings)
    if settings.database_url is not None or rounds_in(settings.url) or not rounds_in(demo.url):
        return settings
    return _demo(demo)


def settings_for_reading(slug: str | None = None, *, what: str = "届次", others: Sequence[str] = ()) -> Settings:
    """Give the settings of a command that only reads: those of the database that has the round, the real one first.

    Raises ``NoHouse`` where there is nothing to read yet, before anything would be made, and ``NotFound`` for a round that
    is nowhere, held against those of both databases and the ``others`` that may have been meant by ``what``.
    """
    if slug is not None:
        return _that_has(slug.strip(), rounds_in, what, others)
    settings = settings_for_looking()
    if not holds_house(settings.url):
        raise _no_house(settings)
    return settings


def settings_of_nomination(number: str) -> Settings:
    """Give the settings of the database that has a nomination, the real one first. Raises as ``settings_for_reading``."""
    return _that_has(number.strip().upper(), nominations_in, "申报编号")


def _that_has(wanted: str, listed: Callable[[str], list[str]], what: str, others: Sequence[str] = ()) -> Settings:
    settings = Settings()
    demo = demo_settings(settings)
    real = listed(settings.url)
    if wanted in real:
        return settings
    shown = listed(demo.url) if settings.database_url is None else []
    if wanted in shown:
        return _demo(demo)
    refusal = not_found(what, wanted, [*real, *shown, *others])
    if any(map(holds_house, (settings.url, demo.url))):
        raise refusal
    raise NoHouse(f"{refusal if others else ''}{_no_house(settings)}")


def _no_house(settings: Settings) -> NoHouse:
    if settings.folder.exists() and not settings.folder.is_dir():
        raise NotADirectoryError(ENOTDIR, os.strerror(ENOTDIR), str(settings.folder))
    own = settings.database_url is None
    where, variable = (settings.folder, "HALLMARK_HOME") if own else ("所设的数据库", "HALLMARK_DATABASE_URL")
    return NoHouse(
        f"{where} 里还没有 Hallmark 的数据，什么也没有建立；请先启动：hallmark up（看演示：hallmark up --demo），"
        f"数据在别处的，用 {variable} 指出。[no house here yet]"
    )


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
