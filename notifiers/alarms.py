"""Alarms for the operators: at once and by their own channels, past the outbox, since it may be the outbox that is broken."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import func, select

from config.calendar import WorkCalendar
from config.channels import ChannelKind
from config.labels import english, label
from config.vocabulary import AlarmCause, DeliveryStatus, PartyKind, Role
from notifiers.cleaning import one_line
from notifiers.file_channel import FileChannel
from notifiers.outgoing import Outcome, Outgoing, Sent, Unknown
from notifiers.routes import Route, Sender, read_channels, routes, ways
from notifiers.scene import Scene
from notifiers.spares import spare_routes
from notifiers.verdicts import POINTLESS
from states.clock import Clock
from states.house import House
from states.records import Records, table_of
from states.tables import Delivery, Party
from states.vault import VaultError

_LONGEST_DETAIL = 400
_ID_DIGITS = 24
_DELIVERY = table_of(Delivery)

_HAPPENED = {
    AlarmCause.RUN_FAILED: "有运行出了错，没有做完",
    AlarmCause.CLOCK_STOPPED: "时钟没有走动：到期的事项没有办理，催办没有发出",
    AlarmCause.SERVICE_FAILED: "Hallmark 服务停下了：看板打不开，到期的事项没有办理，消息没有发出",
    AlarmCause.MESSAGE_FAILED: "有消息试过各条渠道都没有送达，收件人还不知道",
    AlarmCause.MESSAGE_UNKNOWN: "有消息发出后没有等到答复，可能到了也可能没到；系统不会自动重发",
    AlarmCause.CHANNEL_REFUSED: "对方不认我们的渠道（密钥、口令、网址或发件人）；有别的渠道的收件人改走别的，其余的消息都在等，改好后自动发出",
}
_MENDS = {
    AlarmCause.RUN_FAILED: "在看板的 Runs 页（{dashboard}/v2/runs）打开标红的运行看日志；改正后用同样的内容再办一次，办成过的不会办两次",
    AlarmCause.CLOCK_STOPPED: "重新启动服务：hallmark up（或 make run）；恢复后，到期未办的会自动补办，不会遗漏",
    AlarmCause.SERVICE_FAILED: "重新启动服务：hallmark up（或 make run）；恢复后，到期未办的会自动补办，消息接着发出，不会遗漏",
    AlarmCause.MESSAGE_FAILED: "hallmark notifications --status refused_for_good 列出是哪些、为什么；先打电话告知，再改正名册里的联系方式；"
    "改正后可以办“再发一次”（resend-messages）",
    AlarmCause.MESSAGE_UNKNOWN: "hallmark notifications --status unknown 列出是哪些，看板上也有；"
    "打电话问一声：没有收到的，办“再发一次”（resend-messages）；收到的，办“确认已送达”（confirm-delivered）",
    AlarmCause.CHANNEL_REFUSED: "改正 channels.yaml 里这个渠道的密钥、口令或网址（写在环境变量里的，改后重新启动服务）；改好以后，等着的消息自动发出",
}
_MENDS_ENGLISH = {
    AlarmCause.RUN_FAILED: "See the log of the run marked red, mend the cause, and run it again with the same content.",
    AlarmCause.CLOCK_STOPPED: "Start the service again (hallmark up); what fell due meanwhile is made up for.",
    AlarmCause.SERVICE_FAILED: "Start the service again (hallmark up); what fell due meanwhile is made up for.",
    AlarmCause.MESSAGE_FAILED: "List them by hallmark notifications --status refused_for_good, telephone, and mend the roster.",
    AlarmCause.MESSAGE_UNKNOWN: "List them by hallmark notifications --status unknown, telephone, then run resend-messages or confirm-delivered.",
    AlarmCause.CHANNEL_REFUSED: "Mend the key, the password or the URL of that channel in channels.yaml; what waits then leaves by itself.",
}


class Mend(NamedTuple):
    """What to do, in Chinese without an end, and in English as a sentence."""

    chinese: str
    english: str


@dataclass(frozen=True)
class Alarm:
    """What happened, since when and as of when (aware). ``detail`` names runs, rounds and numbers, never anything personal.

    ``mend`` is given where more is known than the cause, and another thing has to be done than is usual for it.
    """

    cause: AlarmCause
    since: datetime
    at: datetime
    detail: str = ""
    mend: Mend | None = None

    def id_for(self, recipient: str) -> str:
        """Give the message's id: the same alarm to the same recipient has the same one."""
        key = f"{self.cause.value} {self.at.isoformat()} {recipient}"
        return f"alarm-{hashlib.sha256(key.encode()).hexdigest()[:_ID_DIGITS]}"


class Reached(StrEnum):
    """Who took an alarm, in the order in which they are tried."""

    OPERATORS = "经办人"
    SPARE = "备用渠道"
    FILE = "文件 outbox/mail"
    NOBODY = ""


@dataclass(frozen=True)
class Way:
    """Where an alarm goes when no operator took it: ``spare`` is HALLMARK_ALERTS, ``folder`` where files go at the very last."""

    sender: Sender
    spare: str
    folder: Path
    clock: Clock
    dashboard: str = ""


def words(alarm: Alarm, dashboard: str, calendar: WorkCalendar) -> tuple[str, str]:
    """Give subject and body: what happened, since when, what to do; times in the calendar's zone."""
    detail = one_line(alarm.detail)[:_LONGEST_DETAIL]
    since = f"{calendar.local(alarm.since):%Y-%m-%d %H:%M}"
    mend = alarm.mend or Mend(_MENDS[alarm.cause].format(dashboard=dashboard), _MENDS_ENGLISH[alarm.cause])
    body = [
        f"发生了什么：{_HAPPENED[alarm.cause]}{f'（{detail}）' if detail else ''}。",
        f"从什么时候起：{since}。",
        f"怎么办：{mend.chinese}。",
        f"查原因：在装有 Hallmark 的电脑上运行 hallmark doctor；看板在 {dashboard} 。",
        "同一类告警一小时内只发一次。",
        f"[Alarm: {english(alarm.cause)}, since {since}. {mend.english}]",
    ]
    return f"【Hallmark 告警】{label(alarm.cause)}", "\n\n".join(body) + "\n"


def send_alarm(alarm: Alarm, way: Way, house: House | None) -> Reached:
    """Tell the office's operators; without a house, or where none of them takes it, whoever ``way`` names.

    Raises ``SQLAlchemyError`` and ``HallmarkError`` where the house cannot be read.
    """
    calendar = house.calendar(WorkCalendar().zone.key) if house else WorkCalendar()
    subject, body = words(alarm, way.dashboard, calendar)
    letter = Outgoing("", "", subject, body, "")
    people = operators(house, way.sender, calendar.local(alarm.at).date()) if house else {}
    if [name for name, found in people.items() if _by_turns(alarm, name, letter, found, way.sender)]:
        return Reached.OPERATORS
    if any(_by_turns(alarm, route.key, letter, [route], way.sender) for route in _spares(way)):
        return Reached.SPARE
    file = _addressed(alarm, "outbox", letter, Route("/file", "file", Reached.OPERATORS.value))
    return Reached.FILE if isinstance(FileChannel(way.folder, way.clock).deliver(file), Sent) else Reached.NOBODY


def _spares(way: Way) -> Iterator[Route]:
    """Give the spare ways; a file that names nobody is made out to the operators."""
    for route in spare_routes(way.spare):
        unnamed = not route.address and way.sender.kind(route.channel) is ChannelKind.FILE
        yield replace(route, address=Reached.OPERATORS.value) if unnamed else route


def operators(house: House, sender: Sender, today: date) -> dict[str, list[Route]]:
    """Give the ways to the office's operators in office on a day, or to their deputies, by id; those without any are left out."""
    with house.store.read() as connection:
        records = Records(connection)
        scene = Scene(records, "", today)
        people = [party for party in scene.of_kind(PartyKind.OPERATOR) if Role.OFFICE.value in party.roles]
        read = set(read_channels(sender))
        found_by = [
            scene.reader(each, lambda party: any(way.channel in read for way in ways(records, party, sender, today))) for each in people
        ]
        readers = {reader.id: reader for reader in found_by}
        found = {key: _ways(records, house, reader, sender, today) for key, reader in readers.items()}
    return {key: ways for key, ways in found.items() if ways}


def _ways(records: Records, house: House, reader: Party, sender: Sender, today: date) -> list[Route]:
    """Give the ways to an operator; none where its addresses are damaged or become files alone, since the others must hear of it."""
    try:
        found = routes(records, house.vault, reader, sender, today)
    except VaultError:
        return []
    return [route for route in found if route.channel in read_channels(sender)]


def undelivered(house: House, status: DeliveryStatus, after: datetime | None, until: datetime) -> tuple[int, datetime | None]:
    """Count the deliveries that ended in a status after one instant and up to another (aware), and give when the first did."""
    ended = (_DELIVERY.c.status == status.value, _DELIVERY.c.settled_at <= until, _DELIVERY.c.answer != POINTLESS)
    query = select(func.count(), func.min(_DELIVERY.c.settled_at)).where(*ended)
    query = query if after is None else query.where(_DELIVERY.c.settled_at > after)
    with house.store.read() as connection:
        count, first = connection.execute(query).one()
    return count, first


def _by_turns(alarm: Alarm, recipient: str, letter: Outgoing, found: Sequence[Route], sender: Sender) -> bool:
    """Try the ways to one recipient until one takes it, or may have taken it."""
    outcome: Outcome | None = None
    for route in found:
        outcome = sender.send(_addressed(alarm, recipient, letter, route))
        if isinstance(outcome, Sent | Unknown):
            break
    return isinstance(outcome, Sent)


def _addressed(alarm: Alarm, recipient: str, letter: Outgoing, route: Route) -> Outgoing:
    return Outgoing(alarm.id_for(recipient), route.address, letter.subject, letter.body, route.channel)
