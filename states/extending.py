"""Which day a deadline may be moved to, and what else an order to move one gets wrong: each refusal with its mend."""

from datetime import date, timedelta

from config.labels import label
from config.nearest import instead, nearest
from config.vocabulary import Stage, WorkKind
from states.errors import Refusal
from states.obligations import due_with_stage, stage_clock
from states.planned import earliest, not_to_be_moved
from states.progress import stage_of
from states.tables import StageClock, WorkItem
from states.work import Work

_DAY = timedelta(days=1)
_LIMITS = ("not-later", "before-planned")


def running_clock(work: Work) -> StageClock | None:
    """Give the clock of the stage that the round is in; None before the first and after the last."""
    stage = stage_of(work.round.state)
    return stage_clock(work, stage) if stage else None


def kind_missing(work: Work, subject: str) -> Refusal:
    """Refuse to extend a whole stage for one subject's sake, and name the kinds of work that are open on it."""
    found = [item for item in work.open_items() if subject in (item.subject, item.id, item.owner)]
    kinds = "、".join(f"“{label(kind)}”" for kind in dict.fromkeys(WorkKind(item.kind) for item in found))
    near = _nearest(work, work.open_items(), subject)
    mend = f"请在“延长什么”里选一类待办，与之有关的有{kinds}" if kinds else f"请在“延长什么”里选一类待办，并核对编号{near}"
    return Refusal("kind-missing", f"填了“只限编号”（{subject}），却没有选待办种类，编号不起作用；{mend}；要延长整个阶段的，请把编号留空")


def no_such_work(work: Work, kind: WorkKind | None, subject: str) -> Refusal:
    """Name the numbers of such work that are nearest to the one given, or the kinds that are open at all."""
    of_kind = [item for item in work.open_items() if item.kind == kind]
    if of_kind:
        return Refusal("no-such-work", f"没有这样的待办，请核对编号{_nearest(work, of_kind, subject)}")
    kinds = "、".join(dict.fromkeys(f"“{label(WorkKind(item.kind))}”" for item in work.open_items()))
    return Refusal("no-such-work", f"没有这样的待办，请核对待办种类；未办的有{kinds or '：无'}")


def _nearest(work: Work, items: list[WorkItem], subject: str) -> str:
    """Name the subjects and owners nearest to what was given, or what there is; a work item's own number only to whoever gave such a one."""
    known = [*(item.subject for item in items), *(item.owner for item in items)]
    own = {item.id: item for item in items}
    near = nearest(subject, [*known, *own]) if subject.startswith(f"{work.round.slug}-") else []
    if not near:
        return instead(subject, known)
    told = [f"“{each}”{_told(own[each])}" if each in own else f"“{each}”" for each in near]
    return f"；最接近的是{'、'.join(told)}"


def _told(item: WorkItem) -> str:
    """Say what a number stands for: nobody knows a work item by it."""
    return f"（{item.subject} {label(WorkKind(item.kind))}，{item.owner}，{item.due_day:%m-%d} 到期）"


def not_running(work: Work, stage: Stage, present: Stage) -> Refusal:
    """Refuse a stage that is over or still to come, and say which one runs."""
    over = stage_clock(work, stage) is not None
    reason = "已经办结，不能延长" if over else "还没有开始，其期限自开始之日起算"
    return Refusal("stage-not-running", f"“{label(stage)}”阶段{reason}；现在可以延长的是“{label(present)}”阶段")


def across_next(work: Work, clock: StageClock, day: date) -> list[Refusal]:
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


def bad_day(work: Work, day: date) -> list[Refusal]:
    """Refuse a day that is over or is no working day, with the nearest one that would do."""
    if day < work.today:
        return [Refusal("past", f"新期限 {day:%Y-%m-%d} 已经过去，请写 {work.today:%Y-%m-%d} 或以后的工作日")]
    if not work.calendar.is_working_day(day):
        return [Refusal("rest-day", f"{day:%Y-%m-%d} 是休息日，其后的第一个工作日是 {work.calendar.shift(day, 0):%Y-%m-%d}")]
    return []


def one_limit(bad: list[Refusal], misplaced: list[Refusal]) -> list[Refusal]:
    """Put together what is wrong with a day; of two that it would have to be after only the later is named, which is not over."""
    later = any(each.code in _LIMITS for each in misplaced)
    return misplaced if later else [*bad, *misplaced]


def cannot_move(work: Work, items: list[WorkItem], day: date) -> list[Refusal]:
    """Refuse work that is due on that day already or was never planned so early, and an order that gives time to some and takes it from others."""
    found = [not_to_be_moved(work, item, f"{item.subject} 现在的期限", day) for item in items]
    refusals = [refusal for refusal in found if refusal is not None]
    shorter = [item for item in items if day < item.due_day]
    if refusals or len(shorter) in (0, len(items)):
        return refusals
    mend = "其余的更早：延长和收回不能一次办理，请用“只限编号”分开办"
    return [Refusal("both-ways", f"{item.subject} 现在的期限 {item.due_day:%Y-%m-%d} 晚于新期限，{mend}") for item in shorter]


def goes_along(work: Work, clock: StageClock, item: WorkItem, day: date) -> bool:
    """Say whether work is given the later day of its stage: it is due with that, also where it was opened too late for the stage's own day."""
    if item.stage != clock.stage:
        return False
    return item.due_day == clock.due_day or (due_with_stage(work, item) and item.due_day < day)


def brought_back(work: Work, clock: StageClock, items: list[WorkItem], day: date) -> tuple[list[WorkItem], list[WorkItem]]:
    """Give the work of a stage that goes back with it to a day, and what would but was not planned so early: it stays.

    What was extended by itself to beyond that day goes back too: no work is extended to beyond its stage.
    """
    mine = [item for item in items if item.stage == clock.stage and item.due_day > day]
    mine = [item for item in mine if item.due_day == clock.due_day or item.planned_from is not None]
    back = [item for item in mine if (first := earliest(work, item)) is not None and first <= day]
    return back, [item for item in mine if item not in back]
