"""What operators see of messages before they send them again or call them arrived: about what, to whom, how they left, and whether they can."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from config.calendar import WorkCalendar
from config.labels import label
from config.vocabulary import DeliveryStatus as Status
from config.vocabulary import WorkKind, WorkStatus
from flows.reading.naming import Names
from notifiers.kind_names import name_of
from notifiers.kinds import ABOUT_ROUND
from notifiers.messages import as_told
from notifiers.moved_days import day_of
from notifiers.outbox import scene_of
from notifiers.overtaken import overtaken
from notifiers.routes import Sender, reachable, why_unreachable
from notifiers.scene import Scene
from notifiers.settling import of_round
from notifiers.withdrawing import told_otherwise
from notifiers.wording import full_day
from states.frozen import frozen_programme
from states.house import House
from states.records import Records, table_of
from states.tables import Delivery, Notification, Round, WorkItem

_NAMED = 5


def particulars(house: House, sender: Sender, slug: str, ids: Iterable[str]) -> dict[str, str]:
    """Say of each delivery, for an operator of a round, what it carries, to whom it goes, when and by which channel it left; nobody's name in full."""
    with house.store.read() as connection:
        records = Records(connection)
        row = records.get(Round, slug)
        calendar = house.calendar(frozen_programme(row.rules).zone) if row else WorkCalendar()
        look = _Look(house, records, scene_of(house, records, slug), Names(connection), calendar, sender)
        return {each.id: "；".join(look.said(each)) for each in records.where(Delivery, id=list(ids))}


def overtaken_by_now(house: House, slug: str, wanted: Sequence[str]) -> tuple[str, ...]:
    """Name the messages of a round that may be sent again and that a later decision has made void; ``wanted`` as an operator gave them."""
    begins = tuple(number.strip().lower() for number in wanted)
    again = (Status.UNKNOWN.value, Status.REFUSED_FOR_GOOD.value) if begins else (Status.UNKNOWN.value,)
    with house.store.read() as connection:
        delivery = table_of(Delivery)
        known = connection.execute(select(delivery.c.id).where(of_round(slug), delivery.c.status.in_(again))).scalars()
        ids = [key for key in known if not begins or key.startswith(begins)]
    return tuple(sorted(told_otherwise(house, ids)))


@dataclass(frozen=True)
class _Look:
    house: House
    records: Records
    scene: Scene
    names: Names
    calendar: WorkCalendar
    sender: Sender

    def said(self, letter: Delivery) -> Iterator[str]:
        yield self.names.of(letter.recipient)
        carried = sorted(self.records.where(Notification, delivery=letter.id), key=lambda each: (each.at, each.key))
        about = list(dict.fromkeys(map(self._matter, carried)))
        if about:
            yield f"内容：{'、'.join(about[:_NAMED])}" + (f"等{len(about)}件" if len(about) > _NAMED else "")
        at = self.calendar.local(letter.settled_at or letter.due_at)
        yield f"{at:%m-%d %H:%M} 经 {letter.channel} 发出" if letter.channel else "没有发出过"
        yield from self._warning(letter.recipient)

    def _matter(self, each: Notification) -> str:
        """Say what a notification told: of what was decided its own day, of work what is owed by now."""
        item = self.scene.item(each.context.get("item", "")) if each.kind not in ABOUT_ROUND else None
        scene = self.scene if each.round == self.scene.slug else scene_of(self.house, self.records, each.round)
        void = "，已被之后的决定取代" if overtaken(scene, as_told(each)) else ""
        return f"{name_of(each.kind)}（{each.subject}{f'，{_due(item)}' if item else _decided(each)}{void}）"

    def _warning(self, recipient: str) -> Iterator[str]:
        """Say why nothing would reach the recipient as the roster is today, or a deputy who reads for it."""
        party = self.scene.party(recipient)
        line = self.scene.line(party) if party else []
        if not any(reachable(self.records, each, self.sender, self.scene.today) for each in line):
            yield f"⚠ 现在送不到：{why_unreachable(self.records, party if party in line else None, self.scene.today)}"


def _decided(each: Notification) -> str:
    """Say what was given which day; nothing of any other decision."""
    if "due_day" not in each.context:
        return ""
    return f"，{each.context['extended']}，期限{day_of(each.context['due_day'])}"


def _due(item: WorkItem) -> str:
    """Say what is owed and until when; of what is over only that."""
    work = label(WorkKind(item.kind))
    if item.status != WorkStatus.OPEN:
        return f"{work}{label(WorkStatus(item.status))}"
    return f"{work}，期限{full_day(item.due_day)}{'（暂定）' if item.provisional else ''}"
