"""A kind of message as it reads for one nomination that is really there; nothing is queued, sent or written down."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from jinja2 import TemplateError

from config.vocabulary import Audience, BenefitKind, WorkKind, WorkStatus
from notifiers.kind_names import KIND_NAMES
from notifiers.kinds import ABOUT_ROUND, ABOUT_WORK, MessageKind
from notifiers.messages import Told, as_told
from notifiers.outbox import scene_of
from notifiers.rendering import Common, Rendered, render
from notifiers.samples import days_of, sample
from notifiers.scene import PEOPLE, Scene
from notifiers.sections import Desk, Section, sections_of
from notifiers.wording import Line
from states.candidate import masked
from states.errors import HallmarkError
from states.frozen import frozen_programme
from states.house import House
from states.records import Records
from states.tables import Nomination, Notification, Party, WorkItem

K = MessageKind
_OF_WORK = ABOUT_WORK | {K.WORK_DROPPED, K.WORK_REASSIGNED}
_OF_ROUND = ABOUT_ROUND | {K.INTAKE_OPENED, K.DELIVERY_FAILED}
_TO_OFFICE = (ABOUT_ROUND | {K.DELIVERY_FAILED}) - {K.DEADLINE_EXTENDED, K.DATES_REPLANNED}
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
        item = self._item() if self.kind in _OF_WORK else None
        if item is not None:
            return self._of_work(item)
        told = self._recorded()
        if told is not None:
            return sections_of(self.desk, [told])[0], told.recipient, False
        return self._expected()

    def _item(self) -> WorkItem | None:
        """Give what is open about the nomination, the earliest due first."""
        items = self.scene.records.where(WorkItem, round=self.scene.slug, subject=self.nomination.number, status=WorkStatus.OPEN.value)
        return min(items, key=lambda item: (item.due_at, item.id), default=None)

    def _of_work(self, item: WorkItem) -> tuple[Section, str, bool]:
        context = {"item": item.id, "kind": item.kind, "from": item.due_day.isoformat()}
        escalated = self.kind == K.ESCALATION
        context |= {"audience": Audience.SUPERIOR.value} if escalated else {}
        people = self.scene.above(item.owner) if escalated else self.scene.heads(item.owner)
        told = Told(self.kind, _first(people, item.owner), item.subject, item.due_version, context)
        # That it is dropped, moved, handed over, or escalated before it is overdue, is only supposed here.
        real = item.due_day < self.scene.today if escalated else self.kind in (K.WORK_OPENED, K.REMINDER)
        return sections_of(self.desk, [told])[0], told.recipient, not real

    def _recorded(self) -> Told | None:
        """Give the newest notification of this kind about the nomination, or about its round as a whole."""
        subject = self.nomination.batch if self.kind == K.NOTICE_PUBLISHED else self.nomination.number
        about = {} if self.kind in _OF_ROUND else {"subject": subject or ""}
        rows = self.scene.records.where(Notification, round=self.scene.slug, kind=self.kind.value, **about)
        mine = set(self.scene.heads(self.nomination.unit))
        return as_told(max(rows, key=lambda row: (row.at, row.recipient in mine, row.key))) if rows else None

    def _expected(self) -> tuple[Section, str, bool]:
        """Write what has not happened: what is known of the nomination is real, the rest is that of the samples."""
        unit = _first(self.scene.heads(self.nomination.unit), self.nomination.unit)
        made_up = self._sample()
        if self.kind in _OF_ROUND and self.kind != K.INTAKE_OPENED:
            return made_up, _first(self.scene.office(), unit) if self.kind in _TO_OFFICE else unit, True
        if self.kind in _OF_WORK:
            return replace(made_up, lines=(self.desk.line(self.nomination.number),)), unit, True
        context = {"nominations": [self.nomination.number], "kind": BenefitKind.CERTIFICATE.value}
        subject = (self.nomination.batch or "") if self.kind == K.NOTICE_PUBLISHED else self.nomination.number
        [real] = sections_of(self.desk, [Told(self.kind, unit, subject, 0, context)])
        return _filled(real, made_up), unit, True

    def _sample(self) -> Section:
        rules, today, days = self.desk.programme, self.scene.today, days_of(self.kind)
        return sample(self.kind, rules, self.desk.calendar, today, WorkKind.ENDORSEMENT, Audience.SUPERIOR, days)


def _written(writer: _Writer, dashboard: str, *, names: bool) -> Preview:
    scene, (section, recipient, made_up) = writer.scene, writer.write()
    section = section if names else _masked(section)
    reader, behalf_of = _people(scene, recipient, names=names)
    common = Common(writer.desk.programme, scene.slug, reader, dashboard, scene.today, "0" * 32, behalf_of)
    return Preview(render([section], common), made_up)


def _filled(real: Section, made_up: Section) -> Section:
    """Put a sample's facts where the real ones are still empty."""
    facts = made_up.facts | {name: fact for name, fact in real.facts.items() if fact}
    note = made_up.lines[0].note if made_up.lines else ""
    lines = tuple(line if line.note else replace(line, note=note) for line in real.lines)
    return replace(real, due=real.due or made_up.due, facts=facts, lines=lines)


def _masked(section: Section) -> Section:
    """Leave no person's name in full, not even where a message's body would have it."""
    facts = section.facts | ({"owner": section.facts["masked_owner"]} if section.facts.get("masked_owner") else {})
    lines = tuple(Line(line.number, masked(line.name) if line.name else "", line.note) for line in section.lines)
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


def _first(people: Sequence[str], otherwise: str) -> str:
    return people[0] if people else otherwise
