"""What has not happened to a nomination, as it might: from what is known of it, with a mark on every fact that is invented."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from config.labels import label
from config.vocabulary import Audience, BenefitKind, Stage, WorkKind
from notifiers.kinds import ABOUT_ROUND, ABOUT_WORK, MessageKind
from notifiers.messages import Told
from notifiers.samples import days_of, reminders, sample
from notifiers.scene import shown
from notifiers.sections import Desk, Section, sections_of
from notifiers.undelivered import mended_by
from notifiers.wording import Due, Line, full_day
from states.tables import Nomination, StageClock, WorkItem

K = MessageKind
OF_WORK = ABOUT_WORK | {K.WORK_DROPPED, K.WORK_REASSIGNED}
OF_ROUND = ABOUT_ROUND | {K.INTAKE_OPENED, K.DELIVERY_FAILED}
_TO_OFFICE = (ABOUT_ROUND | {K.DELIVERY_FAILED}) - {K.DEADLINE_EXTENDED, K.DATES_REPLANNED}
_INVENTED = ("reason", "version", "document", "window", "window_english", "extended")
"""Facts that a decision brings with it: where it was not taken, they are those of the samples."""
_MOVED_BY = 5
_HELD_FOR = 4
"""Working days by which an invented extension, and an invented hold, move what is due."""
_REFUSED, _LOST = "多次未送达，不再尝试：对方拒绝连接", "收到申报"


def example(text: str) -> str:
    """Mark what is invented; "" stays so."""
    return f"{text}（示例）" if text else ""


def first_of(people: Sequence[str], otherwise: str) -> str:
    """Give the first who is told, or somebody else where nobody is."""
    return people[0] if people else otherwise


def supposed(desk: Desk, nomination: Nomination, kind: MessageKind) -> tuple[Section, str, bool]:
    """Write a message that nobody was sent: its section, its recipient's id, and whether any of it is supposed."""
    unit = first_of(desk.scene.heads(nomination.unit), nomination.unit)
    if kind in OF_WORK:
        return *_of_no_work(desk, nomination, kind, unit), True
    if kind == K.DELIVERY_FAILED:
        return _undelivered(desk, nomination), first_of(desk.scene.office(), unit), True
    recipient = first_of(desk.scene.office(), unit) if kind in _TO_OFFICE else unit
    subject = (nomination.batch or "") if kind == K.NOTICE_PUBLISHED else nomination.number
    [known] = sections_of(desk, [Told(kind, recipient, subject, 0, _context(desk, nomination, kind))])
    # The opening of intake calls the units: once it has opened nothing of that is supposed, though the call may not be written down yet.
    return _filled(desk, known), recipient, kind != K.INTAKE_OPENED or known.due is None


def escalated_later(desk: Desk, item: WorkItem, section: Section) -> Section:
    """Give an escalation of what is not overdue yet as it would be on the first working day that it is."""
    late = desk.calendar.shift(item.due_day, 1)
    left = desk.calendar.working_days_between(late, item.due_day)
    return replace(section, due=Due(item.due_day, late, left, item.provisional, example=True))


def reminded_next(desk: Desk, item: WorkItem, section: Section) -> Section:
    """Give a reminder as it would be on the next day on which the programme reminds of it; where none is to come, as of today."""
    days = [desk.calendar.shift(item.due_day, offset) for offset in reminders(desk.programme, WorkKind(item.kind))]
    day = next((day for day in days if day >= desk.scene.today), desk.scene.today)
    if day == desk.scene.today:
        return section
    left = desk.calendar.working_days_between(day, item.due_day)
    return replace(section, due=Due(item.due_day, day, left, item.provisional, example=True))


def replanned(desk: Desk, item: WorkItem, section: Section) -> Section:
    """Give work as if its day had been another one before."""
    return replace(section, facts=section.facts | {"was": example(full_day(desk.calendar.shift(item.due_day, -2)))})


def _of_no_work(desk: Desk, nomination: Nomination, kind: MessageKind, unit: str) -> tuple[Section, str]:
    """Suppose that its unit owes an opinion; where that is late, the unit's own superior hears of it."""
    made_up, owner = _sample(desk, kind), desk.scene.party(nomination.unit)
    facts = made_up.facts | ({"owner": owner.name, "masked_owner": shown(owner)} if owner else {})
    line = replace(desk.line(nomination.number), note=example(made_up.label))
    recipient = first_of(desk.scene.above(nomination.unit), unit) if kind == K.ESCALATION else unit
    return replace(made_up, due=_invented(made_up.due), facts=facts | {"was": example(facts["was"])}, lines=(line,)), recipient


def _undelivered(desk: Desk, nomination: Nomination) -> Section:
    owner = desk.scene.party(nomination.unit)
    line = Line(owner.name if owner else nomination.unit, note=example(f"{_REFUSED}；没有送到的是：{_LOST}"), brief=example(_LOST))
    return Section(K.DELIVERY_FAILED, facts=mended_by(office=bool(desk.scene.office())), lines=(line,))


def _context(desk: Desk, nomination: Nomination, kind: MessageKind) -> dict[str, Any]:
    """Give what an entry would have brought; the stage that runs is moved by whole working days from its own due day."""
    context: dict[str, Any] = {"nominations": [nomination.number], "kind": BenefitKind.CERTIFICATE.value}
    clock = desk.scene.running_clock()
    if kind == K.DATES_REPLANNED and clock is not None:
        return context | {"stages": [{"id": clock.stage, "from": clock.due_day.isoformat(), "to": _moved(desk, clock)}]}
    if kind == K.DEADLINE_EXTENDED and clock is not None:
        return context | {"extended": f"{label(Stage(clock.stage))}阶段", "due_day": _moved(desk, clock)}
    return context | ({"working_days": _HELD_FOR} if kind == K.ROUND_RELEASED else {})


def _moved(desk: Desk, clock: StageClock) -> str:
    return desk.calendar.shift(clock.due_day, _MOVED_BY).isoformat()


def _filled(desk: Desk, known: Section) -> Section:
    """Put a sample's facts where there are none, and mark them; so are days that only a decision would have set."""
    made_up = _sample(desk, known.kind)
    facts = known.facts | {name: example(made_up.facts.get(name, "")) for name in _INVENTED if not known.facts.get(name)}
    if known.kind == K.DATES_REPLANNED:
        facts |= {name: example(known.facts[name] or made_up.facts[name]) for name in ("moved", "moved_english")}
    if known.kind == K.ROUND_RELEASED:
        facts["working_days"] = example(known.facts["working_days"])
    note = example(made_up.lines[0].note) if made_up.lines and known.kind not in ABOUT_ROUND else ""
    lines = tuple(line if line.note else replace(line, note=note) for line in known.lines)
    return replace(known, due=_day(desk, known, made_up), facts=facts, lines=lines)


def _day(desk: Desk, known: Section, made_up: Section) -> Due | None:
    """Give the day that is known, and invent one that only a decision would set: the rules say how long a correction may take."""
    if known.kind == K.RETURNED and known.due is None:
        day = desk.calendar.shift(desk.scene.today, desk.programme.corrections.working_days)
        return _invented(desk.due(day, provisional=not desk.calendar.is_announced(day)))
    return _invented(known.due or made_up.due) if known.kind == K.DEADLINE_EXTENDED else known.due


def _invented(due: Due | None) -> Due | None:
    return replace(due, example=True) if due else None


def _sample(desk: Desk, kind: MessageKind) -> Section:
    days = days_of(kind, desk.programme, WorkKind.ENDORSEMENT)
    return sample(kind, desk.programme, desk.calendar, desk.scene.today, WorkKind.ENDORSEMENT, Audience.SUPERIOR, days)
