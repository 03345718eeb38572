"""Changing time: a later deadline, a round on hold, a round released. Steps already sent are never sent again."""

from datetime import date
from typing import TYPE_CHECKING, ClassVar

from config.calendar import DueDate
from config.labels import label
from config.vocabulary import RoundTrigger, Stage, WorkKind
from states.command import Command
from states.due_times import later, move_item, move_stage
from states.errors import CommandRefused, Refusal
from states.obligations import stage_clock
from states.outcome import Outcome, Touch
from states.progress import round_may, stage_of
from states.tables import Round, StageClock, WorkItem

if TYPE_CHECKING:
    from states.work import Recorder, Work


class ExtendDeadline(Command):
    """Give more time: for the present stage with the work that is due with it, or for open work of one kind.

    ``due_day`` is the new last day in the programme's zone. With ``kind`` the stage stays as it is; ``subject`` narrows
    the work to one nomination, batch or round.
    """

    title: ClassVar[str] = "延长期限"
    bulk: ClassVar[bool] = True

    due_day: date
    reason: str
    kind: WorkKind | None = None
    subject: str = ""

    def plan(self, work: "Work") -> Outcome:
        """Refuse a day that is past, a rest day, no later than now, or beyond the stage; otherwise move unsent steps."""
        items = self._items(work)
        refusals = [*_bad_day(work, self.due_day), *self._misplaced(work, items)]
        if not self.reason.strip():
            refusals.append(Refusal("reason-missing", "须写明延长的理由"))
        if refusals:
            raise CommandRefused("不能延长期限", refusals)
        what = label(self.kind) if self.kind else f"{label(Stage(work.round.state))}阶段"
        payload = {"items": [item.id for item in items], "due_day": self.due_day, "extended": what}
        recorder = work.record("deadline_extended", work.round.slug, payload=payload)
        work.keep_text(recorder, "reason", self.reason)
        due = work.calendar.after(self.due_day, 0)
        if self.kind is None:
            self._extend_stage(work, recorder, due)
        for item in items:
            move_item(work, recorder, item, due)
        touched = [Touch(subject=item.subject, note=f"{label(WorkKind(item.kind))} 延至 {self.due_day:%Y-%m-%d}") for item in items]
        return Outcome(summary=f"{what}延至 {self.due_day:%Y-%m-%d}，顺延待办 {len(items)} 项", touched=tuple(touched))

    def _items(self, work: "Work") -> list[WorkItem]:
        if self.kind is not None:
            found = work.open_items(self.subject.strip() or None)
            return [item for item in found if item.kind == self.kind]
        stage = stage_of(work.round.state)
        clock = stage_clock(work, stage) if stage else None
        return [item for item in work.open_items() if clock and item.stage == clock.stage and item.due_day == clock.due_day]

    def _misplaced(self, work: "Work", items: list[WorkItem]) -> list[Refusal]:
        refusals = list(round_may(work))
        stage = stage_of(work.round.state)
        clock = stage_clock(work, stage) if stage else None
        if clock is None:
            return [*refusals, Refusal("no-stage", "本届不在任何有期限的阶段")]
        if self.kind is None and self.due_day <= clock.due_day:
            refusals.append(Refusal("not-later", f"新期限须晚于本阶段现在的截止日 {clock.due_day:%Y-%m-%d}"))
        if self.kind == WorkKind.NOTICE_COMPLETION:
            refusals.append(Refusal("notice-fixed", "公示期由公示本身决定，不能单独延长"))
        if self.kind is not None and not items:
            refusals.append(Refusal("no-such-work", "没有这样的待办，请核对待办种类和编号"))
        if self.kind is not None and self.due_day > clock.due_day:
            refusals.append(Refusal("beyond-stage", f"超出本阶段截止日 {clock.due_day:%Y-%m-%d}，请先延长本阶段"))
        earlier = [item for item in items if self.kind is not None and self.due_day <= item.due_day]
        return refusals + [Refusal("not-later", f"{item.subject} 现在的期限 {item.due_day:%Y-%m-%d} 不早于新期限") for item in earlier]

    def _extend_stage(self, work: "Work", recorder: "Recorder", due: DueDate) -> None:
        for clock in work.records.where(StageClock, round=work.round.slug, stage=work.round.state):
            move_stage(work, recorder, clock, due)


class HoldRound(Command):
    """Stop a round's clock: nothing falls due, nothing reminds, and no nomination moves until it is released."""

    title: ClassVar[str] = "暂停本届"

    reason: str
    document: str = ""

    def plan(self, work: "Work") -> Outcome:
        """Refuse a round that is on hold already or has ended, and a hold without a reason."""
        refusals = [*round_may(work, RoundTrigger.HOLD)]
        if not self.reason.strip():
            refusals.append(Refusal("reason-missing", "须写明暂停的理由"))
        if refusals:
            raise CommandRefused("不能暂停", refusals)
        recorder = work.record("round_held", work.round.slug, document=self.document)
        recorder.update(Round, work.round, held=True, held_at=work.now)
        work.keep_text(recorder, "reason", self.reason)
        return Outcome(summary="本届已暂停计时，恢复前不催办、不到期", touched=(Touch(subject=self.round),))


class ReleaseRound(Command):
    """Start a round's clock again: everything open is due as many working days later as the hold took."""

    title: ClassVar[str] = "恢复计时"
    bulk: ClassVar[bool] = True

    def plan(self, work: "Work") -> Outcome:
        """Refuse a round that is not on hold. A public notice has run its days before the public and stays as it is."""
        row = work.round
        refusals = list(round_may(work, RoundTrigger.RELEASE))
        if refusals or row.held_at is None:
            raise CommandRefused("不能恢复计时", refusals)
        days = work.calendar.working_days_between(work.calendar.local(row.held_at).date(), work.today)
        recorder = work.record("round_released", row.slug, payload={"working_days": days})
        recorder.update(Round, row, held=False, held_at=None)
        items = [item for item in work.open_items() if item.kind != WorkKind.NOTICE_COMPLETION]
        for item in items:
            move_item(work, recorder, item, later(work, item, days))
        for clock in work.records.where(StageClock, round=row.slug, concluded_at=None):
            move_stage(work, recorder, clock, later(work, clock, days))
        touched = tuple(Touch(subject=item.subject, note=f"{label(WorkKind(item.kind))} 顺延") for item in items)
        return Outcome(summary=f"本届恢复计时，期限顺延 {days} 个工作日", touched=touched)


def _bad_day(work: "Work", day: date) -> list[Refusal]:
    """Refuse a day that is over or is no working day, with the nearest one that would do."""
    if day < work.today:
        return [Refusal("past", f"新期限 {day:%Y-%m-%d} 已经过去")]
    if not work.calendar.is_working_day(day):
        return [Refusal("rest-day", f"{day:%Y-%m-%d} 是休息日，其后的第一个工作日是 {work.calendar.shift(day, 0):%Y-%m-%d}")]
    return []
