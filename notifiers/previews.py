"""A kind of message as it reads for one nomination that is really there; nothing is queued, sent or written down."""

from dataclasses import dataclass, replace
from typing import Any

from jinja2 import TemplateError

from config.vocabulary import Audience, WorkStatus
from notifiers.kind_names import KIND_NAMES
from notifiers.kinds import MessageKind
from notifiers.messages import Told, as_told
from notifiers.outbox import scene_of
from notifiers.rendering import Common, Rendered, render
from notifiers.scene import PEOPLE, Scene
from notifiers.sections import Desk, Section, sections_of
from notifiers.supposed import OF_ROUND, OF_WORK, escalated_later, first_of, reminded_next, replanned, supposed
from states.candidate import masked
from states.errors import HallmarkError
from states.frozen import frozen_programme
from states.house import House
from states.records import Records
from states.tables import Nomination, Notification, Party, WorkItem

K = MessageKind
_REASON = "（理由不在预览中显示）"


@dataclass(frozen=True)
class Preview:
    """One kind of message written out. ``made_up`` says that some of its facts did not happen, and are examples."""

    text: Rendered
    made_up: bool


def preview_for(house: House, records: Records, number: str, kind: MessageKind, dashboard: str, *, names: bool = False) -> Preview:
    """Write a kind of message for a nomination that is there, to whoever would read it today.

    Candidates and persons are masked and reasons left out, unless ``names`` asks for the message as it would leave.
    Raises ``LookupError`` for a nomination that is not there, ``VaultError`` for a wrong key, and ``HallmarkError`` where
    the round's rules do not say what the message quotes.
    """
    nomination = records.get(Nomination, number)
    if nomination is None:
        raise LookupError(f"nomination {number} is not there")
    scene = scene_of(house, records, nomination.round)
    if scene.round is None:
        raise LookupError(f"round {nomination.round} is not there")
    programme = frozen_programme(scene.round.rules)
    make = Desk if names else _Discreet
    writer = _Writer(make(scene, house.vault, programme, house.calendar(programme.zone)), nomination, kind)
    try:
        return _written(writer, dashboard, names=names)
    except (TemplateError, LookupError) as error:
        sentence = f"“{KIND_NAMES[kind]}”写不出来：引用了本届的办法里没有的内容；请用 hallmark check 检查办法，再办 amend-round"
        raise HallmarkError(sentence) from error


class _Discreet(Desk):
    """A desk that opens no reason: free text is for those whom it concerns."""

    def reason(self, texts: Any) -> str:
        return _REASON if list(texts) else ""


@dataclass(frozen=True)
class _Writer:
    desk: Desk
    nomination: Nomination
    kind: MessageKind

    @property
    def scene(self) -> Scene:
        return self.desk.scene

    def write(self) -> tuple[Section, str, bool]:
        """Give the section, its recipient's id, and whether some of it is made up."""
        item = self._item() if self.kind in OF_WORK else None
        if item is not None:
            return self._of_work(item)
        told = self._recorded()
        if told is not None:
            return sections_of(self.desk, [told])[0], told.recipient, False
        return supposed(self.desk, self.nomination, self.kind)

    def _item(self) -> WorkItem | None:
        """Give what is open about the nomination, the earliest due first."""
        items = self.scene.records.where(WorkItem, round=self.scene.slug, subject=self.nomination.number, status=WorkStatus.OPEN.value)
        return min(items, key=lambda item: (item.due_at, item.id), default=None)

    def _of_work(self, item: WorkItem) -> tuple[Section, str, bool]:
        context = {"item": item.id, "kind": item.kind, "from": item.due_day.isoformat()}
        escalated = self.kind == K.ESCALATION
        context |= {"audience": Audience.SUPERIOR.value} if escalated else {}
        people = self.scene.above(item.owner) if escalated else self.scene.heads(item.owner)
        told = Told(self.kind, first_of(people, item.owner), item.subject, item.due_version, context)
        # That it is dropped, moved, handed over, or escalated before it is overdue, is only supposed here.
        real = item.due_day < self.scene.today if escalated else self.kind in (K.WORK_OPENED, K.REMINDER)
        [section] = sections_of(self.desk, [told])
        if escalated and not real:
            section = escalated_later(self.desk, item, section)
        if self.kind == K.REMINDER:
            section = reminded_next(self.desk, item, section)
            real = section.due is not None and not section.due.example
        if self.kind == K.WORK_REPLANNED:
            section = replanned(self.desk, item, section)
        return section, told.recipient, not real

    def _recorded(self) -> Told | None:
        """Give the newest notification of this kind about the nomination, or about its round as a whole."""
        if self.kind == K.DELIVERY_FAILED:
            return self._undelivered()
        subject = self.nomination.batch if self.kind == K.NOTICE_PUBLISHED else self.nomination.number
        about = {} if self.kind in OF_ROUND else {"subject": subject or ""}
        rows = self.scene.records.where(Notification, round=self.scene.slug, kind=self.kind.value, **about)
        mine = set(self.scene.heads(self.nomination.unit))
        return as_told(max(rows, key=lambda row: (row.at, row.recipient in mine, row.key))) if rows else None

    def _undelivered(self) -> Told | None:
        """Give the newest news of messages about the nomination that did not arrive, without those about others."""
        about = {row.delivery for row in self.scene.records.where(Notification, round=self.scene.slug, subject=self.nomination.number)}
        rows = self.scene.records.where(Notification, round=self.scene.slug, kind=self.kind.value)
        mine = [row for row in rows if not about.isdisjoint(row.context["undelivered"])]
        if not mine:
            return None
        told = as_told(max(mine, key=lambda row: (row.at, row.key)))
        return told._replace(context={"undelivered": [key for key in told.context["undelivered"] if key in about]})


def _written(writer: _Writer, dashboard: str, *, names: bool) -> Preview:
    scene, (section, recipient, made_up) = writer.scene, writer.write()
    section = section if names else _masked(section)
    reader, behalf_of = _people(scene, recipient, names=names)
    # What is not overdue yet is escalated on a day to come, and the message is written on that day.
    today = section.due.today if section.due else scene.today
    common = Common(writer.desk.programme, scene.slug, reader, dashboard, today, "0" * 32, behalf_of, example=today != scene.today)
    return Preview(render([section], common), made_up)


def _masked(section: Section) -> Section:
    """Leave no person's name in full, not even where a message's body would have it."""
    facts = section.facts | ({"owner": section.facts["masked_owner"]} if section.facts.get("masked_owner") else {})
    lines = tuple(replace(line, name=masked(line.name) if line.name else "") for line in section.lines)
    return replace(section, facts=facts, lines=lines)


def _people(scene: Scene, recipient: str, *, names: bool) -> tuple[str, str]:
    """Give how the reader is addressed, and for whom as a deputy, "" for none."""
    party = scene.party(recipient)
    if party is None:
        return recipient, ""
    reader = scene.reader(party)
    return _addressed(reader, names=names), _addressed(party, names=names) if reader.id != party.id else ""


def _addressed(party: Party, *, names: bool) -> str:
    return party.name if names or party.kind not in PEOPLE else masked(party.name)
