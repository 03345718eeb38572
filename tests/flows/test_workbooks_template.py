import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from pydantic import BaseModel

from config.programme import Criterion
from config.vocabulary import BenefitKind, ObjectionStatus, Trigger, Vote
from flows.workbooks import KINDS, WorkbookRefused, read, write_rows, write_template
from flows.workbooks.rows import (
    AssignmentRow,
    BenefitRow,
    ClearanceRow,
    CorrectionRow,
    EndorsementRow,
    ObjectionAnswerRow,
    ObjectionRow,
    ReasonRow,
    ResolutionRow,
    ScoreRow,
    VerdictRow,
)
from flows.workbooks.synthetic import synthetic_candidates
from flows.workbooks.synthetic_roster import synthetic_roster
from tests.flows.hurried import TODAY

RUBRIC = (Criterion(id="skill", title="技艺水平", maximum=40), Criterion(id="impact", title="行业影响", maximum=60))
NUMBER = "BJGJ-2023-0007"
PEOPLE = synthetic_candidates(Random(3), 12)
ROWS: dict[str, Sequence[BaseModel]] = {
    "roster": list(synthetic_roster(Random(3))),
    "nominations": PEOPLE,
    "corrections": [CorrectionRow(nomination=NUMBER, candidate=PEOPLE[0])],
    "endorsements": [EndorsementRow(nomination=NUMBER, unit="长河街道总工会", endorses=False, opinion="=1+1\n第二行")],
    "clearances": [ClearanceRow(nomination=NUMBER, clearance="依法纳税情况", clear=False, opinion="欠税", document="1号")],
    "verdicts": [
        VerdictRow(nomination=NUMBER, verdict=Trigger.QUALIFY, confirmed=("全部",), waived=("N11", "N16"), reason="绝技"),
        VerdictRow(nomination="BJGJ-2023-0008", verdict=Trigger.RETURN_FOR_CORRECTION, reason="不全", fields=("证明材料", "邮箱")),
    ],
    "reasons": [ReasonRow(nomination=NUMBER, reason="-撤回", document="@文")],
    "assignments": [AssignmentRow(nomination=NUMBER, expert="E1", recused=True, recusal_reason="同单位")],
    "scores": [ScoreRow(expert="E1", nomination=NUMBER, marks={"skill": Decimal("38.5"), "impact": Decimal(0)})],
    "resolution": [
        ResolutionRow(nomination=NUMBER, vote=Vote.RESERVE, approve=7, against=1, abstain=0, recused=1, reserve_rank=2, note="+递补")
    ],
    "objections": [ObjectionRow(nomination=NUMBER, signed=False, received=date(2023, 8, 1), content="匿名")],
    "objection-answers": [ObjectionAnswerRow(objection="YY-1", status=ObjectionStatus.UPHELD, report="调1号", reason="属实")],
    "benefits": [
        BenefitRow(nomination=NUMBER, benefit=benefit, given=date(2023, 12, 1), amount=Decimal(30000), tax=Decimal(0))
        for benefit in BenefitKind
    ],
}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("kind", KINDS)
def test_rows_written_are_read_back_the_same(tmp_path: Path, kind: str) -> None:
    write_rows(kind, tmp_path / "a.xlsx", ROWS[kind], rubric=RUBRIC)
    reading = read(kind, tmp_path / "a.xlsx", today=TODAY, rubric=RUBRIC)
    assert (reading.problems, reading.warnings, reading.skipped) == ((), (), ())
    assert [r.value for r in reading.rows] == ROWS[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_rows_and_template_give_the_same_bytes_again(tmp_path: Path, kind: str) -> None:
    for name in ("a", "b"):
        write_rows(kind, tmp_path / f"{name}.xlsx", ROWS[kind], rubric=RUBRIC)
        write_template(kind, tmp_path / f"{name}-template.xlsx", rubric=RUBRIC, units=["长河街道总工会"])
    assert digest(tmp_path / "a.xlsx") == digest(tmp_path / "b.xlsx")
    assert digest(tmp_path / "a-template.xlsx") == digest(tmp_path / "b-template.xlsx")


def test_properties_hold_the_instant_handed_in(tmp_path: Path) -> None:
    write_rows("nominations", tmp_path / "a.xlsx", PEOPLE, made_at=datetime(2024, 2, 29, 8, 30, tzinfo=ZoneInfo("Asia/Shanghai")))
    properties = load_workbook(tmp_path / "a.xlsx").properties
    at = datetime(2024, 2, 29, 0, 30, tzinfo=UTC).replace(tzinfo=None)
    assert (properties.created, properties.modified) == (at, at)


@pytest.mark.parametrize("kind", KINDS)
def test_template_alone_holds_nothing_to_import(tmp_path: Path, kind: str) -> None:
    write_template(kind, tmp_path / "a.xlsx", rubric=RUBRIC)
    with pytest.raises(WorkbookRefused, match="只有表头，没有可导入的数据行"):
        read(kind, tmp_path / "a.xlsx", today=TODAY, rubric=RUBRIC)


@pytest.mark.parametrize("kind", KINDS)
def test_template_example_would_pass_if_it_were_no_example(tmp_path: Path, kind: str) -> None:
    write_template(kind, tmp_path / "a.xlsx", rubric=RUBRIC)
    book = load_workbook(tmp_path / "a.xlsx")
    for sheet in KINDS[kind].sheets:
        cell = book[sheet.title]["A2"]
        cell.value = str(cell.value).removeprefix("示例").lstrip("：-") or "1"
    book.save(tmp_path / "a.xlsx")
    reading = read(kind, tmp_path / "a.xlsx", today=TODAY, rubric=RUBRIC)
    assert (len(reading.rows), reading.problems, reading.warnings) == (len(KINDS[kind].sheets), (), ())


def test_template_helps_whoever_fills_it_in(tmp_path: Path) -> None:
    write_template("nominations", tmp_path / "a.xlsx", units=["长河街道总工会", "西兴街道总工会"])
    page = load_workbook(tmp_path / "a.xlsx")["推荐汇总表"]
    columns = {cell.value: cell for cell in page[1]}
    letters = {str(cell.value): get_column_letter(index) for index, cell in enumerate(page[1], start=1)}
    assert page.freeze_panes == "A2"
    assert columns["身份证号"].comment is not None
    assert "请勿改为数字" in columns["身份证号"].comment.text
    assert {page.column_dimensions[letters[h]].number_format for h in ("身份证号", "联系电话")} == {"@"}
    rules = {str(rule.sqref).partition("2")[0]: (rule.formula1, rule.errorStyle) for rule in page.data_validations.dataValidation}
    assert rules[letters["性别"]] == ('"男,女"', "stop")
    assert rules[letters["推荐单位类别"]] == ('"成员单位,街道总工会,工会联合会,直属系统工会"', "stop")
    assert rules[letters["推荐单位"]] == ('"长河街道总工会,西兴街道总工会"', "warning")


def test_instant_without_a_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="aware"):
        write_template("reasons", tmp_path / "a.xlsx", made_at=datetime(2024, 2, 29, tzinfo=UTC).replace(tzinfo=None))


def test_template_puts_long_lists_on_a_hidden_sheet(tmp_path: Path) -> None:
    units = [f"滨江区第{number}街道总工会" for number in range(100)]
    write_template("nominations", tmp_path / "a.xlsx", units=units)
    book = load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["推荐汇总表", "选项"]
    assert book["选项"].sheet_state == "hidden"
    assert [cell.value for cell in book["选项"]["A"]] == units
    assert "'选项'!$A$1:$A$100" in [rule.formula1 for rule in book["推荐汇总表"].data_validations.dataValidation]


def test_text_that_begins_like_a_formula_stays_a_text(tmp_path: Path) -> None:
    write_rows("reasons", tmp_path / "a.xlsx", [ReasonRow(nomination=NUMBER, reason='=HYPERLINK("http://x")')])
    cell = load_workbook(tmp_path / "a.xlsx")["情况说明"]["B2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == ('=HYPERLINK("http://x")', "s", True)


def test_text_with_control_characters_is_written_without_them(tmp_path: Path) -> None:
    write_rows("reasons", tmp_path / "a.xlsx", [ReasonRow(nomination=NUMBER, reason="撤\x0b回")])
    assert load_workbook(tmp_path / "a.xlsx")["情况说明"]["B2"].value == "撤回"


def test_target_that_cannot_be_written_stays_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").mkdir()
    with pytest.raises(OSError, match=r"a\.xlsx"):
        write_template("reasons", tmp_path / "a.xlsx")
    assert [path.name for path in tmp_path.iterdir()] == ["a.xlsx"]
