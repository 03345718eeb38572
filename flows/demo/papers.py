"""Workbooks for the demo's next steps, ready in the inbox; they are ours and written anew at every start."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel
from sqlalchemy import Connection

from config.vocabulary import FindingResult, NominationState, RoundState, Trigger, WorkKind
from flows.bootstrap import App
from flows.demo.script import spare_candidates
from flows.reading import find_round
from flows.reading.board import open_items
from flows.reading.naming import Names
from flows.workbooks import write_rows
from flows.workbooks.clauses import EVERYTHING
from flows.workbooks.rows import EndorsementRow, VerdictRow
from states.records import Records
from states.tables import Finding, Nomination

_MENDABLE = (FindingResult.WAIVABLE,)
_FATAL = (FindingResult.FAILED,)


@dataclass(frozen=True)
class Paper:
    """One workbook: its kind and file, the deployment that takes it, what to say of it, and its rows."""

    kind: str
    file: str
    deployment: str
    note: str
    rows: Callable[[Connection, str], Sequence[BaseModel]]


def put_papers(app: App, slug: str) -> list[str]:
    """Write the workbooks that fit the round's stage into the inbox; gives a line for each that says what to do with it."""
    said = []
    with app.house.store.read() as connection:
        state = RoundState(find_round(connection, slug).state)
        for paper in _PAPERS.get(state, ()):
            rows = paper.rows(connection, slug)
            if rows:
                write_rows(paper.kind, app.settings.inbox / paper.file, rows)
                said.append(f"Deployments → {paper.deployment}：文件名填 {paper.file}（{paper.note.format(count=len(rows))}）")
    return said


def _spare(_connection: Connection, _slug: str) -> Sequence[BaseModel]:
    return spare_candidates()


def _missing_endorsements(connection: Connection, slug: str) -> Sequence[BaseModel]:
    names = Names(connection)
    owed = [item for item in open_items(connection, slug) if item.kind == WorkKind.ENDORSEMENT]
    opinion = "经集体研究，同意推荐。"
    return [EndorsementRow(nomination=item.subject, unit=names.of(item.owner), endorses=True, opinion=opinion) for item in owed]


def _verdicts(connection: Connection, slug: str) -> Sequence[BaseModel]:
    """Propose a verdict on every nomination: rejected for what fails, waived with a reason where the rule allows it."""
    records = Records(connection)
    waiting = records.where(Nomination, round=slug, state=NominationState.SUBMITTED.value)
    findings = records.where(Finding, nomination=[each.number for each in waiting])
    return [_verdict(each.number, [row for row in findings if row.nomination == each.number]) for each in waiting]


def _verdict(number: str, findings: list[Finding]) -> VerdictRow:
    failed = [row.clause for row in findings if row.result in _FATAL]
    waived = tuple(dict.fromkeys(row.clause for row in findings if row.result in _MENDABLE))
    if failed:
        return VerdictRow(nomination=number, verdict=Trigger.REJECT, reason=f"不符合{'、'.join(dict.fromkeys(failed))}")
    reason = "掌握稀缺绝技，经办公室研究予以放宽。" if waived else ""
    return VerdictRow(nomination=number, verdict=Trigger.QUALIFY, confirmed=(EVERYTHING,), waived=waived, reason=reason)


_ENDORSEMENTS = Paper(
    "endorsements",
    "演示-推荐意见.xlsx",
    "record-endorsements",
    "补上 {count} 份推荐意见；先留空计划码看预览，核对后填入计划码再运行一次",
    _missing_endorsements,
)
_PAPERS: dict[RoundState, tuple[Paper, ...]] = {
    RoundState.INTAKE: (
        Paper(
            "nominations",
            "演示-推荐汇总表.xlsx",
            "import-nominations",
            "{count} 行，其中一行身份证号有误，会标注后退回 outbox",
            _spare,
        ),
        _ENDORSEMENTS,
    ),
    RoundState.QUALIFICATION: (
        _ENDORSEMENTS,
        Paper("verdicts", "演示-审核意见.xlsx", "record-qualification", "{count} 份审核意见，同样先预览、再填计划码", _verdicts),
    ),
}
