"""One round on paper: a workbook of its nominations, its public notices, its frozen rules and its ledger."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from config.labels import label
from config.programme import Programme
from config.vocabulary import BenefitKind, FindingResult, NominationState, Strength
from flows.bootstrap import App
from flows.papers import notice_text
from flows.reading.naming import Names
from flows.reading.rounds import find_round
from flows.workbooks.packing import write_atomically
from flows.workbooks.plain import PlainSheet, write_plain
from states.candidate import Candidate, masked
from states.frozen import frozen_programme
from states.ledger import canonical
from states.people import open_person
from states.records import Records, table_of
from states.tables import Benefit, Finding, LedgerEntry, Nomination, NoticeBatch, Person, Round

_BENEFITS = {"due": "应落实", "granted": "已落实", "exempt": "按规定不再重复", "cancelled": "已取消"}


@dataclass(frozen=True)
class _Export:
    """What is read of one round, in one consistent look."""

    row: Round
    programme: Programme
    zone: ZoneInfo
    names: Names
    nominations: Sequence[Nomination]
    findings: Sequence[Finding]
    benefits: Sequence[Benefit]
    batches: Sequence[NoticeBatch]
    people: dict[str, Candidate]
    full: bool


def export_round(app: App, slug: str, out: Path, *, full: bool) -> list[Path]:
    """Write a round's papers into ``out`` and give their paths. Names are masked in the workbook unless ``full``.

    A public notice names its nominees either way: that is what it is for (N20). Raises ``NotFound``, and ``OSError``
    where a file cannot be written.
    """
    with app.house.store.read() as connection:
        export = _read(app, connection, slug, full=full)
        ledger = "".join(_ledger_lines(connection, export.row.slug))
    written = [out / f"申报情况-{export.row.slug}.xlsx", out / f"ledger-{export.row.slug}.jsonl", out / f"programme-{export.row.slug}.yaml"]
    write_plain(written[0], _sheets(export))
    write_atomically(written[1], ledger.encode())
    write_atomically(written[2], export.row.rules.encode())
    for batch in export.batches:
        written.append(out / f"公示-{batch.id}.md")
        write_atomically(written[-1], _notice(export, batch).encode())
    return written


def _read(app: App, connection: Connection, slug: str, *, full: bool) -> _Export:
    row = find_round(connection, slug)
    programme, records = frozen_programme(row.rules), Records(connection)
    nominations = records.where(Nomination, round=row.slug)
    numbers = [nomination.number for nomination in nominations]
    return _Export(
        row=row,
        programme=programme,
        zone=programme.timezone,
        names=Names(connection),
        nominations=nominations,
        findings=records.where(Finding, nomination=numbers),
        benefits=records.where(Benefit, round=row.slug),
        batches=records.where(NoticeBatch, round=row.slug),
        people={person.nomination: open_person(app.house.vault, person).candidate for person in records.where(Person, round=row.slug)},
        full=full,
    )


def _sheets(export: _Export) -> list[PlainSheet]:
    headers = ("申报编号", "姓名", "工作单位", "推荐单位", "档次", "状态", "进入时间", "得分", "名次", "递补顺序", "公示批次", "认定文件")
    condition_headers = ("申报编号", "条件", "条款", "强度", "结果", "事实", "有无理由")
    benefit_headers = ("申报编号", "姓名", "待遇", "状态", "金额（元，税前）", "代扣税额", "落实日期", "凭证号")
    return [
        PlainSheet("申报", (*headers, "文件日期", "证书"), (_nomination_row(export, each) for each in export.nominations)),
        PlainSheet("审核意见", condition_headers, (_finding_row(export, each) for each in export.findings)),
        PlainSheet("待遇", benefit_headers, (_benefit_row(export, each) for each in export.benefits)),
    ]


def _nomination_row(export: _Export, row: Nomination) -> tuple[object, ...]:
    entered = row.entered_at.astimezone(export.zone).strftime("%Y-%m-%d %H:%M")
    state, tier = label(NominationState(row.state)), export.programme.tier(row.tier).title
    person = (row.number, _name(export, row.number), _employer(export, row.number), export.names.of(row.unit), tier, state, entered)
    return (*person, row.score, row.review_rank, row.reserve_rank, row.batch, row.document, row.document_date, row.certificate)


def _finding_row(export: _Export, row: Finding) -> tuple[object, ...]:
    names = {condition.id: condition.name for condition in export.programme.conditions}
    result, strength = label(FindingResult(row.result)), label(Strength(row.strength))
    return row.nomination, names.get(row.condition, row.condition), row.clause, strength, result, row.fact, "有" if row.reason else ""


def _benefit_row(export: _Export, row: Benefit) -> tuple[object, ...]:
    kind, status = label(BenefitKind(row.kind)), _BENEFITS[row.status]
    return row.nomination, _name(export, row.nomination), kind, status, row.amount, row.tax, row.granted_on, row.voucher


def _name(export: _Export, number: str) -> str:
    person = export.people.get(number)
    return "（已清除）" if person is None else person.name if export.full else masked(person.name)


def _employer(export: _Export, number: str) -> str:
    person = export.people.get(number)
    return person.employer if person and export.full else ""


def _notice(export: _Export, batch: NoticeBatch) -> str:
    """Write one public notice as it stood: who, from when to when, and where objections go (N20 社会公示)."""
    nominees = [each for each in export.nominations if each.batch == batch.id]
    rows = "\n".join(_nominee(export, *each) for each in enumerate(nominees, 1))
    table = f"| 序号 | 姓名 | 工作单位 | 推荐单位 |\n|---|---|---|---|\n{rows}"
    return "# " + "\n\n".join(notice_text(export.programme, export.row.title, batch, table)) + "\n"


def _nominee(export: _Export, position: int, row: Nomination) -> str:
    person = export.people.get(row.number)
    name, employer = (person.name, person.employer) if person else ("（已清除）", "")
    return f"| {position} | {_cell(name)} | {_cell(employer)} | {_cell(export.names.of(row.unit))} |"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "｜").split())


def _ledger_lines(connection: Connection, slug: str) -> Iterator[str]:
    """Give the chain's entries as stored, one JSON object a line, so that anybody can compute the hashes again."""
    table = table_of(LedgerEntry)
    for row in connection.execute(select(table).where(table.c.round == slug).order_by(table.c.seq)).mappings():
        yield canonical(dict(row)) + "\n"
