"""Public notice and objections (notice, N20 社会公示)."""

from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict

from config.calendar import DueDate
from config.vocabulary import Body, NominationState, ObjectionStatus, Role, Stage, Trigger, Vote, WorkKind
from states.bulk import shown
from states.command import Command
from states.errors import CommandRefused, Refusal, numbered
from states.firing import fire, touched
from states.gathering import gather, must_run, running
from states.obligations import OFFICE, finish, open_item
from states.outcome import Outcome, Skip, Touch
from states.progress import advance, ask_to_fill
from states.tables import Ballot, LedgerEntry, Nomination, NoticeBatch, Objection, ResolutionSession

if TYPE_CHECKING:
    from states.work import Work

_OBJECTABLE = (NominationState.LEADERSHIP_APPROVED, NominationState.PUBLICLY_NOTICED)


class PublishNotice(Command):
    """Record a published notice: its window opens on ``first_day`` and runs its whole working days, first day counted.

    ``nominations`` empty means everybody approved who is in no batch yet; ``document`` is the notice's number or place.
    """

    title: ClassVar[str] = "发布公示"
    bulk: ClassVar[bool] = True
    after_clock: ClassVar[bool] = True

    nominations: tuple[str, ...] = ()
    first_day: date
    document: str = ""

    def plan(self, work: "Work") -> Outcome:
        """Refuse nominees who are not approved or are noticed already, and a window before the last sitting."""
        nominees = self._nominees(work)
        window = work.calendar.notice_window(self.first_day, work.programme.notice.working_days)
        batch = f"{self.round}-n{len(work.records.where(NoticeBatch, round=self.round)) + 1}"
        numbers = [nominee.number for nominee in nominees]
        recorder = work.record("notice_published", batch, document=self.document, payload={"nominations": numbers})
        recorder.insert(
            NoticeBatch,
            id=batch,
            round=self.round,
            first_day=window.first_day,
            last_day=window.last_day,
            starts_at=window.starts_at,
            ends_at=window.ends_at,
            working_days=work.programme.notice.working_days,
            provisional=window.provisional,
            document=self.document,
        )
        for nominee in nominees:
            recorder.update(Nomination, nominee, batch=batch, version=nominee.version + 1)
        finish(work, WorkKind.PUBLICATION, self.round)
        open_item(work, WorkKind.NOTICE_COMPLETION, Stage.NOTICE, batch, OFFICE, DueDate(window.last_day, window.provisional))
        days = f"{window.first_day:%Y-%m-%d} 至 {window.last_day:%Y-%m-%d}{'（暂定）' if window.provisional else ''}"
        touches = tuple(Touch(subject=number, source=batch, note=f"公示 {days}") for number in numbers)
        return Outcome(summary=f"公示 {len(nominees)} 人，公示期 {days}", touched=touches, data={"batch": batch})

    def _nominees(self, work: "Work") -> list[Nomination]:
        approved = {each.number: each for each in work.nominations(state=NominationState.LEADERSHIP_APPROVED.value) if each.batch is None}
        wanted = [number.strip() for number in self.nominations] or list(approved)
        refusals = running(work)
        refusals += [Refusal("not-approved", f"{number} 不是已审定而未公示的人选") for number in wanted if number not in approved]
        refusals += self._too_early(work, [number for number in dict.fromkeys(wanted) if number in approved])
        if not wanted:
            refusals.append(Refusal("nobody", "没有已审定而未公示的人选"))
        if refusals:
            raise CommandRefused("不能发布公示", refusals)
        return [approved[number] for number in dict.fromkeys(wanted)]

    def _too_early(self, work: "Work", numbers: list[str]) -> list[Refusal]:
        """Refuse a window that began before a nominee was approved, or came back: the public had nobody to object to (N20)."""
        late = sorted({day for day in _approved_on(work, numbers).values() if self.first_day < day})
        refusals = [Refusal("before-sitting", f"公示首日早于审定会议（{day:%Y-%m-%d}）") for day in late]
        for entry in work.records.where(LedgerEntry, round=self.round, event="nomination_reopened", subject=numbers):
            day = work.calendar.local(datetime.fromisoformat(entry.at)).date()
            if self.first_day < day:
                refusals.append(Refusal("before-reopening", f"公示首日早于 {entry.subject} 恢复申报之日（{day:%Y-%m-%d}）"))
        return refusals


def _approved_on(work: "Work", numbers: list[str]) -> dict[str, date]:
    """Give the day of the sitting that approved each nominee, the last one where there were several."""
    held = {session.id: session.held_on for session in work.records.where(ResolutionSession, round=work.round.slug)}
    approvals = work.records.where(Ballot, round=work.round.slug, nomination=numbers, vote=Vote.APPROVE.value)
    return {each.nomination: held[each.session] for each in sorted(approvals, key=lambda each: held[each.session])}


class ObjectionRow(BaseModel):
    """One objection as received; what it says and who says it go to the vault."""

    model_config = ConfigDict(frozen=True)

    nomination: str
    objector: str = ""
    signed: bool
    phone: str = ""
    received_on: date
    postmarked_on: date | None = None
    text: str


class FileObjection(Command):
    """Register objections. A letter counts by its postmark; an unsigned one is noted and not taken up."""

    title: ClassVar[str] = "登记异议"
    bulk: ClassVar[bool] = True
    after_clock: ClassVar[bool] = True

    rows: tuple[ObjectionRow, ...]

    def plan(self, work: "Work") -> Outcome:
        """Skip objections to somebody who is not on notice, or outside the notice's window."""
        must_run(work, "异议不能登记")
        done, skipped = [], []
        for place, row in enumerate(self.rows, start=1):
            reason = _out_of_place(work, row)
            if reason:
                skipped.append(Skip(subject=shown(row.nomination, place), reason=reason))
            else:
                done.append(_file(work, row))
        if not done:
            raise CommandRefused("异议不能登记", [Refusal("none", f"{skip.subject}：{skip.reason}") for skip in skipped])
        return Outcome(summary=f"登记异议 {len(done)} 件，略过 {len(skipped)} 件", touched=tuple(done), skipped=tuple(skipped))


class AnswerRow(BaseModel):
    """How one objection was decided, with the investigation's report."""

    model_config = ConfigDict(frozen=True)

    objection: str
    upheld: bool
    report: str
    reason: str = ""


class ResolveObjection(Command):
    """Record what the leading group decided on objections; an upheld one rejects the nomination."""

    title: ClassVar[str] = "办结异议"
    roles: ClassVar[tuple[Role, ...]] = (Role.OFFICE, Role.SECRETARY)
    bulk: ClassVar[bool] = True
    after_clock: ClassVar[bool] = True

    rows: tuple[AnswerRow, ...]

    def plan(self, work: "Work") -> Outcome:
        """Skip objections that are not open or come without a report."""
        must_run(work, "异议不能办结")
        done, skipped = [], []
        for place, row in enumerate(self.rows, start=1):
            try:
                done.append(_answer(work, row))
            except CommandRefused as error:
                skipped.append(Skip(subject=shown(row.objection, place), reason=numbered(error.refusals)))
        if not done:
            raise CommandRefused("异议不能办结", [Refusal("none", f"{skip.subject}：{skip.reason}") for skip in skipped])
        ask_to_fill(work)
        advance(work)
        return Outcome(summary=f"办结异议 {len(done)} 件，略过 {len(skipped)} 件", touched=tuple(done), skipped=tuple(skipped))


def _out_of_place(work: "Work", row: ObjectionRow) -> str:
    nomination = work.nomination(row.nomination)
    batch = work.records.get(NoticeBatch, nomination.batch) if nomination and nomination.batch else None
    if nomination is None or batch is None or nomination.state not in _OBJECTABLE:
        return "该编号不在公示人选之列"
    sent_on = row.postmarked_on or row.received_on
    if not batch.first_day <= sent_on <= batch.last_day:
        return f"异议日期 {sent_on:%Y-%m-%d} 不在公示期（{batch.first_day:%m-%d} 至 {batch.last_day:%m-%d}）内"
    return "收到日期还没有到" if row.received_on > work.today else ""


def _file(work: "Work", row: ObjectionRow) -> Touch:
    nomination = work.nomination(row.nomination)
    number = f"{work.programme.number_prefix}-Y{len(work.records.where(Objection, round=work.round.slug)) + 1:03d}"
    status = ObjectionStatus.OPEN if row.signed else ObjectionStatus.NOTED
    recorder = work.record("objection_filed", row.nomination.strip(), payload={"objection": number, "status": status.value})
    recorder.insert(
        Objection,
        number=number,
        round=work.round.slug,
        nomination=row.nomination.strip(),
        batch=nomination.batch if nomination else "",
        signed=row.signed,
        received_on=row.received_on,
        postmarked_on=row.postmarked_on,
        status=status.value,
        text=work.keep_text(recorder, "objection", f"{row.objector}\n{row.phone}\n{row.text}"),
    )
    if status == ObjectionStatus.OPEN:
        open_item(work, WorkKind.OBJECTION_ANSWER, Stage.NOTICE, row.nomination.strip(), OFFICE, detail=number)
    return Touch(subject=row.nomination.strip(), target=status.value, note=f"异议 {number}")


def _answer(work: "Work", row: AnswerRow) -> Touch:
    """Decide one objection. Raises ``CommandRefused`` before anything is recorded."""
    objection = work.records.get(Objection, row.objection.strip())
    if objection is None or objection.round != work.round.slug or objection.status != ObjectionStatus.OPEN:
        running = work.records.where(Objection, round=work.round.slug, status=ObjectionStatus.OPEN.value)
        near = work.instead(row.objection, lambda: [each.number for each in running])
        raise CommandRefused(row.objection, [Refusal("not-open", f"本届没有这件在办的异议{near}")])
    if not row.report.strip():
        raise CommandRefused(row.objection, [Refusal("report-missing", "须附调查报告的文号")])
    nomination = work.nomination(objection.nomination)
    if nomination is None:
        raise LookupError(f"objection {objection.number} has no nomination")
    note = "成立" if row.upheld else "不成立"
    touch = Touch(subject=nomination.number, source=nomination.state, target=nomination.state, note=f"异议 {objection.number} {note}")
    if row.upheld:
        facts = replace(
            gather(work, [nomination])[nomination.number], upheld_objections=(objection.number,), report=True, document=row.report
        )
        touch = touched(fire(work, nomination, Trigger.UPHOLD_OBJECTION, Body.LEADING_GROUP, facts), touch.note)
    status = ObjectionStatus.UPHELD if row.upheld else ObjectionStatus.DISMISSED
    recorder = work.record("objection_resolved", nomination.number, document=row.report, payload={"objection": objection.number})
    recorder.update(Objection, objection, status=status.value, report=row.report)
    if row.reason.strip():
        work.keep_text(recorder, "reason", row.reason)
    finish(work, WorkKind.OBJECTION_ANSWER, nomination.number, detail=objection.number)
    return touch
