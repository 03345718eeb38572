import zipfile
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook as Book
from openpyxl import load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from flows.workbooks import CellProblem, WorkbookRefused, annotate, read
from tests.flows.hurried import HEADERS, TODAY, fill, nominations, row

MARK = "00FFC7CE"


def comment(cell: object) -> str:
    assert isinstance(cell, Cell)
    assert cell.comment is not None
    return cell.comment.text


def marked(path: Path, sheet: str) -> dict[str, str]:
    """Every marked cell of a sheet with its comment."""
    cells = (cell for line in load_workbook(path)[sheet].iter_rows() for cell in line if isinstance(cell, Cell))
    return {cell.coordinate: comment(cell) for cell in cells if cell.fill.fgColor.rgb == MARK}


def test_annotated_copy_marks_bad_cells_and_says_why(tmp_path: Path) -> None:
    source = nominations(tmp_path / "a.xlsx", row(), row(性别="女"), row(符合条件="2", 姓名=None))
    annotate(source, tmp_path / "out" / "b.xlsx", read("nominations", source, today=TODAY).problems)
    assert marked(tmp_path / "out" / "b.xlsx", "推荐汇总表") == {
        "C3": "性别与身份证号不符；请核对性别和身份证号，改正填错的一项",
        "B4": "没有填写（公式出错也会是空的）；请填写",
        "P4": "没有第2项：通知原文第1项中的“2、”是排印错误，第1项后面就是第3项；请用顿号分隔填写条款序号，可填：1、3、4、5、6，如“1、3”",
    }


def test_annotated_copy_once_mended_goes_in(tmp_path: Path) -> None:
    source = nominations(tmp_path / "a.xlsx", row(), row(性别="女"))
    annotate(source, tmp_path / "b.xlsx", read("nominations", source, today=TODAY).problems)
    book = load_workbook(tmp_path / "b.xlsx")
    book["推荐汇总表"]["C3"].value = "男"
    book.save(tmp_path / "b.xlsx")
    reading = read("nominations", tmp_path / "b.xlsx", today=TODAY)
    assert (len(reading.rows), reading.problems) == (2, ())


def test_annotated_copy_leaves_everything_else_as_it_was(tmp_path: Path) -> None:
    book = Book()
    page = fill(book.worksheets[0], [["第四届推荐汇总表"], HEADERS, row(性别="女"), row(从事本专业年限="=4+4")], "推荐汇总表")
    page.merge_cells("A1:W1")
    page["B3"].font, page["B3"].fill = Font(bold=True, name="宋体"), PatternFill("solid", fgColor="00FFFF00")
    page["C3"].comment = Comment("送审时已核对", "经办人")
    page["X3"].value = date(2023, 6, 1)
    page.column_dimensions["D"].width, page.freeze_panes = 33, "C3"
    rule = DataValidation(type="list", formula1='"男,女"')
    rule.add("C3:C99")
    page.add_data_validation(rule)
    fill(book.create_sheet(), [["别动我"]], "附件").sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    before = (tmp_path / "a.xlsx").read_bytes()
    annotate(tmp_path / "a.xlsx", tmp_path / "b.xlsx", read("nominations", tmp_path / "a.xlsx", today=TODAY).problems[:1])

    assert (tmp_path / "a.xlsx").read_bytes() == before
    copy = load_workbook(tmp_path / "b.xlsx")
    page = copy["推荐汇总表"]
    assert comment(page["C3"]).splitlines()[0] == "送审时已核对"
    assert "性别与身份证号不符" in comment(page["C3"])
    assert (page["B3"].font.name, page["B3"].font.bold, page["B3"].fill.fgColor.rgb) == ("宋体", True, "00FFFF00")
    assert [str(area) for area in page.merged_cells.ranges] == ["A1:W1"]
    assert (page["M4"].value, page.column_dimensions["D"].width, page.freeze_panes) == ("=4+4", 33, "C3")
    assert [str(rule.sqref) for rule in page.data_validations.dataValidation] == ["C3:C99"]
    assert (copy["附件"]["A1"].value, copy["附件"].sheet_state) == ("别动我", "hidden")
    original = load_workbook(tmp_path / "a.xlsx")["推荐汇总表"]
    assert [[c.value for c in line] for line in page.iter_rows()] == [[c.value for c in line] for line in original.iter_rows()]


def test_annotation_of_whole_rows_and_missing_columns_stands_at_the_rows_start(tmp_path: Path) -> None:
    headers = [h for h in HEADERS if h != "身份证号"]
    book = Book()
    fill(book.worksheets[0], [["标题"], headers, row()], "表")
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(WorkbookRefused) as caught:
        read("nominations", tmp_path / "a.xlsx", today=TODAY)
    whole_row = CellProblem("表", 3, "", "", "与已导入的同一人内容不同", "请核对")
    nowhere = CellProblem("没有的表", None, "", "", "整表有误", "请核对")
    annotate(tmp_path / "a.xlsx", tmp_path / "b.xlsx", [*caught.value.problems, whole_row, nowhere])
    assert marked(tmp_path / "b.xlsx", "表") == {
        "A1": "【整表】整表有误；请核对",
        "A2": "【第2行“身份证号”】缺少这一列；请在表头行补上这一列并填写",
        "A3": "【第3行】与已导入的同一人内容不同；请核对",
    }


def test_annotation_within_merged_cells_stands_at_their_first(tmp_path: Path) -> None:
    book = Book()
    unit = HEADERS.index("推荐单位类别") + 1
    page = fill(book.worksheets[0], [HEADERS, row(推荐单位类别="街道"), row(推荐单位类别=None)], "推荐汇总表")
    page.merge_cells(start_row=2, end_row=3, start_column=unit, end_column=unit)
    book.save(tmp_path / "a.xlsx")
    problems = read("nominations", tmp_path / "a.xlsx", today=TODAY).problems
    assert [p.row for p in problems] == [2, 3]
    annotate(tmp_path / "a.xlsx", tmp_path / "b.xlsx", problems)
    comments = marked(tmp_path / "b.xlsx", "推荐汇总表")
    assert list(comments) == ["T2"]
    assert comments["T2"].count("是否应为“街道总工会”？") == 2


def test_annotation_of_what_is_no_workbook_is_refused_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"name,id\n")
    with pytest.raises(WorkbookRefused, match="不是 Excel 工作簿"):
        annotate(tmp_path / "a.xlsx", tmp_path / "b.xlsx", [])
    assert not (tmp_path / "b.xlsx").exists()


def test_annotation_of_a_workbook_with_strange_styles_keeps_its_values(tmp_path: Path) -> None:
    source = nominations(tmp_path / "a.xlsx", row(性别="女"))
    broken = tmp_path / "broken.xlsx"
    _rewrite(source, broken, "xl/styles.xml", b'numFmtId="0"', b'numFmtId="unheard-of"')
    problems = read("nominations", broken, today=TODAY).problems
    annotate(broken, tmp_path / "b.xlsx", problems)
    assert list(marked(tmp_path / "b.xlsx", "推荐汇总表")) == ["C2"]
    assert [cell.value for cell in load_workbook(tmp_path / "b.xlsx")["推荐汇总表"][1]] == HEADERS


def _rewrite(source: Path, target: Path, member: str, old: bytes, new: bytes) -> None:
    with zipfile.ZipFile(source) as old_archive, zipfile.ZipFile(target, "w") as archive:
        for name in old_archive.namelist():
            data = old_archive.read(name)
            assert name != member or old in data
            archive.writestr(name, data.replace(old, new) if name == member else data)
