import re
import zipfile
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook as Book

from config.vocabulary import PartyKind, PostKind
from flows.workbooks import CellProblem, WorkbookRefused, differing_headers, read
from flows.workbooks.sheets import Reading
from states.candidate import Candidate
from tests.flows.hurried import GOOD, HEADERS, TODAY, fill, nominations, row, write

EXPECTED = Candidate(
    name="张晓东",
    gender="男",
    id_card="330108199001010010",
    nationality="中国",
    employer="杭州冠山生物医药有限公司",
    in_service=True,
    union_member=True,
    post="班组长",
    post_kind=PostKind.FRONT_LINE,
    front_line=True,
    trade="药物制剂工",
    years=Decimal(8),
    field="生物医药",
    honours=(),
    achievements=("1", "3"),
    deeds="解决生产难题，带出徒弟。",
    evidence="证书复印件",
    unit="滨江区长河街道总工会",
    unit_kind=PartyKind.SUBDISTRICT_UNION,
    contact="李芳",
    phone="13900001111",
    email="gonghui@example.com",
)


def candidates(path: Path) -> Reading:
    return read("nominations", path, today=TODAY)


def only(reading: Reading) -> CellProblem:
    assert len(reading.problems) == 1
    return reading.problems[0]


def test_nominations_clean_row_becomes_a_candidate(tmp_path: Path) -> None:
    reading = candidates(nominations(tmp_path / "a.xlsx", row()))
    assert reading.values(Candidate) == (EXPECTED,)
    assert (reading.file, reading.kind, reading.sheets) == ("a.xlsx", "nominations", ("推荐汇总表",))
    assert (reading.rows[0].sheet, reading.rows[0].row_number) == ("推荐汇总表", 2)
    assert (reading.problems, reading.warnings, reading.skipped) == ((), (), ())


def test_nominations_columns_in_another_order_give_the_same(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", [list(reversed(HEADERS)), list(reversed(row()))])
    assert candidates(path).values(Candidate) == (EXPECTED,)


def test_nominations_below_titles_with_starred_and_broken_headers(tmp_path: Path) -> None:
    book = Book()
    headers = [f"{h[:2]}\n{h[2:]} *" if h not in ("序号", "邮箱") else f" {h}：" for h in HEADERS]
    headers[HEADERS.index("从事本专业年限")] = "从事本专业\n年限（年，可带小数，从参加工作那一年起算到今年）"
    headers[HEADERS.index("身份证号")] = "身份证号码"
    title = ["第四届“滨江工匠”推荐汇总表"]
    page = fill(book.worksheets[0], [title, ["推荐单位：长河街道总工会", None, "填报日期：2023年6月20日"], [], headers, row()], "Sheet1")
    page.merge_cells("A1:W1")
    book.save(tmp_path / "a.xlsx")
    reading = candidates(tmp_path / "a.xlsx")
    assert reading.values(Candidate) == (EXPECTED,)
    assert reading.rows[0].row_number == 5
    assert reading.warnings == ()


def test_nominations_good_rows_go_in_and_bad_cells_come_back(tmp_path: Path) -> None:
    reading = candidates(
        nominations(
            tmp_path / "a.xlsx",
            row(),
            row(身份证号=330108199001010010),
            row(性别="女"),
            row(符合条件="1、2", 从事本专业年限="很久"),
            row(姓名=None, 岗位类别="一线岗位"),
            row(身份证号="11010519491231002X", 性别="女"),
        )
    )
    assert [r.row_number for r in reading.rows] == [2, 7]
    assert [(p.row, p.column, p.reason) for p in reading.problems] == [
        (3, "D 身份证号", "这一格按数字存储，Excel 只保留15位，末几位已丢失"),
        (4, "C 性别", "性别与身份证号不符"),
        (5, "M 从事本专业年限", "不是看得懂的年数"),
        (5, "P 符合条件", "没有第2项：通知原文第1项中的“2、”是排印错误，第1项后面就是第3项"),
        (6, "B 姓名", "没有填写（公式出错也会是空的）"),
        (6, "J 岗位类别", "不在可选项中，可选：一线技能岗位、管理岗位、党政群机关、参公事业单位、事业单位领导、国有企业领导"),
    ]
    assert reading.problems[-1].mend == "是否应为“一线技能岗位”？"
    assert reading.bad_rows == (("推荐汇总表", 3), ("推荐汇总表", 4), ("推荐汇总表", 5), ("推荐汇总表", 6))
    assert str(reading.problems[0]).startswith("“推荐汇总表”第3行 D列“身份证号”：这一格按数字存储")


def test_nominations_problems_never_repeat_a_cell(tmp_path: Path) -> None:
    secrets = {
        "姓名": "张晓东7",
        "身份证号": "330108199001010011",
        "联系电话": "1390000222",
        "邮箱": "zhang.xd",
        "性别": "330108199001010010",
    }
    reading = candidates(nominations(tmp_path / "a.xlsx", row(**secrets)))
    assert len(reading.problems) == 5
    said = " ".join(map(str, reading.problems))
    assert not [secret for secret in secrets.values() if secret in said]


def test_nominations_blank_rows_notes_and_examples_are_passed_over(tmp_path: Path) -> None:
    book = Book()
    rows: list[Sequence[object]] = [HEADERS, row(序号="示例"), row(), [], [None, "　"], [2], [3], HEADERS, row(序号=4, 姓名="李晓东")]
    rows += [
        ["注：1.本表一式两份"],
        ["以上人员均经公示"],
        [None, "填表人：王某", None, "审核人：赵某"],
        [*[None] * 25, "表外的话"],
        ["示例"],
    ]
    page = fill(book.worksheets[0], rows, "推荐汇总表")
    page.merge_cells("A11:F11")
    book.save(tmp_path / "a.xlsx")
    reading = candidates(tmp_path / "a.xlsx")
    assert [value.name for value in reading.values(Candidate)] == ["张晓东", "李晓东"]
    assert reading.problems == ()
    assert [(s.row_number, s.why) for s in reading.skipped] == [
        (2, "示例行"),
        (6, "只有序号"),
        (7, "只有序号"),
        (8, "重复的表头"),
        (10, "表下的说明"),
        (11, "表下的说明"),
        (12, "表下的说明"),
        (13, "表下的说明"),
        (14, "示例行"),
    ]


def test_nominations_row_with_a_name_alone_is_no_note(tmp_path: Path) -> None:
    reading = candidates(nominations(tmp_path / "a.xlsx", row(), [2, "王晓东"], [None, "赵晓东"]))
    assert {p.row for p in reading.problems} == {3, 4}
    assert "D 身份证号" in [p.column for p in reading.problems]


def test_nominations_cells_merged_over_rows_count_for_each_row(tmp_path: Path) -> None:
    book = Book()
    unit = HEADERS.index("推荐单位") + 1
    page = fill(book.worksheets[0], [HEADERS, row(), row(推荐单位=None), row(推荐单位=None)], "推荐汇总表")
    page.merge_cells(start_row=2, end_row=4, start_column=unit, end_column=unit)
    book.save(tmp_path / "a.xlsx")
    reading = candidates(tmp_path / "a.xlsx")
    assert [c.unit for c in reading.values(Candidate)] == ["滨江区长河街道总工会"] * 3


def test_nominations_cells_merged_beside_the_table_do_no_harm(tmp_path: Path) -> None:
    book = Book()
    page = fill(book.worksheets[0], [HEADERS, row(), row()], "推荐汇总表")
    page.merge_cells("AA2:AA9")
    page.merge_cells("B20:B22")
    book.save(tmp_path / "a.xlsx")
    assert len(candidates(tmp_path / "a.xlsx").rows) == 2


def test_nominations_with_full_width_digits_and_padding_are_taken(tmp_path: Path) -> None:
    path = nominations(
        tmp_path / "a.xlsx",
        row(
            姓名="张 晓 东", 身份证号="３３０１０８ 19900101 0010", 从事本专业年限="８年", 联系电话="139　0000　1111", 是否工会会员=" 是　"
        ),
    )
    assert candidates(path).values(Candidate) == (EXPECTED,)


def test_nominations_without_achievement_evidence_or_post_can_still_be_read(tmp_path: Path) -> None:
    candidate = candidates(nominations(tmp_path / "a.xlsx", row(符合条件="无", 证明材料=None, 职务="/"))).values(Candidate)[0]
    assert (candidate.achievements, candidate.evidence, candidate.post) == ((), "", "")


def test_nominations_optional_columns_may_be_missing(tmp_path: Path) -> None:
    left_out = {"序号", "联系人", "联系电话", "邮箱"}
    headers = [h for h in HEADERS if h not in left_out]
    candidate = candidates(write(tmp_path / "a.xlsx", [headers, [GOOD[h] for h in headers]])).values(Candidate)[0]
    assert (candidate.contact, candidate.phone, candidate.email) == ("", "", "")


def test_nominations_unknown_column_is_a_warning(tmp_path: Path) -> None:
    reading = candidates(write(tmp_path / "a.xlsx", [[*HEADERS, "政治面貌", 10**17], [*row(), "群众", 10**17]]))
    assert reading.values(Candidate) == (EXPECTED,)
    assert [(w.row, w.column, w.reason) for w in reading.warnings] == [
        (1, "X 政治面貌", "不是本表的列，没有读取"),
        (1, "Y （一串数字）", "不是本表的列，没有读取"),
    ]


def test_nominations_missing_column_refuses_the_file_and_names_it(tmp_path: Path) -> None:
    headers = ["身份正号" if h == "身份证号" else h for h in HEADERS if h != "已获称号"]
    with pytest.raises(WorkbookRefused) as caught:
        candidates(write(tmp_path / "a.xlsx", [["标题"], headers, row()]))
    assert str(caught.value) == (
        "文件“a.xlsx”的“Sheet1”缺少必填列：身份证号、已获称号（表头在第2行）；请补上再交（现有的“身份正号”是否应为“身份证号”？）。"
    )
    assert [(p.row, p.letter, p.header) for p in caught.value.problems] == [(2, "", "身份证号"), (2, "", "已获称号")]


def test_nominations_duplicate_header_refuses_the_file(tmp_path: Path) -> None:
    with pytest.raises(WorkbookRefused, match="有重复的列：“姓名”（B列、X列）") as caught:
        candidates(write(tmp_path / "a.xlsx", [[*HEADERS, "姓 名*"], [*row(), "x"]]))
    assert [p.letter for p in caught.value.problems] == ["B", "X"]


def test_nominations_on_the_titled_sheet_win_over_another_table(tmp_path: Path) -> None:
    book = Book()
    fill(book.worksheets[0], [HEADERS, row(姓名="旧名单")], "去年")
    fill(book.create_sheet(), [HEADERS, row()], "推荐汇总表")
    fill(book.create_sheet(), [HEADERS, row(姓名="隐藏")], "草稿").sheet_state = "hidden"
    book.create_sheet("空白")
    book.save(tmp_path / "a.xlsx")
    reading = candidates(tmp_path / "a.xlsx")
    assert reading.values(Candidate) == (EXPECTED,)
    assert [w.place for w in reading.warnings] == ["“去年”"]


def test_nominations_with_formulas_are_read_by_their_cached_values(tmp_path: Path) -> None:
    path = nominations(tmp_path / "a.xlsx", row(从事本专业年限="=3+5"))
    assert only(candidates(path)).column == "M 从事本专业年限"  # openpyxl calculates nothing: nothing is cached
    cached = tmp_path / "cached.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(cached, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, re.sub(rb"<f>3\+5</f><v\s*/>|<f>3\+5</f><v></v>", b"<f>3+5</f><v>8</v>", data))
    assert candidates(cached).values(Candidate) == (EXPECTED,)


def test_id_card_of_tomorrow_depends_on_the_day_handed_in(tmp_path: Path) -> None:
    path = nominations(tmp_path / "a.xlsx", row())
    reading = read("nominations", path, today=date(1989, 12, 31))
    assert only(reading).reason == "身份证号中的出生日期晚于今天"


def test_differing_headers_name_the_columns_and_not_the_contents() -> None:
    other = EXPECTED.model_copy(update={"name": "张晓冬", "years": Decimal(9)})
    assert differing_headers(EXPECTED, other) == ("姓名", "从事本专业年限")
    assert differing_headers(EXPECTED, EXPECTED) == ()
