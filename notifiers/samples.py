"""Every kind of message with made-up facts, so that its wording can be read before anything is sent."""

from datetime import date

from config.calendar import WorkCalendar
from config.labels import label
from config.programme import Programme
from config.vocabulary import Audience, BenefitKind, Stage, WorkKind
from notifiers.answers import GONE, NO_CONTACT
from notifiers.kinds import ABOUT_ROUND, ABOUT_WORK, MessageKind
from notifiers.moved_days import moved, notice_days
from notifiers.owed import Owed, owed_facts, owed_lines
from notifiers.rendering import Common, Rendered, render
from notifiers.sections import Section
from notifiers.undelivered import mended_by
from notifiers.wording import Due, Line, due_on, full_day
from states.ladders import work_steps

K = MessageKind
_DATED = frozenset({K.INTAKE_OPENED, K.DEADLINE_EXTENDED})
_WHOLE_ROUND = frozenset(
    {WorkKind.CLOSE_INTAKE, WorkKind.ASSIGNMENT, WorkKind.REVIEW_CONCLUSION, WorkKind.RESOLUTION, WorkKind.PUBLICATION}
    | {WorkKind.GOVERNMENT_DOCUMENT, WorkKind.FILL_VACANCY, WorkKind.STAGE_CONCLUSION}
)
_NOTES = {
    K.RETURNED: "须补正：证明材料；理由：缺少获奖证书复印件",
    K.REJECTED: "理由：不是工会会员",
    K.DECLINED: "长河街道总工会不同意推荐：材料不实",
    K.RESERVED: "递补顺序第1",
    K.BENEFIT_GRANTED: "证书",
    K.OBJECTION_FILED: "异议 1",
    K.OBJECTION_DISMISSED: "异议 1",
}
_TO_OFFICE = frozenset({K.ESCALATION, K.DELIVERY_FAILED})
_OVER = frozenset({K.WORK_DROPPED, K.WORK_REASSIGNED})
_DETAILS = {
    WorkKind.BENEFIT: label(BenefitKind.CERTIFICATE),
    WorkKind.OBJECTION_ANSWER: "异议 1",
    WorkKind.CLEARANCE: "依法纳税情况",
}


def preview(
    kind: MessageKind,
    programme: Programme,
    today: date,
    *,
    work: WorkKind = WorkKind.ENDORSEMENT,
    audience: Audience = Audience.SUPERIOR,
    days: int | None = None,
    calendar: WorkCalendar | None = None,
) -> Rendered:
    """Write a kind of message for made-up nominations, due ``days`` working days after ``today`` in the programme's zone.

    ``work`` and ``audience`` matter to messages about work items only. Negative days are overdue; without any, as
    ``days_of`` the kind.
    """
    calendar = calendar or WorkCalendar(programme.zone)
    reader = programme.bodies.office if kind in _TO_OFFICE else "长河街道总工会"
    common = Common(programme, programme.slug, reader, "http://127.0.0.1:4200", today, "0" * 32)
    days = days_of(kind, programme, work) if days is None else days
    return render([sample(kind, programme, calendar, today, work, audience, days)], common)


def days_of(kind: MessageKind, programme: Programme, work: WorkKind) -> int:
    """Give in how many working days a sample is due: only what is overdue is escalated, and a reminder leaves on the first day of its ladder."""
    if kind == K.REMINDER:
        return next((-offset for offset in reminders(programme, work)), 0)
    return -2 if kind == K.ESCALATION else 3


def reminders(programme: Programme, work: WorkKind) -> list[int]:
    """Give the working days from the due day on which a programme reminds of a kind of work, minus before it, the first one first."""
    return sorted(step.offset for step in work_steps(programme, work) if step.audience == Audience.OWNER)


def sample(
    kind: MessageKind, programme: Programme, calendar: WorkCalendar, today: date, work: WorkKind, audience: Audience, days: int
) -> Section:
    """Give the made-up facts of a kind of message."""
    due = due_on(calendar, calendar.shift(today, days), today, provisional=False)
    if kind in ABOUT_WORK or kind in _OVER:
        facts = {"audience": audience.value, "clause": _clause(programme, work), "owner": "西兴街道总工会"}
        facts |= {"masked_owner": facts["owner"], "was": full_day(today)}
        return Section(kind, work, due if kind not in _OVER else None, facts, _lines(programme, work))
    if kind in ABOUT_ROUND or kind == K.INTAKE_OPENED:
        facts = {"document": "", "version": "2", "reason": "上级统一安排调整", "extended": "申报推荐阶段", "working_days": "4", "back": ""}
        moved_on = {"stages": [{"id": Stage.INTAKE.value, "from": today.isoformat(), "to": due.day.isoformat()}]}
        facts |= moved(moved_on, lambda _: due)
        if kind == K.ROUND_RELEASED:
            return _after_hold(programme, due, facts)
        return Section(kind, due=due if kind in _DATED else None, facts=facts)
    if kind == K.DELIVERY_FAILED:
        return _undelivered(programme, due)
    notice = calendar.notice_window(today, programme.notice.working_days)
    last = due_on(calendar, notice.last_day, today, provisional=False)
    facts = {"document": "滨政发〔2023〕18号"} | notice_days(notice.first_day, last)
    lines = (Line(programme.number(7), "张建国", _NOTES.get(kind, "")), Line(programme.number(12), "李秀英", _NOTES.get(kind, "")))
    return Section(kind, due=due if kind == K.RETURNED else None, facts=facts, lines=lines)


def _undelivered(programme: Programme, due: Due) -> Section:
    """Give what the office hears of an expert who has left and of a unit without an address."""
    sheets = Owed(WorkKind.SCORE_SHEET, due, 1, (programme.number(1),)).text
    owed = Owed(WorkKind.ENDORSEMENT, due, 2, (programme.number(2), programme.number(3)))
    lines = (
        Line("ZJ03", "钱评三", f"{GONE}；没有送到的是：{sheets}", brief=sheets),
        Line("西兴街道总工会", note=f"{NO_CONTACT}；没有送到的是：{owed.text}", brief=owed.text),
    )
    return Section(K.DELIVERY_FAILED, facts=mended_by(office=True, left=True), lines=lines)


def _after_hold(programme: Programme, due: Due, facts: dict[str, str]) -> Section:
    """Give what a release tells somebody who owes two opinions."""
    owed = [Owed(WorkKind.ENDORSEMENT, due, 2, (programme.number(7), programme.number(12)))]
    facts |= {"stage": label(Stage.INTAKE), "opens": "", "opens_english": ""} | owed_facts(owed)
    return Section(K.ROUND_RELEASED, due=due, facts=facts, lines=owed_lines(owed))


def _clause(programme: Programme, work: WorkKind) -> str:
    if work == WorkKind.CLEARANCE:
        return ""
    if work == WorkKind.ENDORSEMENT:
        return programme.recommendation.clauses[-1]
    return programme.stages[Stage.FULFILMENT if work == WorkKind.BENEFIT else Stage.QUALIFICATION].clause or ""


def _lines(programme: Programme, work: WorkKind) -> tuple[Line, ...]:
    if work in _WHOLE_ROUND:
        return ()
    return (Line(programme.number(7), "张建国", _DETAILS.get(work, "")),)
