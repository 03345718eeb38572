"""Changing time: a later deadline, a round on hold, a round released. Steps already sent are never sent again."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar

from config.labels import label
from config.nearest import instead
from config.vocabulary import RoundState, RoundTrigger, Stage, WorkKind
from states.command import Command
from states.due_times import later, move_item, move_stage
from states.errors import CommandRefused, Refusal
from states.far_days import too_far
from states.obligations import stage_clock
from states.outcome import Outcome, Touch
from states.progress import round_may, stage_of
from states.tables import Round, StageClock, WorkItem
from states.unsent import Unsent

if TYPE_CHECKING:
    from states.work import Recorder, Work

_DAY = timedelta(days=1)


class ExtendDeadline(Command):
    """Give more time: for the whole round, for the present stage, or for open work of one kind.

    ``due_day`` is the new last day in the programme's zone. The whole round is its present stage and everything open that
    is due before that day. The stage, which may be named in ``stage``, takes along the work that is due with it. With
    ``kind`` the stage stays as it is; ``subject`` narrows the work to a nomination, a batch, an owner's id, or one work
    item's own id; without ``kind`` it is refused. What was sent stays sent; a public notice has its own window and moves by none of these.
    """

    title: ClassVar[str] = "延长期限"
    bulk: ClassVar[bool] = True
    after_clock: ClassVar[bool] = True

    due_day: date
    reason: str
    whole_round: bool = False
    stage: Stage | None = None
    kind: WorkKind | None = None
    subject: str = ""

    def plan(self, work: "Work") -> Outcome:
        """Refuse a day that is past, a rest day, no later than now, beyond the stage or across the next one."""
        far = list(too_far("新期限", self.due_day, work.today))
        if far:
            raise CommandRefused("不能延长期限", far)
        items = self._items(work)
        refusals = [*_bad_day(work, self.due_day), *self._misplaced(work, items)]
        if self.kind is None and self.subject.strip():
            refusals.append(_kind_missing(work, self.subject.strip()))
        if not self.reason.strip():
            refusals.append(Refusal("reason-missing", "须写明延长的理由"))
        if refusals:
            raise CommandRefused("不能延长期限", refusals)
        what = self._what(work)
        payload = {"items": [item.id for item in items], "due_day": self.due_day, "extended": what}
        recorder = work.record("deadline_extended", work.round.slug, payload=payload)
        work.keep_text(recorder, "reason", self.reason)
        due = work.calendar.after(self.due_day, 0)
        clock = _running_clock(work)
        if self.kind is None and clock is not None and clock.due_day < self.due_day:
            move_stage(work, recorder, clock, due)
        unsent = Unsent(work)
        for item in items:
            move_item(work, recorder, item, due, unsent)
        touched = [Touch(subject=item.subject, note=f"{label(WorkKind(item.kind))} 延至 {self.due_day:%Y-%m-%d}") for item in items]
        return Outcome(summary=f"{what}延至 {self.due_day:%Y-%m-%d}，顺延待办 {len(items)} 项", touched=tuple(touched))

    def _what(self, work: "Work") -> str:
        if self.kind is not None:
            return label(self.kind)
        return "本届未办结事项" if self.whole_round else f"{label(Stage(work.round.state))}阶段"

    def _items(self, work: "Work") -> list[WorkItem]:
        if self.kind is not None:
            return self._of_kind(work)
        open_ones = [item for item in work.open_items() if item.kind != WorkKind.NOTICE_COMPLETION]
        if self.whole_round:
            return [item for item in open_ones if item.due_day < self.due_day]
        clock = _running_clock(work)
        return [item for item in open_ones if clock and item.stage == clock.stage and item.due_day == clock.due_day]

    def _of_kind(self, work: "Work") -> list[WorkItem]:
        wanted = self.subject.strip()
        of_kind = [item for item in work.open_items() if item.kind == self.kind]
        return [item for item in of_kind if not wanted or wanted in (item.subject, item.id, item.owner)]

    def _misplaced(self, work: "Work", items: list[WorkItem]) -> list[Refusal]:
        refusals = list(round_may(work))
        clock = _running_clock(work)
        if clock is None:
            return [*refusals, Refusal("no-stage", "本届不在任何有期限的阶段")]
        if self.kind is not None:
            return refusals + self._work_misplaced(work, clock, items)
        if self.stage is not None and self.stage != clock.stage:
            refusals.append(_not_running(work, self.stage, Stage(clock.stage)))
        if self.due_day <= clock.due_day and not (self.whole_round and items):
            refusals.append(Refusal("not-later", f"新期限须晚于本阶段现在的截止日 {clock.due_day:%Y-%m-%d}"))
        return refusals + _across_next(work, clock, self.due_day)

    def _work_misplaced(self, work: "Work", clock: StageClock, items: list[WorkItem]) -> list[Refusal]:
        refusals = []
        if self.kind == WorkKind.NOTICE_COMPLETION:
            refusals.append(Refusal("notice-fixed", "公示期由公示本身决定，不能单独延长"))
        if not items:
            refusals.append(_no_such_work(work, self.kind, self.subject.strip()))
        if self.due_day > clock.due_day:
            refusals.append(Refusal("beyond-stage", f"超出本阶段截止日 {clock.due_day:%Y-%m-%d}，请先延长本阶段"))
        earlier = [item for item in items if self.due_day <= item.due_day]
        return refusals + [Refusal("not-later", f"{item.subject} 现在的期限 {item.due_day:%Y-%m-%d} 不早于新期限") for item in earlier]


class HoldRound(Command):
    """Stop a round's clock: nothing falls due, nothing reminds, and no nomination moves until it is released."""

    title: ClassVar[str] = "暂停本届"
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
        recorder = work.record("round_held", work.round.slug, document=self.document)
        recorder.update(Round, work.round, held=True, held_at=work.now)
        work.keep_text(recorder, "reason", self.reason)
        return Outcome(summary="本届已暂停计时，恢复前不催办、不到期", touched=(Touch(subject=self.round),))


class ReleaseRound(Command):
    """Start a round's clock again: everything open is due as many working days later as the hold took.

    What was opened in the hold is due later by the working days since its own opening, unless it is due with its stage. A
    round that is still planned opens as many working days later.
    """

    title: ClassVar[str] = "恢复计时"
    bulk: ClassVar[bool] = True

    def plan(self, work: "Work") -> Outcome:
        """Refuse a round that is not on hold. A public notice has run its days before the public and stays as it is."""
        row = work.round
        refusals = list(round_may(work, RoundTrigger.RELEASE))
        if refusals or row.held_at is None:
            raise CommandRefused("不能恢复计时", refusals)
        held = min(work.calendar.local(row.held_at).date(), work.today)  # a clock set back in the hold takes no day away
        days = work.calendar.working_days_between(held, work.today)
        recorder = work.record("round_released", row.slug, payload={"working_days": days})
        recorder.update(Round, row, held=False, held_at=None)
        if row.state == RoundState.PLANNED:
            return _open_later(work, recorder, days)
        items = [item for item in work.open_items() if item.kind != WorkKind.NOTICE_COMPLETION]
        unsent = Unsent(work)
        moved = [_item_later(work, recorder, item, held, unsent) for item in items]
        stages = [_stage_later(work, recorder, each, held) for each in work.records.where(StageClock, round=row.slug, concluded_at=None)]
        touched = (*stages, *moved)
        unsure = "" if work.calendar.is_span_announced(held, work.today) else "（暂定：放假安排公布后重新排定）"
        return Outcome(summary=f"本届恢复计时，期限顺延 {days} 个工作日{unsure}", touched=touched)


def _item_later(work: "Work", recorder: "Recorder", item: WorkItem, held: date, unsent: Unsent) -> Touch:
    old = item.due_day
    move_item(work, recorder, item, later(work, item, held), unsent)
    return Touch(subject=item.subject, note=f"{label(WorkKind(item.kind))} 顺延", when=_from_to(old, item))


def _stage_later(work: "Work", recorder: "Recorder", clock: StageClock, held: date) -> Touch:
    old = clock.due_day
    move_stage(work, recorder, clock, later(work, clock, held))
    return Touch(subject=clock.round, note=f"“{label(Stage(clock.stage))}”阶段顺延", when=_from_to(old, clock))


def _from_to(old: date, row: WorkItem | StageClock) -> str:
    """Say from which day to which a due day moves; no part of the plan, which holds on whatever day it is carried out."""
    day = f"{old:%Y-%m-%d} 不变" if old == row.due_day else f"{old:%Y-%m-%d} → {row.due_day:%Y-%m-%d}"
    return f"{day}{'（暂定）' if row.provisional else ''}"


def _open_later(work: "Work", recorder: "Recorder", days: int) -> Outcome:
    """Move the opening of a round that was held before it; a hold within one day moves nothing, not even off a rest day."""
    row = work.round
    old = row.opens_on
    if days:
        recorder.update(Round, row, opens_on=work.calendar.shift(old, days))
    summary = f"本届恢复计时，启动日期顺延 {days} 个工作日，将于 {row.opens_on:%Y-%m-%d} 启动"
    return Outcome(
        summary=summary, touched=(Touch(subject=row.slug, note="启动日期顺延", when=f"{old:%Y-%m-%d} → {row.opens_on:%Y-%m-%d}"),)
    )


def _running_clock(work: "Work") -> StageClock | None:
    stage = stage_of(work.round.state)
    return stage_clock(work, stage) if stage else None


def _kind_missing(work: "Work", subject: str) -> Refusal:
    """Refuse to extend a whole stage for one subject's sake, and name the kinds of work that are open on it."""
    found = [item for item in work.open_items() if subject in (item.subject, item.id, item.owner)]
    kinds = "、".join(f"“{label(kind)}”" for kind in dict.fromkeys(WorkKind(item.kind) for item in found))
    near = instead(subject, _numbers(work.open_items()))
    mend = f"请在“延长什么”里选一类待办，与之有关的有{kinds}" if kinds else f"请在“延长什么”里选一类待办，并核对编号{near}"
    return Refusal("kind-missing", f"填了“只限编号”（{subject}），却没有选待办种类，编号不起作用；{mend}；要延长整个阶段的，请把编号留空")


def _no_such_work(work: "Work", kind: WorkKind | None, subject: str) -> Refusal:
    """Name the numbers of such work that are nearest to the one given, or the kinds that are open at all."""
    of_kind = [item for item in work.open_items() if item.kind == kind]
    if of_kind:
        return Refusal("no-such-work", f"没有这样的待办，请核对编号{instead(subject, _numbers(of_kind))}")
    kinds = "、".join(dict.fromkeys(f"“{label(WorkKind(item.kind))}”" for item in work.open_items()))
    return Refusal("no-such-work", f"没有这样的待办，请核对待办种类；未办的有{kinds or '：无'}")


def _numbers(items: list[WorkItem]) -> list[str]:
    """Give whatever a work item may be named by: its subject, its owner, itself."""
    return [*(item.subject for item in items), *(item.owner for item in items), *(item.id for item in items)]


def _not_running(work: "Work", stage: Stage, present: Stage) -> Refusal:
    """Refuse a stage that is over or still to come, and say which one runs."""
    over = stage_clock(work, stage) is not None
    reason = "已经办结，不能延长" if over else "还没有开始，其期限自开始之日起算"
    return Refusal("stage-not-running", f"“{label(stage)}”阶段{reason}；现在可以延长的是“{label(present)}”阶段")


def _across_next(work: "Work", clock: StageClock, day: date) -> list[Refusal]:
    """Refuse a day after which, as things are planned, the next stage would be over: more likely a slip than an extension."""
    stages = [*work.programme.stages.items()]
    later = stages[[stage for stage, _ in stages].index(Stage(clock.stage)) + 1 :]
    following = next(((stage, rule) for stage, rule in later if not rule.skip), None)
    if following is None:
        return []
    stage, rule = following
    # Intake runs its whole last day, and the next stage counts from the day after; any other may be followed on its last day.
    start = clock.due_day + _DAY if clock.stage == Stage.INTAKE else clock.due_day
    end = work.calendar.after(start, rule.working_days).day
    if day <= end:
        return []
    mend = "请核对日期；确需更久的，先暂停本届（hold-round），或分次延长"
    return [Refusal("crosses-next-stage", f"越过了下一阶段“{label(stage)}”按现在的安排应当结束的 {end:%Y-%m-%d}，{mend}")]


def _bad_day(work: "Work", day: date) -> list[Refusal]:
    """Refuse a day that is over or is no working day, with the nearest one that would do."""
    if day < work.today:
        return [Refusal("past", f"新期限 {day:%Y-%m-%d} 已经过去")]
    if not work.calendar.is_working_day(day):
        return [Refusal("rest-day", f"{day:%Y-%m-%d} 是休息日，其后的第一个工作日是 {work.calendar.shift(day, 0):%Y-%m-%d}")]
    return []
