"""Qualification: every finding shown, waived where its strength allows, confirmed where it needs a person (N4-N16, N20)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict

from config.calendar import DueDate
from config.vocabulary import WAIVABLE, Body, FindingResult, Stage, Trigger, WorkKind
from states import eligibility
from states.bulk import each_or_skip
from states.candidate import COLUMNS
from states.command import Command
from states.errors import CommandRefused, Refusal
from states.facts import ClearanceFact, Facts, FindingFact
from states.firing import fire, touched
from states.gathering import finding_facts
from states.obligations import open_item
from states.outcome import Outcome, Touch
from states.people import honours_anew
from states.tables import Finding, Nomination

if TYPE_CHECKING:
    from states.work import Recorder, Work

Anew = Mapping[tuple[str, str], eligibility.Finding]
"""Findings that rest on another fact than when they were recorded, by nomination and condition."""
ALL = "全部"
"""In ``confirmed``: everything that needs a person was looked at and holds."""
_MENDABLE = frozenset(COLUMNS.values())


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
    compares: ClassVar[bool] = True
    after_clock: ClassVar[bool] = True

    rows: tuple[VerdictRow, ...]

    def plan(self, work: "Work") -> Outcome:
        """Skip every nomination that its verdict does not fit, with all reasons."""
        rows = [(row.nomination.strip(), row) for row in self.rows]
        anew = honours_anew(work, [number for number, _ in rows])
        return each_or_skip(work, self.title, rows, partial(_judge, anew))


def _judge(anew: Anew, work: "Work", nomination: Nomination, row: VerdictRow, facts: Facts) -> Touch:
    facts = replace(facts, reason=bool(row.reason.strip()), document=row.document, fields_to_mend=row.fields)
    if row.verdict == Verdict.RETURN:
        return _return(work, nomination, row, facts)
    present = _present(work, nomination, anew)
    if row.verdict == Verdict.REJECT:
        recorder = fire(work, nomination, Trigger.REJECT, Body.OFFICE, replace(facts, findings=finding_facts(work, present)))
        _renew(recorder, present, anew)
        work.keep_text(recorder, "reason", row.reason)
        vetoes = [each for each in facts.clearances if each.clear is False]
        recorder.entry.payload |= _grounds(finding_facts(work, present), vetoes)
        return touched(recorder, f"部门联审一票否决：{'、'.join(each.name for each in vetoes)}" if vetoes else "")
    settled = _settled(nomination, row, present)
    recorder = fire(work, nomination, Trigger.QUALIFY, Body.OFFICE, replace(facts, findings=finding_facts(work, settled)))
    _renew(recorder, present, anew)
    _write(work, recorder, row, settled)
    waived = [finding.clause for finding, result in settled if result == FindingResult.WAIVED]
    notes = [f"放宽 {'、'.join(waived)}" if waived else "", f"{len(facts.clearances)} 个部门联审同意" if facts.clearances else ""]
    return touched(recorder, "；".join(note for note in notes if note))


def _present(work: "Work", nomination: Nomination, anew: Anew) -> list[tuple[Finding, FindingResult]]:
    """Give the findings with what they come to now."""
    rows = work.records.known(Finding, nomination=nomination.number)
    return [(row, anew[key].result if (key := (row.nomination, row.condition)) in anew else FindingResult(row.result)) for row in rows]


def _renew(recorder: "Recorder", present: Sequence[tuple[Finding, FindingResult]], anew: Anew) -> None:
    """Record what a finding now rests on."""
    for row, result in present:
        found = anew.get((row.nomination, row.condition))
        if found is not None:
            recorder.update(Finding, row, result=result.value, fact=found.fact, reason=None)


def _grounds(findings: Sequence[FindingFact], vetoes: Sequence[ClearanceFact]) -> dict[str, list[str]]:
    """Name what a rejection rests on: conditions that fail and vetoes, else the conditions that no person found to hold."""
    failing = [each.condition for each in findings if each.result in (FindingResult.FAILED, FindingResult.WAIVABLE)]
    if vetoes:
        return {"failed": failing, "vetoed": [each.id for each in vetoes]}
    return {"failed": failing or [each.condition for each in findings if each.result == FindingResult.NEEDS_PERSON]}


def _return(work: "Work", nomination: Nomination, row: VerdictRow, facts: Facts) -> Touch:
    listed = enumerate(row.fields, start=1)
    unknown = [
        Refusal("no-such-field", f"需补正栏目的第 {place} 项不是推荐汇总表的栏目") for place, name in listed if name not in _MENDABLE
    ]
    if unknown:
        raise CommandRefused(nomination.number, unknown)
    due = work.calendar.after(work.today, work.programme.corrections.working_days)
    fields: dict[str, Any] = {"corrections": nomination.corrections + 1, "correction_due_at": work.calendar.due_at(due.day)}
    recorder = fire(work, nomination, Trigger.RETURN_FOR_CORRECTION, Body.OFFICE, facts, **fields)
    recorder.entry.payload["fields"] = list(row.fields)
    work.keep_text(recorder, "reason", row.reason)
    open_correction(work, nomination, due)
    return touched(recorder).model_copy(update={"when": f"补正截止 {due.day:%m-%d}"})


def open_correction(work: "Work", nomination: Nomination, due: DueDate) -> None:
    """Open the unit's work to mend a returned nomination."""
    open_item(work, WorkKind.CORRECTION, Stage.QUALIFICATION, nomination.number, nomination.unit, due)


def _settled(
    nomination: Nomination, row: VerdictRow, present: Sequence[tuple[Finding, FindingResult]]
) -> list[tuple[Finding, FindingResult]]:
    """Apply waivers and confirmations to the findings. Raises ``CommandRefused`` for one that is not allowed."""
    refusals = _unknown([finding for finding, _ in present], (*row.waived, *(each for each in row.confirmed if each != ALL)))
    settled = []
    for finding, now in present:
        result = now
        if _named(finding, row.waived):
            refusals += _unwaivable(finding, now, row)
            result = FindingResult.WAIVED
        elif result == FindingResult.NEEDS_PERSON and (ALL in row.confirmed or _named(finding, row.confirmed)):
            result = FindingResult.CONFIRMED
        settled.append((finding, result))
    if refusals:
        raise CommandRefused(nomination.number, refusals)
    return settled


def _unwaivable(finding: Finding, now: FindingResult, row: VerdictRow) -> list[Refusal]:
    refusals = []
    if finding.strength not in WAIVABLE:
        refusals.append(Refusal("not-waivable", "属必须具备的条件，不能放宽", finding.clause))
    if now != FindingResult.WAIVABLE:
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
