"""The outbox: whether what may leave does leave. What a resting channel or the night keeps back is due later, and no matter here."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, or_, select

from config.calendar import WorkCalendar
from config.vocabulary import DeliveryStatus as Status
from flows.health.checks import Check, broken, good, warning
from notifiers.leases import LEASE
from states.cursors import NOTIFICATIONS
from states.ledger import plain
from states.records import table_of
from states.tables import Chain, Cursor, Delivery, LedgerEntry, Round

_LONG = timedelta(minutes=30)
_SIGN_OF_LIFE = LEASE * 3 / 5
"""A deliverer that lives renews its lease when a third of it has gone by."""

_WAITING = (Status.QUEUED.value, Status.REFUSED_FOR_NOW.value)
_IN_HAND = (Status.CLAIMED.value, Status.SENDING.value)
_MEND = (
    "刚启动服务的，等十分钟再看；仍是这样，请看 Prefect 服务和 worker 两项，再在看板 Runs 页看“发送消息”（deliver）各次的结果，"
    "照它写的原因改正；改好后全部自动发出，不会重复"
)
_DELIVERY, _ENTRY, _ROUND = table_of(Delivery), table_of(LedgerEntry), table_of(Round)
_CHAIN, _CURSOR = table_of(Chain), table_of(Cursor)


def post(connection: Connection, now: datetime) -> Check:
    """Look at an aware instant for messages that were due long ago, none having ended since, and for news that nobody took up."""
    before = now - _LONG
    late, unread = _late(connection, before), _unread(connection, before)
    minutes = int(_LONG.total_seconds() // 60)
    found = [f"{late} 条消息到了该发的时候已超过 {minutes} 分钟，其间一条也没有发出"] if late else []
    found += [f"{'、'.join(unread)} 的变动超过 {minutes} 分钟没有整理成消息"] if unread else []
    if found:
        return broken("post", "消息发送", "；".join(found), _MEND)
    return _silent(connection, now) or good("post", "消息发送", "没有积压")


def _silent(connection: Connection, now: datetime) -> Check | None:
    """Say of messages on their way whose deliverer keeps its lease no more; None where each gives a sign of life."""
    on_its_way = (_DELIVERY.c.status == Status.SENDING.value, _DELIVERY.c.lease_until <= now + _SIGN_OF_LIFE)
    count, until = connection.execute(select(func.count(), func.max(_DELIVERY.c.lease_until)).where(*on_its_way)).one()
    if not count:
        return None
    when = f"{WorkCalendar().local(max(until, now)):%H:%M}"
    what = f"{count} 条正在发送，发送它们的运行没有动静了；它若已中断，{when} 以后的下一次“发送消息”（deliver）把它们记为结果不明"
    return warning(
        "post", "消息发送", what, "请过了这个时间再看：记为结果不明的，看板列出，照写的核实后办 resend-messages 或 confirm-delivered"
    )


def _late(connection: Connection, before: datetime) -> int:
    """Count what was to leave before an instant and is still here; nothing where any message ended since: then there are only many."""
    if connection.execute(select(_DELIVERY.c.id).where(_DELIVERY.c.settled_at > before).limit(1)).first():
        return 0
    waits = and_(_DELIVERY.c.status.in_(_WAITING), _DELIVERY.c.due_at <= before)
    left = and_(_DELIVERY.c.status.in_(_IN_HAND), _DELIVERY.c.lease_until <= before)
    return int(connection.execute(select(func.count()).select_from(_DELIVERY).where(or_(waits, left))).scalar_one())


def _unread(connection: Connection, before: datetime) -> list[str]:
    """Name the rounds with entries from before an instant that no deliverer has read; a demo's are written on a clock of the past."""
    mine = and_(_CURSOR.c.chain == _CHAIN.c.name, _CURSOR.c.consumer == NOTIFICATIONS)
    behind = and_(_ENTRY.c.round == _CHAIN.c.name, _ENTRY.c.seq > func.coalesce(_CURSOR.c.seq, 0), _ENTRY.c.at <= plain(before))
    chains = select(_CHAIN.c.name).join(_ROUND, _ROUND.c.slug == _CHAIN.c.name).outerjoin(_CURSOR, mine)
    unread = chains.where(_CHAIN.c.seq > func.coalesce(_CURSOR.c.seq, 0), _ROUND.c.demo.is_(False), select(1).where(behind).exists())
    return list(connection.execute(unread.order_by(_CHAIN.c.name)).scalars())
