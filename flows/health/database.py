"""The database: reachable, of the newest schema, its ledger guarded, its key the right one, its messages settled."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from config.settings import Settings
from config.vocabulary import DeliveryStatus, RoundState
from flows.health.checks import Check, broken, good, warning
from flows.health.post import post
from flows.reading.stillness import CLOCK_MEND, clock_stopped
from states.clock import SystemChance
from states.fitting import key_fits
from states.ledger_triggers import missing_triggers
from states.records import table_of
from states.store import MIGRATIONS, Store, StoreUnavailable, made_by_house
from states.tables import Delivery, Round
from states.vault import Vault, VaultError, load_key

_RUN_ONCE = "运行任何一条命令（如 hallmark board）即自动更新"


def is_there(settings: Settings) -> bool:
    """Whether there is a database to look into; a server's is taken to be there."""
    url = make_url(settings.url)
    return url.get_backend_name() != "sqlite" or (url.database is not None and Path(url.database).is_file())


def holds_house(settings: Settings) -> bool:
    """Whether a house is known to be in the database: one that cannot be opened says so by itself."""
    if not is_there(settings):
        return False
    store = Store(settings.url)
    try:
        with store.read() as connection:
            return made_by_house(connection)
    except (SQLAlchemyError, StoreUnavailable):
        return store.is_sqlite
    finally:
        store.dispose()


def database(settings: Settings, now: datetime) -> Iterator[Check]:
    """Look into the database at an aware instant; without one there is nothing to look at yet."""
    if not is_there(settings):
        yield _missing(settings)
        return
    store = Store(settings.url)
    try:
        with store.read() as connection:
            kind = "SQLite" if store.is_sqlite else "PostgreSQL"
            yield good("database", "数据库", f"{kind} 可以读取")
            yield from _inside(connection, settings, now)
    except (SQLAlchemyError, StoreUnavailable) as error:
        mend = "请检查 HALLMARK_DATABASE_URL 和数据库服务；文件损坏的，用 hallmark restore 恢复备份"
        yield broken("database", "数据库", f"打不开（{type(error).__name__}）", mend)
    finally:
        store.dispose()


def _missing(settings: Settings) -> Check:
    """Tell a database that nobody made yet from one that is gone."""
    path = Path(make_url(settings.url).database or "")
    if path.exists():
        return broken("database", "数据库", f"{path} 是文件夹，不是数据库", "请移走它；原来的数据库不在了的，用 hallmark restore 恢复备份")
    if settings.key_path.exists():
        mend = "从没启动过的，不必理会；原来有数据的，请找回数据库文件，或用 hallmark restore 恢复备份，也请检查 HALLMARK_HOME、HALLMARK_DATABASE_URL"
        return warning("database", "数据库", f"{path} 没有，密钥却在", mend)
    return good("database", "数据库", "还没有，第一次运行时建立")


def _inside(connection: Connection, settings: Settings, now: datetime) -> Iterator[Check]:
    current, newest = MigrationContext.configure(connection).get_current_revision(), _newest()
    if current != newest:
        yield warning("migrations", "表结构", f"版本是 {current or '空'}，最新为 {newest}", _RUN_ONCE)
        return
    yield good("migrations", "表结构", f"已是最新（{newest}）")
    yield _triggers(connection)
    yield _fitting_key(connection, settings)
    yield _deliveries(connection)
    yield post(connection, now)
    yield _clock(connection, settings, now)


def is_current(connection: Connection) -> bool:
    """Whether the tables are those of the newest schema."""
    return MigrationContext.configure(connection).get_current_revision() == _newest()


def _newest() -> str | None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config).get_current_head()


def _triggers(connection: Connection) -> Check:
    missing = missing_triggers(connection)
    if missing:
        mend = "有人改动过数据库：请运行 hallmark verify 核验，并从备份恢复"
        return broken("triggers", "台账保护", f"触发器缺失或被改动：{'、'.join(missing)}", mend)
    return good("triggers", "台账保护", "触发器齐全")


def _fitting_key(connection: Connection, settings: Settings) -> Check:
    if not settings.key_path.exists():
        return good("key_fits", "密钥与数据", "没有密钥可试")
    mend = "请从保管处放回与这个数据库配套的密钥文件"
    try:
        chance = SystemChance()
        fits = key_fits(connection, Vault(load_key(settings.key_path, chance), chance))
    except VaultError as error:
        return broken("key_fits", "密钥与数据", str(error), mend)
    return good("key_fits", "密钥与数据", "相符") if fits else broken("key_fits", "密钥与数据", "密钥打不开这个数据库里的资料", mend)


def _deliveries(connection: Connection) -> Check:
    delivery = table_of(Delivery)
    bad = (DeliveryStatus.UNKNOWN, DeliveryStatus.REFUSED_FOR_GOOD)
    query = select(func.count()).select_from(delivery).where(delivery.c.status.in_([status.value for status in bad]))
    count = connection.execute(query).scalar_one()
    if count:
        mend = "请运行 hallmark notifications --status unknown --status refused_for_good，逐条人工核实"
        return warning("deliveries", "消息送达", f"{count} 条被拒收或结果不明", mend)
    return good("deliveries", "消息送达", "没有被拒收或结果不明的")


def _clock(connection: Connection, settings: Settings, now: datetime) -> Check:
    """Look whether the clock still comes by in every round that has not ended."""
    table = table_of(Round)
    running = select(table.c.slug).where(table.c.state.not_in((RoundState.CLOSED.value, RoundState.CANCELLED.value)))
    slugs = list(connection.execute(running.order_by(table.c.slug)).scalars())
    still = [slug for slug in slugs if clock_stopped(settings, connection, slug, now)]
    if still:
        return broken("clock", "到期处理", f"{'、'.join(still)} 已超过 {settings.clock_alarm_hours} 小时没有走动", CLOCK_MEND)
    return good("clock", "到期处理", "按时走动" if slugs else "没有在办的届次")
