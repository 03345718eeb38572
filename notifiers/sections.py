"""Notifications with one subject matter become one section of a message; what they speak of is looked up as it is now."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from config.calendar import WorkCalendar
from config.deadlines import STAGE_OF_WORK
from config.labels import english, label
from config.programme import Programme
from config.vocabulary import BenefitKind, NominationState, Stage, Urgency, WorkKind
from notifiers.kinds import ABOUT_ROUND, STAGE_OF, URGENCY, MessageKind
from notifiers.messages import Told
from notifiers.moved_days import UNDATED, brought_back, day_of, moved, notice_days, opening
from notifiers.overtaken import day_now, days_unheard, heard_of_extension, moved_on
from notifiers.owed import clause_of, gathered, late_one, owed_facts, owed_items, owed_lines
from notifiers.said_once import said_once
from notifiers.scene import Scene, shown
from notifiers.undelivered import mends, undelivered
from notifiers.wording import Due, Line, due_on
from states.people import open_person
from states.tables import Endorsement, PanelSeat, Person, ScoreSheet, StageClock, VaultText, WorkItem
from states.vault import Vault

K = MessageKind
_NAMED_BRIEFLY = 3
_WITH_REASON = frozenset({"reason", "opinion"})


@dataclass(frozen=True)
class Section:
    """Everything of one kind, due on one day; ``facts`` are single words and figures for its template."""

    kind: MessageKind
    work: WorkKind | None = None
    due: Due | None = None
    facts: dict[str, str] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    stage: Stage | None = None

    @property
    def count(self) -> int:
        """How many things it lists."""
        return len(self.lines)

    @property
    def label(self) -> str:
        """The work's name in Chinese, "" where it is about none."""
        return label(self.work) if self.work else ""

    @property
    def english(self) -> str:
        """The work's name in English."""
        return english(self.work) if self.work else ""

    @property
    def about(self) -> str:
        """What follows a headline: the one nomination, masked, or how many; "" for the round as a whole."""
        numbered = [line for line in self.lines if line.number]
        if len(numbered) == 1 == self.count:
            return f"（{numbered[0].masked}）"
        return f"（{self.count}项）" if self.lines else ""

    @property
    def briefly(self) -> str:
        """What a short message lists: at most three things, masked; "" for the round as a whole."""
        named = "、".join(line.masked for line in self.lines[:_NAMED_BRIEFLY] if line.number)
        more = f"等{self.count}项" if self.count > _NAMED_BRIEFLY else ""
        return f"（{named}{more}）" if named else self.about

    @property
    def day(self) -> Due | None:
        """The due day, but not of a call that comes after intake has ended: nobody is late with that."""
        return None if self.kind == K.INTAKE_OPENED and self.due and self.due.overdue else self.due

    @property
    def each_briefly(self) -> str:
        """The first things of a short message with what it says of each, masked."""
        named = "；".join("：".join(filter(None, (line.masked, line.brief))) for line in self.lines[:_NAMED_BRIEFLY])
        return named + (f"；另有{self.count - _NAMED_BRIEFLY}项" if self.count > _NAMED_BRIEFLY else "")

    @property
    def pressing(self) -> Urgency:
        """How pressing it is, for the choice of a channel: overdue, due today or on the next working day, or neither."""
        if self.kind == K.ESCALATION or (self.day and self.day.overdue):
            return Urgency.OVERDUE
        return Urgency.DUE if self.day and self.day.left <= 1 else Urgency.ORDINARY

    @property
    def binds(self) -> bool:
        """Whether the recipient itself has something to do by a day, or nothing any more: not what others are late with, nor news."""
        return self.kind == K.ROUND_CANCELLED or (self.day is not None and self.kind != K.ESCALATION)

    @property
    def urgency(self) -> tuple[int, date, int]:
        """Its place in a message: a cancelled round first, then by due day, then decisions and news."""
        if self.kind == K.ROUND_CANCELLED:
            return 0, date.min, 0
        return (1, self.day.day, URGENCY[self.kind]) if self.day else (2, date.max, URGENCY[self.kind])


@dataclass(frozen=True)
class Desk:
    """What is needed to look things up: the scene, the vault, the round's rules and calendar."""

    scene: Scene
    vault: Vault
    programme: Programme
    calendar: WorkCalendar
    dues: dict[tuple[date, bool], Due] = field(default_factory=dict, repr=False)

    def due(self, day: date, *, provisional: bool) -> Due:
        """Give a due day as it stands today; the days up to it are counted once."""
        if (day, provisional) not in self.dues:
            self.dues[day, provisional] = due_on(self.calendar, day, self.scene.today, provisional=provisional)
        return self.dues[day, provisional]

    def planned(self, day: date) -> Due:
        """Give a day that an entry names as it stands today; it is provisional while its year is not announced."""
        return self.due(day, provisional=not self.calendar.is_announced(day))

    def line(self, number: str, note: str = "") -> Line:
        """Give a nomination with its candidate's name; without one where it was purged."""
        person = self.scene.records.get(Person, number)
        return Line(number, open_person(self.vault, person).candidate.name if person else "", note)

    def reason(self, texts: Iterable[str]) -> str:
        """Give the reasons among some texts of the vault."""
        rows = [self.scene.records.get(VaultText, text) for text in texts]
        return "；".join(self.vault.open(row.body, f"text {row.id}") for row in rows if row is not None and row.kind in _WITH_REASON)


def sections_of(desk: Desk, told: Iterable[Told]) -> list[Section]:
    """Gather what is told into sections, the most urgent first; lines in order, each once."""
    found: dict[tuple[Any, ...], Section] = {}
    for each in said_once(desk.scene, told):
        one = _section(desk, each)
        one = one if one.stage else replace(one, stage=STAGE_OF.get(one.kind))
        key = (one.kind, one.work, one.due, one.stage, tuple(sorted(one.facts.items())))
        before = found[key].lines if key in found else ()
        found[key] = replace(one, lines=tuple(sorted({*before, *one.lines}, key=lambda line: (line.place, line))))
    return sorted(found.values(), key=lambda section: section.urgency)


def _section(desk: Desk, told: Told) -> Section:
    if told.kind in _OWN_WAY:
        return _OWN_WAY[told.kind](desk, told)
    if told.kind in ABOUT_ROUND:
        return _about_round(desk, told)
    return _about_work(desk, told) if "item" in told.context else _about_nomination(desk, told)


def _about_round(desk: Desk, told: Told) -> Section:
    facts = {name: str(told.context.get(name, "")) for name in ("document", "version", "extended", "working_days")}
    facts["reason"] = desk.reason(told.context.get("texts", ()))
    back = brought_back(told.context if not told.seq or heard_of_extension(desk.scene, told) else {})
    facts |= moved(told.context, desk.planned) | back
    return Section(told.kind, due=_decided_day(desk, told), facts=facts)


def _decided_day(desk: Desk, told: Told) -> Due | None:
    """Give the day that was decided, or the one that holds since; of an extension that a release has moved, none: the release tells."""
    day = told.context.get("due_day")
    if not day:
        return None
    now = day_now(desk.scene, told) if told.seq else None
    if moved_on(desk.scene, told) and (now is None or "back" not in told.context):
        return None
    return desk.due(now[0], provisional=now[1]) if now and now[0].isoformat() != day else desk.planned(date.fromisoformat(day))


def _released(desk: Desk, told: Told) -> Section:
    """Say what the recipient owes and until when, as it stands now; whoever owes nothing is told when the stage ends."""
    items = owed_items(desk.scene, told.recipient)
    dues = {item.id: desk.due(item.due_day, provisional=item.provisional) for item in items}
    owed = list(gathered(items, dues, desk.programme))
    clock = desk.scene.running_clock()
    end = desk.due(clock.due_day, provisional=clock.provisional) if clock else None
    section = _about_round(desk, told)
    section.facts["working_days"] = f"{days_unheard(desk.scene, told)}"
    facts = section.facts | owed_facts(owed) | {"stage": label(Stage(clock.stage)) if clock else ""}
    return replace(section, due=owed[0].due if owed else end, facts=facts | opening(desk.scene.round), lines=owed_lines(owed))


def _about_work(desk: Desk, told: Told) -> Section:
    item = desk.scene.item(told.context["item"])
    if item is None:
        raise LookupError(f"work item {told.context['item']} is not there")
    due = desk.due(item.due_day, provisional=item.provisional) if told.kind != K.WORK_DROPPED else None
    audience = told.context.get("audience", "")
    owner = late_one(desk.scene, told, item) if audience else None
    facts = {"audience": audience, "clause": clause_of(desk.programme, item)}
    facts["was"] = day_of(told.context["from"]) if told.kind == K.WORK_REPLANNED else ""
    facts |= {"owner": owner.name if owner else "", "masked_owner": shown(owner) if owner else ""}
    return Section(told.kind, WorkKind(item.kind), due, facts, tuple(_lines(desk, item)), Stage(item.stage))


def _taken_over(desk: Desk, told: Told) -> Section:
    """Say what somebody else does now; by whom and until when is no more the old owner's affair."""
    work = WorkKind(told.context["kind"])
    return Section(told.kind, work, lines=(desk.line(told.subject),), stage=STAGE_OF_WORK[work])


def _lines(desk: Desk, item: WorkItem) -> list[Line]:
    """List what a work item is about: its nomination, an expert's candidates, a notice's batch, or the round itself."""
    if item.kind == WorkKind.SCORE_SHEET:
        return [desk.line(number) for number in _unscored(desk, item.owner)]
    if desk.scene.nomination(item.subject) is not None:
        return [desk.line(item.subject, _detail(desk.programme, item))]
    return [Line(item.subject)] if item.subject != desk.scene.slug else []


def _detail(programme: Programme, item: WorkItem) -> str:
    if item.kind == WorkKind.CLEARANCE:
        return next((each.title for each in programme.clearances if each.id == item.detail), item.detail)
    if item.kind == WorkKind.BENEFIT:
        return label(BenefitKind(item.detail))
    return f"异议 {item.detail}" if item.kind == WorkKind.OBJECTION_ANSWER else item.detail


def _unscored(desk: Desk, expert: str) -> list[str]:
    """Give the nominations that an expert still has to score."""
    seats = desk.scene.records.where(PanelSeat, round=desk.scene.slug, expert=expert, recused=False)
    given = {sheet.nomination for sheet in desk.scene.records.where(ScoreSheet, round=desk.scene.slug, expert=expert)}
    numbers = [seat.nomination for seat in seats if seat.nomination not in given]
    waiting = [desk.scene.nomination(number) for number in numbers]
    return [each.number for each in waiting if each is not None and each.state == NominationState.QUALIFIED]


def _call(desk: Desk, told: Told) -> Section:
    clock = desk.scene.records.get(StageClock, desk.scene.slug, Stage.INTAKE.value)
    due = desk.due(clock.due_day, provisional=clock.provisional) if clock else None
    return Section(told.kind, due=due)


def _failed(desk: Desk, told: Told) -> Section:
    lines = undelivered(desk.scene, told, desk.programme, lambda item: desk.due(item.due_day, provisional=item.provisional))
    return Section(told.kind, facts=mends(desk.scene, told), lines=tuple(lines))


def _notice(desk: Desk, told: Told) -> Section:
    batch = desk.scene.batch(told.subject)
    window = notice_days(batch.first_day, desk.due(batch.last_day, provisional=batch.provisional)) if batch else UNDATED
    mine = [desk.scene.nomination(number) for number in told.context["nominations"]]
    lines = [desk.line(each.number) for each in mine if each is not None and told.recipient in desk.scene.heads(each.unit)]
    facts = window | {"document": told.context.get("document", ""), "batch": told.subject}
    return Section(told.kind, facts=facts, lines=tuple(lines))


def _about_nomination(desk: Desk, told: Told) -> Section:
    facts = {"document": told.context.get("document", "")}
    due = _correction_due(desk, told.subject) if told.kind == K.RETURNED else None
    return Section(told.kind, due=due, facts=facts, lines=(desk.line(told.subject, _note(desk, told)),))


def _correction_due(desk: Desk, number: str) -> Due | None:
    items = desk.scene.records.where(WorkItem, subject=number, kind=WorkKind.CORRECTION.value)
    newest = max(items, key=lambda item: item.opened_at, default=None)
    return desk.due(newest.due_day, provisional=newest.provisional) if newest else None


def _note(desk: Desk, told: Told) -> str:
    """Say what is particular to one nomination: the reason, the columns to mend, the certificate, the rank."""
    nomination = desk.scene.nomination(told.subject)
    context = told.context
    reason = desk.reason(context.get("texts", ()))
    if told.kind == K.DECLINED:
        reason = _refusals(desk, told.subject)
    parts = [
        f"须补正：{'、'.join(context['fields'])}" if context.get("fields") else "",
        f"理由：{reason}" if reason else "",
        f"异议 {context['objection']}" if "objection" in context else "",
        label(BenefitKind(context["kind"])) if told.kind == K.BENEFIT_GRANTED else "",
        f"证书编号 {nomination.certificate}" if told.kind == K.CERTIFIED and nomination and nomination.certificate else "",
        f"递补顺序第{nomination.reserve_rank}" if told.kind == K.RESERVED and nomination and nomination.reserve_rank else "",
        f"现为“{label(NominationState(nomination.state))}”" if told.kind == K.REOPENED and nomination else "",
    ]
    return "；".join(part for part in parts if part)


def _refusals(desk: Desk, number: str) -> str:
    """Say which layer refused, and its opinion."""
    said = [row for row in desk.scene.records.where(Endorsement, nomination=number) if not row.agrees]
    parties = [(desk.scene.party(row.unit), row.text) for row in said]
    return "；".join(f"{party.name}不同意推荐：{desk.reason([text] if text else [])}" for party, text in parties if party is not None)


_OWN_WAY: Mapping[MessageKind, Callable[[Desk, Told], Section]] = {
    K.WORK_REASSIGNED: _taken_over,
    K.INTAKE_OPENED: _call,
    K.DELIVERY_FAILED: _failed,
    K.NOTICE_PUBLISHED: _notice,
    K.ROUND_RELEASED: _released,
}
"""Kinds whose facts are gathered in a way of their own, whatever they are about."""
