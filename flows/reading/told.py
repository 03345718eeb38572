"""What has left a house: every message with its time, its recipient and its reason."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from config.calendar import WorkCalendar
from config.labels import label
from config.vocabulary import Audience, DeliveryStatus, PartyKind, Stage, WorkKind
from flows.reading.foresight import Foreseen, Kind, offset_text, put_together
from flows.reading.naming import Names
from notifiers.kind_names import name_of
from notifiers.kinds import MessageKind
from states.records import Records
from states.tables import Delivery, LedgerEntry, Notification, Party, StageClock, WorkItem

_KINDS: Mapping[MessageKind, Kind] = {MessageKind.REMINDER: "reminder", MessageKind.ESCALATION: "escalation"}
_BODIES = {
    PartyKind.DISTRICT_OFFICE: Audience.DISTRICT_OFFICE.value,
    PartyKind.OPERATOR: Audience.DISTRICT_OFFICE.value,
    PartyKind.LEADING_GROUP: Audience.LEADING_GROUP.value,
    PartyKind.LEADING_GROUP_MEMBER: Audience.LEADING_GROUP.value,
}
UNIT = "unit"
"""The audience of what is told to a unit of its own accord, not as the owner of work."""


@dataclass(frozen=True)
class ToldMessage:
    """One thing that one recipient was told, when it left (aware, UTC). ``subject`` is a nomination, a batch or the round.

    ``audience`` says in which part the recipient was spoken to: one of a ladder's, or ``unit``. ``what`` is the reason,
    in Chinese. ``delivery`` is the letter that carried it, perhaps with others; ``unreached`` says why it reached nobody.
    """

    at: datetime
    kind: MessageKind
    recipient: str
    audience: str
    stage: Stage
    subject: str
    work: WorkKind | None
    what: str
    provisional: bool
    delivery: str
    unreached: str = ""

    @property
    def said(self) -> str:
        """The reason as it is listed, with a mark where nobody gets the message."""
        return f"{self.what}（{self.unreached}，送不到）" if self.unreached else self.what


def told_messages(connection: Connection, slug: str, calendar: WorkCalendar, deliveries: Collection[str]) -> list[ToldMessage]:
    """Give what these letters carried, in the order of time; those refused for good reached nobody."""
    reader = _Reader(Records(connection), slug, calendar)
    letters = {row.id: row for row in reader.records.where(Delivery, id=list(deliveries))}
    rows = [row for row in reader.records.where(Notification, round=slug) if row.delivery in letters]
    found = [reader.read(row, at, letter) for row in rows if (at := (letter := letters[row.delivery or ""]).settled_at) is not None]
    return sorted(found, key=lambda each: (each.at, each.kind, each.recipient, each.subject, each.what))


def message_lines(messages: Iterable[ToldMessage], names: Names, calendar: WorkCalendar) -> list[Foreseen]:
    """Put messages that say the same at the same instant together, as lines of a plan."""
    return put_together(_lines(messages, names, calendar))


def _lines(messages: Iterable[ToldMessage], names: Names, calendar: WorkCalendar) -> Iterator[Foreseen]:
    for each in messages:
        day, to = calendar.local(each.at).date(), (names.of(each.recipient),)
        kind = _KINDS.get(each.kind, "message")
        yield Foreseen(each.at, day, kind, each.stage, each.said, each.audience, to, each.work, 1, each.provisional)


class _Reader:
    """Reads the notifications of one round beside what caused them."""

    def __init__(self, records: Records, slug: str, calendar: WorkCalendar) -> None:
        self.records = records
        self._calendar = calendar
        self._items = {row.id: row for row in records.where(WorkItem, round=slug)}
        self._entries = {f"{slug}:{row.seq}": row for row in records.where(LedgerEntry, round=slug)}
        self._parties = {row.id: PartyKind(row.kind) for row in records.where(Party)}
        self._clocks = sorted(records.where(StageClock, round=slug), key=lambda row: (row.opened_at, list(Stage).index(Stage(row.stage))))

    def read(self, row: Notification, at: datetime, letter: Delivery) -> ToldMessage:
        """Read one notification that left at an instant."""
        kind, item = MessageKind(row.kind), self._items.get(row.context.get("item", ""))
        audience = self._audience(row, item)
        return ToldMessage(
            at=at,
            kind=kind,
            recipient=row.recipient,
            audience=audience,
            stage=Stage(item.stage) if item else self._stage(row.at),
            subject=row.subject,
            work=WorkKind(item.kind) if item else None,
            what=self._reason(row, kind, item, audience),
            provisional=self._unsure(kind, item, at),
            delivery=letter.id,
            unreached=letter.answer if letter.status == DeliveryStatus.REFUSED_FOR_GOOD else "",
        )

    def _unsure(self, kind: MessageKind, item: WorkItem | None, at: datetime) -> bool:
        """Tell whether a message may leave on another day: a step of a ladder stands on a working day of its own."""
        if item is not None and (item.provisional or kind not in _KINDS):
            return item.provisional
        return not self._calendar.is_announced(self._calendar.local(at).date())

    def _audience(self, row: Notification, item: WorkItem | None) -> str:
        named: str | None = row.context.get("audience")
        if named is not None or item is not None:
            return named or Audience.OWNER.value
        return _BODIES.get(self._parties[row.recipient], UNIT)

    def _stage(self, at: datetime) -> Stage:
        """Give the stage that the round was in; what its end or its beginning tells belongs to the last or the first one."""
        entered = [clock for clock in self._clocks if clock.opened_at <= at]
        return Stage(entered[-1].stage) if entered else Stage.INTAKE

    def _reason(self, row: Notification, kind: MessageKind, item: WorkItem | None, audience: str) -> str:
        """Say it by the name of its kind, as everywhere, with the work that it is about and the step of a ladder."""
        said = name_of(kind) + (f"“{label(WorkKind(item.kind))}”" if item else "")
        if item is None or kind not in _KINDS:
            return said
        fired = json.loads(self._entries[row.cause].payload)["fired"]
        return said + offset_text(next(step["offset"] for step in fired if step["audience"] == audience))
