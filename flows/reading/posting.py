"""What became of a round's messages, for its board: by day, by kind, which are unknown, and which channels rest."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, func, select

from config.vocabulary import DeliveryStatus as Status
from config.vocabulary import RoundState, Stage
from flows.reading.foresight import Foreseen
from flows.reading.outgoing import DeliveryLine, lines_of
from notifiers.departures import Departures
from notifiers.digest import WAITING
from notifiers.settling import of_round
from notifiers.waiting import to_be_told
from states.house import House
from states.records import table_of
from states.tables import ChannelHealth, Delivery, Notification

DAYS = 7
_MOST_UNKNOWN = 40
_DELIVERY, _NOTIFICATION, _HEALTH = table_of(Delivery), table_of(Notification), table_of(ChannelHealth)
Counts = Mapping[Status, int]


@dataclass(frozen=True)
class Resting:
    """A channel that keeps failing: since when, until when it is not asked again (aware, UTC), and what the other side said last.

    ``refused`` where that was no to the channel itself: its key, its password, its sender.
    """

    channel: str
    since: datetime
    until: datetime
    reason: str
    refused: bool = False

    @property
    def trouble(self) -> str:
        """Say in Chinese what is wrong with it."""
        return "被对方拒绝，请改正渠道的设置" if self.refused else "接连失败"


@dataclass(frozen=True)
class Posting:
    """``by_day`` has the last seven days, today first, in the round's zone; ``by_kind`` the same days' messages by what they carry.

    A message belongs to the day on which it ended, one that waits to the day on which it is due, today at the latest.
    ``waiting`` notifications are in no message yet (the quiet hours, digests) and will be told: they count as queued today, one
    message a recipient. ``leaving`` says how many of them leave at which later instant (aware, UTC).
    ``unknown`` are the latest whose outcome nobody knows; ``resting`` the channels that rest now, of the whole house.
    """

    by_day: Mapping[date, Counts]
    by_kind: Mapping[str, Counts]
    waiting: int
    leaving: Mapping[datetime, int]
    unknown: tuple[DeliveryLine, ...]
    resting: tuple[Resting, ...]


def posting(house: House, connection: Connection, slug: str, zone: str, now: datetime) -> Posting:
    """Read what became of the messages that speak of a round; ``now`` is aware."""
    today = now.astimezone(ZoneInfo(zone)).date()
    first = now - timedelta(days=DAYS + 1)  # the zone's day may begin earlier
    recent = of_round(slug), (_DELIVERY.c.settled_at.is_(None) | (_DELIVERY.c.settled_at >= first))
    rows = connection.execute(select(_DELIVERY.c.id, _DELIVERY.c.status, _DELIVERY.c.settled_at, _DELIVERY.c.due_at).where(*recent))
    days = {row.id: (min((row.settled_at or row.due_at).astimezone(ZoneInfo(zone)).date(), today), Status(row.status)) for row in rows}
    shown = {key: found for key, found in days.items() if found[0] > today - timedelta(days=DAYS)}
    by_day: dict[date, Counter[Status]] = {today - timedelta(days=back): Counter() for back in range(DAYS)}
    for day, status in shown.values():
        by_day[day][status] += 1
    waiting = to_be_told(house, connection, slug)
    by_day[today].update({Status.QUEUED: len({row.recipient for row in waiting})} if waiting else {})
    by_kind, leaving = _by_kind(connection, slug, shown, waiting), _leaving(house, connection, slug, waiting, now)
    return Posting(by_day, by_kind, len(waiting), leaving, _unknown(connection, slug), resting(connection, now))


def letters(post: Posting, state: RoundState, zone: ZoneInfo) -> Iterator[Foreseen]:
    """Say when what waits will leave, as lines of what is to come."""
    stage = next((each for each in Stage if each.value == state.value), Stage.INTAKE)
    for at, count in post.leaving.items():
        yield Foreseen(at, at.astimezone(zone).date(), "message", stage, f"发出 {count} 条通知", count=count)


def resting(connection: Connection, now: datetime) -> tuple[Resting, ...]:
    """Give the channels that rest at ``now``."""
    query = select(_HEALTH).where(_HEALTH.c.rests_until > now).order_by(_HEALTH.c.channel)
    rows = connection.execute(query)
    return tuple(
        Resting(row.channel, row.failing_since, _asked_at(connection, row), row.reason, row.refused_at is not None) for row in rows
    )


def _asked_at(connection: Connection, health: Row[Any]) -> datetime:
    """Give when a channel is asked again: after its rest, by the first message that may leave by then, be it by no channel so far."""
    may_ask = (_DELIVERY.c.status.in_(WAITING), _DELIVERY.c.channel.in_((health.channel, "")))
    first: datetime | None = connection.execute(select(func.min(_DELIVERY.c.due_at)).where(*may_ask)).scalar_one()
    until: datetime = health.rests_until
    return max(until, first or until)


def _by_kind(connection: Connection, slug: str, shown: Mapping[str, tuple[date, Status]], waiting: Sequence[Any]) -> dict[str, Counts]:
    query = select(_NOTIFICATION.c.kind, _NOTIFICATION.c.delivery).where(_NOTIFICATION.c.round == slug).distinct()
    found: dict[str, Counter[Status]] = {}
    for kind, delivery in connection.execute(query.where(_NOTIFICATION.c.delivery.is_not(None)).order_by(_NOTIFICATION.c.kind)):
        if delivery in shown:
            found.setdefault(kind, Counter())[shown[delivery][1]] += 1
    for kind, _ in sorted({(row.kind, row.recipient) for row in waiting}):
        found.setdefault(kind, Counter())[Status.QUEUED] += 1
    return dict(found)


def _leaving(house: House, connection: Connection, slug: str, waiting: Sequence[Any], now: datetime) -> dict[datetime, int]:
    """Count what leaves at each later instant; what may leave now does so within minutes."""
    departures = Departures(house, connection, now)
    instants = Counter(departures.window(slug).allowed_from(max(departures.of(row), now)) for row in waiting)
    return {at: instants[at] for at in sorted(instants) if at > now}


def _unknown(connection: Connection, slug: str) -> tuple[DeliveryLine, ...]:
    query = select(_DELIVERY).where(of_round(slug), _DELIVERY.c.status == Status.UNKNOWN.value)
    return lines_of(connection, query.order_by(_DELIVERY.c.settled_at.desc(), _DELIVERY.c.id).limit(_MOST_UNKNOWN))
