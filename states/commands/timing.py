"""Changing time: a later deadline, a round on hold, a round released. Steps already sent are never sent again."""

from datetime import date
from typing import TYPE_CHECKING, ClassVar

from config.calendar import Hold
from config.labels import label
from config.vocabulary import RoundState, RoundTrigger, Stage, WorkKind
from states.command import Command
from states.concerned import concerned
from states.counted import again, opening, opening_columns
from states.due_times import held_for, move_item, move_stage
from states.errors import CommandRefused, Refusal
from states.extending import (
    across_next,
    bad_day,
    brought_back,
    cannot_move,
    goes_along,
    kind_missing,
    no_such_work,
    not_running,
    one_limit,
    running_clock,
)
from states.far_days import too_far
from states.opening_day import held_from
from states.outcome import UNDOES, Outcome, Skip, Touch
from states.planned import moved_by_hand, not_to_be_moved, planned_past, stays
from states.progress import round_may
from states.tables import Round, StageClock, WorkItem
from states.unsent import Unsent

if TYPE_CHECKING:
    from states.work import Recorder, Work

_UNSURE = "（暂定：放假安排公布后重新排定）"


class ExtendDeadline(Command):
    """Give more time, for the whole round, for the present stage, or for open work of one kind; or take an extension back.

    ``due_day`` is the new last day in the programme's zone. The whole round is its present stage and everything open that
    is due before that day. The stage, which may be named in ``stage``, takes along the work that is due with it. With
    ``kind`` the stage stays as it is; ``subject`` narrows the work to a nomination, a batch, an owner's id, or one work
    item's own id; without ``kind`` it is refused. What was sent stays sent; a public notice has its own window and moves by none of these.

    A stage or work that was extended may also be due earlier again, so that a slip in a date can be mended: on any working
    day from the one that was planned, but not before today. A stage takes its work back with it, as far as that was extended.
    """

    title: ClassVar[str] = "延长期限"
    once: ClassVar[bool] = True
    bulk: ClassVar[bool] = True
    after_clock: ClassVar[bool] = True

    due_day: date
    reason: str
    whole_round: bool = False
    stage: Stage | None = None
    kind: WorkKind | None = None
    subject: str = ""

    def plan(self, work: "Work") -> Outcome:
        """Refuse a day that is past, a rest day, the present one, earlier than planned, beyond the stage or across the next one."""
        far = list(too_far("新期限", self.due_day, work.today))
        if far:
            raise CommandRefused("不能延长期限", far)
        clock = running_clock(work)
        items, left = self._items(work, clock)
        refusals = one_limit(bad_day(work, self.due_day), self._misplaced(work, clock, items))
        if self.kind is None and self.subject.strip():
            refusals.append(kind_missing(work, self.subject.strip()))
        if not self.reason.strip():
            refusals.append(Refusal("reason-missing", "须写明延长的理由"))
        if refusals:
            raise CommandRefused("不能延长期限", refusals)
        with_stage = self.kind is None and clock is not None and (self.due_day > clock.due_day or not self.whole_round)
        return self._move(work, clock if with_stage else None, items, left)

    def _move(self, work: "Work", clock: StageClock | None, items: list[WorkItem], left: list[WorkItem]) -> Outcome:
        what, day = self._what(work), f"{self.due_day:%Y-%m-%d}"
        back = any(self.due_day < row.due_day for row in (clock, *items) if row is not None)
        payload = {"items": [item.id for item in items], "due_day": self.due_day, "extended": what, **_before(clock, items)}
        event = "deadline_brought_back" if back else "deadline_extended"
        recorder = work.record(event, work.round.slug, payload=payload)
        work.keep_text(recorder, "reason", self.reason)
        touched = self._touched(work, recorder, clock, items, f"{'改为' if back else '延至'} {day}")
        kept = tuple(Skip(subject=item.subject, reason=f"{label(WorkKind(item.kind))}{stays(work, item)}") for item in left)
        moved = f"{what}的期限改为 {day}（收回延长），随之改动" if back else f"{what}延至 {day}，顺延"
        return Outcome(summary=f"{moved}待办 {len(items)} 项", touched=touched, skipped=kept, data={UNDOES: back})

    def _touched(self, work: "Work", recorder: "Recorder", clock: StageClock | None, items: list[WorkItem], note: str) -> tuple[Touch, ...]:
        touched = []
        if clock is not None:
            old = clock.due_day
            move_stage(work, recorder, clock, *moved_by_hand(work, clock, self.due_day))
            touched.append(Touch(subject=clock.round, note=f"“{label(Stage(clock.stage))}”阶段 {note}", when=_from_to(old, clock)))
        unsent = Unsent(work)
        for item in items:
            old = item.due_day
            due, planned = moved_by_hand(work, item, self.due_day)
            move_item(work, recorder, item, due, unsent, planned)
            touched.append(Touch(subject=item.subject, note=f"{label(WorkKind(item.kind))} {note}", when=_from_to(old, item)))
        return tuple(touched)

    def _what(self, work: "Work") -> str:
        if self.kind is not None:
            return label(self.kind)
        return "本届未办结事项" if self.whole_round else f"{label(Stage(work.round.state))}阶段"

    def _items(self, work: "Work", clock: StageClock | None) -> tuple[list[WorkItem], list[WorkItem]]:
        """Give the work that moves, and what would go back with its stage but was never planned so early."""
        if self.kind is not None:
            return self._of_kind(work), []
        open_ones = [item for item in work.open_items() if item.kind != WorkKind.NOTICE_COMPLETION]
        if self.whole_round:
            return [item for item in open_ones if item.due_day < self.due_day], []
        if clock is not None and self.due_day < clock.due_day:
            return brought_back(work, clock, open_ones, self.due_day)
        return [item for item in open_ones if clock and goes_along(work, clock, item, self.due_day)], []

    def _of_kind(self, work: "Work") -> list[WorkItem]:
        wanted = self.subject.strip()
        of_kind = [item for item in work.open_items() if item.kind == self.kind]
        return [item for item in of_kind if not wanted or wanted in (item.subject, item.id, item.owner)]

    def _misplaced(self, work: "Work", clock: StageClock | None, items: list[WorkItem]) -> list[Refusal]:
        refusals = list(round_may(work))
        if clock is None:
            unopened = Refusal("no-stage", f"本届还没有启动，没有可以延长的期限，请在 {work.round.opens_on:%Y-%m-%d} 启动后再办理")
            return refusals or [unopened]
        if self.kind is not None:
            return refusals + self._work_misplaced(work, clock, items)
        if self.stage is not None and self.stage != clock.stage:
            refusals.append(not_running(work, self.stage, Stage(clock.stage)))
        refusals += self._stage_misplaced(work, clock, items)
        return refusals + across_next(work, clock, self.due_day)

    def _stage_misplaced(self, work: "Work", clock: StageClock, items: list[WorkItem]) -> list[Refusal]:
        if not self.whole_round:
            refusal = not_to_be_moved(work, clock, "本阶段现在的截止日", self.due_day)
            return [refusal] if refusal is not None else []
        if self.due_day > clock.due_day or items or clock.due_day < work.today:
            return []
        mend = "；要收回延长的，请选“本阶段”或某一类待办"
        return [Refusal("not-later", f"新期限须晚于本阶段现在的截止日 {clock.due_day:%Y-%m-%d}{mend if clock.planned_from else ''}")]

    def _work_misplaced(self, work: "Work", clock: StageClock, items: list[WorkItem]) -> list[Refusal]:
        refusals = []
        if self.kind == WorkKind.NOTICE_COMPLETION:
            answer = f"“{label(WorkKind.OBJECTION_ANSWER)}”"
            refusals.append(Refusal("notice-fixed", f"公示期以公布的为准，不能单独延长；答复异议需要更多时间的，请延长本阶段或{answer}"))
        if not items:
            refusals.append(no_such_work(work, self.kind, self.subject.strip()))
        if self.due_day > clock.due_day:
            refusals.append(Refusal("beyond-stage", f"超出本阶段截止日 {clock.due_day:%Y-%m-%d}，请先延长本阶段"))
        return refusals + cannot_move(work, items, self.due_day)


class HoldRound(Command):
    """Stop a round's clock: nothing falls due, nothing reminds, and no nomination moves until it is released."""

    title: ClassVar[str] = "暂停本届"
    once: ClassVar[bool] = True
    after_clock: ClassVar[bool] = True

    reason: str
    document: str = ""

    def plan(self, work: "Work") -> Outcome:
        """Refuse a round that is on hold already or has ended, and a hold without a reason."""
        refusals = [*round_may(work, RoundTrigger.HOLD)]
        if not self.reason.strip():
            refusals.append(Refusal("reason-missing", "须写明暂停的理由"))
        if refusals:
            raise CommandRefused("不能暂停", refusals)
        recorder = work.record("round_held", work.round.slug, document=self.document, payload=concerned(work))
        recorder.update(Round, work.round, held=True, held_at=work.now)
        work.keep_text(recorder, "reason", self.reason)
        return Outcome(summary=f"本届已暂停计时，{_what_waits(work)}", touched=(Touch(subject=self.round),))


def _what_waits(work: "Work") -> str:
    """Say what a hold stops, and what it will move: nothing before the release, which is previewed."""
    if work.round.state == RoundState.PLANNED:
        return "恢复前不启动；恢复时启动日期按暂停的工作日数顺延"
    count = sum(item.kind != WorkKind.NOTICE_COMPLETION for item in work.open_items())
    return f"恢复前不催办、不到期；期限现在不改，恢复时 {count} 项未办待办和本阶段一并按暂停的工作日数顺延"


class ReleaseRound(Command):
    """Start a round's clock again: everything open is due as many working days later as the hold took.

    So what was left when the hold began is left when it ends, at least the day itself, or the next working day. What was
    opened in the hold is due later by the working days since its own opening, unless it is due with its stage. A round that
    is still planned opens as many working days later; a day that was given for that in the hold, by those since.
    """

    title: ClassVar[str] = "恢复计时"
    once: ClassVar[bool] = True
    bulk: ClassVar[bool] = True

    def plan(self, work: "Work") -> Outcome:
        """Refuse a round that is not on hold. A public notice has run its days before the public and stays as it is."""
        row = work.round
        refusals = list(round_may(work, RoundTrigger.RELEASE))
        if refusals or row.held_at is None:
            raise CommandRefused("不能恢复计时", refusals)
        held = min(work.calendar.local(row.held_at).date(), work.today)  # a clock set back in the hold takes no day away
        if row.state == RoundState.PLANNED:
            held = held_from(work, held)
        days = work.calendar.working_days_between(held, work.today)
        recorder = work.record("round_released", row.slug, payload={"working_days": days, **concerned(work)})
        recorder.update(Round, row, held=False, held_at=None)
        if row.state == RoundState.PLANNED:
            return _open_later(work, recorder, held, days)
        items = [item for item in work.open_items() if item.kind != WorkKind.NOTICE_COMPLETION]
        unsent = Unsent(work)
        moved = [_item_later(work, recorder, item, held, unsent) for item in items]
        stages = [_stage_later(work, recorder, each, held) for each in work.records.where(StageClock, round=row.slug, concluded_at=None)]
        touched = (*stages, *moved)
        unsure = "" if work.calendar.is_span_announced(held, work.today) else _UNSURE
        stands = all("→" not in each.when for each in touched)
        if not days and not stands:
            recorder.entry.payload["put_off"] = True  # what was due on the first day: whoever owes it has to hear so
        moved_by = f"期限顺延 {days} 个工作日" if days else f"暂停没有占去工作日{'，期限不变' if stands else ''}"
        return Outcome(summary=f"本届恢复计时，{moved_by}{unsure}", touched=touched, data={UNDOES: True})


def _item_later(work: "Work", recorder: "Recorder", item: WorkItem, held: date, unsent: Unsent) -> Touch:
    old, holds = item.due_day, held_for(work, item, held)
    move_item(work, recorder, item, again(work, item, holds), unsent, planned_past(item, holds))
    return Touch(subject=item.subject, note=label(WorkKind(item.kind)), when=_from_to(old, item))


def _stage_later(work: "Work", recorder: "Recorder", clock: StageClock, held: date) -> Touch:
    old, holds = clock.due_day, held_for(work, clock, held)
    move_stage(work, recorder, clock, again(work, clock, holds), planned_past(clock, holds))
    return Touch(subject=clock.round, note=f"“{label(Stage(clock.stage))}”阶段", when=_from_to(old, clock))


def _before(clock: StageClock | None, items: list[WorkItem]) -> dict[str, object]:
    """Tell the ledger what was due when: the stage, or all of it, from one day; what was due on another, by itself."""
    days = {item.due_day for item in items}
    common = clock.due_day if clock is not None else min(days)
    other = {item.id: item.due_day for item in items if item.due_day != common}
    return ({"from": common} if clock is not None or not other else {}) | (
        {"was": {item.id: item.due_day for item in items}} if other else {}
    )


def _from_to(old: date, row: WorkItem | StageClock) -> str:
    """Say from which day to which a due day moves; no part of the plan, which holds on whatever day it is carried out."""
    day = f"{old:%Y-%m-%d} 不变" if old == row.due_day else f"{old:%Y-%m-%d} → {row.due_day:%Y-%m-%d}"
    return f"{day}{'（暂定）' if row.provisional else ''}"


def _open_later(work: "Work", recorder: "Recorder", held: date, days: int) -> Outcome:
    """Move the opening of a round that was held before it; a hold within one day moves nothing, not even off a rest day."""
    row = work.round
    old, due = row.opens_on, opening(work, [Hold(held, work.today)] if held < work.today else [])
    recorder.update(Round, row, **opening_columns(due))
    if not days and due.day != old:
        recorder.entry.payload["put_off"] = True
    unsure = _UNSURE if due.provisional else ""
    by = f"启动日期顺延 {days} 个工作日" if days else "暂停没有占去工作日"
    moved = f"{by}，启动日期不变{unsure}" if due.day == old else f"{by}，将于 {due.day:%Y-%m-%d} 启动{unsure}"
    when = f"{old:%Y-%m-%d} 不变" if due.day == old else f"{old:%Y-%m-%d} → {due.day:%Y-%m-%d}{'（暂定）' if due.provisional else ''}"
    return Outcome(summary=f"本届恢复计时，{moved}", touched=(Touch(subject=row.slug, note="启动日期", when=when),), data={UNDOES: True})
