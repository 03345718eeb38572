"""Qualification: every finding shown, waived where its strength allows, confirmed where it needs a person (N4-N16, N20)."""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict

from config.calendar import DueDate
from config.vocabulary import WAIVABLE, Body, FindingResult, Stage, Trigger, WorkKind
from states.bulk import each_or_skip
from states.command import Command
from states.errors import CommandRefused, Refusal
from states.facts import Facts
from states.firing import fire, touched
from states.gathering import finding_facts
from states.obligations import open_item
from states.outcome import Outcome, Touch
from states.tables import Finding, Nomination

if TYPE_CHECKING:
    from states.work import Recorder, Work

ALL = "全部"
"""In ``confirmed``: everything that needs a person was looked at and holds."""


class Verdict(StrEnum):
    """What the office decides on one nomination."""

    QUALIFY = "qualify"
    RETURN = "return"
    REJECT = "reject"


class VerdictRow(BaseModel):
    """One verdict. ``confirmed`` and ``waived`` hold clauses (N9) or condition ids; ``fields`` the columns to mend."""

    model_config = ConfigDict(frozen=True)

    nomination: str
    verdict: Verdict
    confirmed: tuple[str, ...] = ()
    waived: tuple[str, ...] = ()
    reason: str = ""
    fields: tuple[str, ...] = ()
    document: str = ""


class RecordQualification(Command):
    """Record the office's verdicts: qualify (with waivers), return for correction, or reject."""

    title: ClassVar[str] = "登记资格审核"
    bulk: ClassVar[bool] = True

    rows: tuple[VerdictRow, ...]

    def plan(self, work: "Work") -> Outcome:
        """Skip every nomination that its verdict does not fit, with all reasons."""
        return each_or_skip(work, self.title, [(row.nomination.strip(), row) for row in self.rows], _judge)


def _judge(work: "Work", nomination: Nomination, row: VerdictRow, facts: Facts) -> Touch:
    facts = replace(facts, reason=bool(row.reason.strip()), document=row.document, fields_to_mend=row.fields)
    if row.verdict == Verdict.RETURN:
        return _return(work, nomination, row, facts)
    if row.verdict == Verdict.REJECT:
        recorder = fire(work, nomination, Trigger.REJECT, Body.OFFICE, facts)
        work.keep_text(recorder, "reason", row.reason)
        recorder.entry.payload["failed"] = _grounds(facts)
        return touched(recorder)
    settled = _settled(work, nomination, row)
    recorder = fire(work, nomination, Trigger.QUALIFY, Body.OFFICE, replace(facts, findings=finding_facts(work, settled)))
    _write(work, recorder, row, settled)
    waived = [finding.clause for finding, result in settled if result == FindingResult.WAIVED]
    return touched(recorder, f"放宽 {'、'.join(waived)}" if waived else "")


def _grounds(facts: Facts) -> list[str]:
    """Name the conditions a rejection rests on: those that fail, else those that no person found to hold."""
    failing = [each.condition for each in facts.findings if each.result in (FindingResult.FAILED, FindingResult.WAIVABLE)]
    return failing or [each.condition for each in facts.findings if each.result == FindingResult.NEEDS_PERSON]


def _return(work: "Work", nomination: Nomination, row: VerdictRow, facts: Facts) -> Touch:
    due = work.calendar.after(work.today, work.programme.corrections.working_days)
    fields: dict[str, Any] = {"corrections": nomination.corrections + 1, "correction_due_at": work.calendar.due_at(due.day)}
    recorder = fire(work, nomination, Trigger.RETURN_FOR_CORRECTION, Body.OFFICE, facts, **fields)
    recorder.entry.payload["fields"] = list(row.fields)
    work.keep_text(recorder, "reason", row.reason)
    open_correction(work, nomination, due)
    return touched(recorder, f"补正截止 {due.day:%m-%d}")


def open_correction(work: "Work", nomination: Nomination, due: DueDate) -> None:
    """Open the unit's work to mend a returned nomination."""
    open_item(work, WorkKind.CORRECTION, Stage.QUALIFICATION, nomination.number, nomination.unit, due)


def _settled(work: "Work", nomination: Nomination, row: VerdictRow) -> list[tuple[Finding, FindingResult]]:
    """Apply waivers and confirmations to the findings. Raises ``CommandRefused`` for one that is not allowed."""
    findings = work.records.known(Finding, nomination=nomination.number)
    refusals = _unknown(findings, (*row.waived, *(each for each in row.confirmed if each != ALL)))
    settled = []
    for finding in findings:
        result = FindingResult(finding.result)
        if _named(finding, row.waived):
            refusals += _unwaivable(finding, row)
            result = FindingResult.WAIVED
        elif result == FindingResult.NEEDS_PERSON and (ALL in row.confirmed or _named(finding, row.confirmed)):
            result = FindingResult.CONFIRMED
        settled.append((finding, result))
    if refusals:
        raise CommandRefused(nomination.number, refusals)
    return settled


def _unwaivable(finding: Finding, row: VerdictRow) -> list[Refusal]:
    refusals = []
    if finding.strength not in WAIVABLE:
        refusals.append(Refusal("not-waivable", "属必须具备的条件，不能放宽", finding.clause))
    if finding.result != FindingResult.WAIVABLE:
        refusals.append(Refusal("nothing-to-waive", "本条无需放宽", finding.clause))
    if not row.reason.strip():
        refusals.append(Refusal("reason-missing", "放宽须书面说明理由", finding.clause))
    return refusals


def _unknown(findings: Sequence[Finding], names: Sequence[str]) -> list[Refusal]:
    known = {finding.clause for finding in findings} | {finding.condition for finding in findings}
    return [Refusal("no-such-finding", f"没有“{name}”这条审核意见") for name in names if name not in known]


def _named(finding: Finding, names: Sequence[str]) -> bool:
    return finding.clause in names or finding.condition in names


def _write(work: "Work", recorder: "Recorder", row: VerdictRow, settled: Sequence[tuple[Finding, FindingResult]]) -> None:
    reason = work.keep_text(recorder, "reason", row.reason) if row.reason.strip() else None
    for finding, result in settled:
        if result != finding.result:
            recorder.update(Finding, finding, result=result.value, reason=reason)
