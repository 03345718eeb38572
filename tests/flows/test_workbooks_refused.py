import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook as Book
from openpyxl import load_workbook

from flows.workbooks import WorkbookRefused, read
from tests.flows.hurried import HEADERS, TODAY, nominations, row, write

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504
RESAVE = "请用 Excel 或 WPS 打开后“另存为”Excel 工作簿（.xlsx）再交"
REFILL = "请把内容填进模板（Excel 工作簿）再交"


def discreet(path: Path, kind: str = "nominations") -> str:
    with pytest.raises(WorkbookRefused) as caught:
        read(kind, path, today=TODAY)
    return caught.value.discreet


def refusal(path: Path, kind: str = "nominations") -> str:
    with pytest.raises(WorkbookRefused) as caught:
        read(kind, path, today=TODAY)
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "是空文件（0字节）；请重新保存或重新发送"),
        (OLE, f"是旧格式（.xls 或 .et）；{RESAVE}"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "已加密，打不开；请取消打开密码后再交"),
        (OLE + "WordDocument".encode("utf-16-le"), f"是 Word 文档，不是工作簿；{REFILL}"),
        ("序号,姓名\n1,张三\n".encode("gbk"), f"是文本文件（如 CSV 或网页），不是 Excel 工作簿；{RESAVE}"),
        (b"%PDF-1.7\n", f"是 PDF，不是工作簿；{REFILL}"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", f"是图片，不是工作簿；{REFILL}"),
        (b"\xff\xd8\xff\xe0", f"是图片，不是工作簿；{REFILL}"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", f"是图片，不是工作簿；{REFILL}"),
        (b"\x00\x00\x00\x18ftypheic\x00", f"是图片，不是工作簿；{REFILL}"),
        (b"\x7fELF\x00\x00", f"不是 Excel 工作簿；{RESAVE}"),
        (b"PK\x03\x04 cut off", f"已损坏，打不开；{RESAVE}"),
    ],
)
def test_file_of_another_format_is_refused_in_one_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "汇总.xlsx"
    path.write_bytes(content)
    assert refusal(path) == f"文件“汇总.xlsx”{said}。"


@pytest.mark.parametrize(
    ("member", "said"),
    [
        ("word/document.xml", f"是 Word 文档，不是工作簿；{REFILL}"),
        ("ppt/presentation.xml", f"是演示文稿，不是工作簿；{REFILL}"),
        ("xl/workbook.bin", f"是二进制工作簿（.xlsb）；{RESAVE}"),
        ("content.xml", f"是 OpenDocument 文件，不是 .xlsx 工作簿；{RESAVE}"),
        ("a.txt", "是压缩包，不是 Excel 工作簿；请先解压缩，交里面的 .xlsx 文件"),
        ("xl/workbook.xml", f"已损坏，打不开；{RESAVE}"),
    ],
)
def test_archive_that_is_no_workbook_is_refused(tmp_path: Path, member: str, said: str) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, "<broken")
    assert refusal(path) == f"文件“a.xlsx”{said}。"


def test_workbook_cut_in_the_middle_is_refused(tmp_path: Path) -> None:
    path = nominations(tmp_path / "a.xlsx", row())
    path.write_bytes(path.read_bytes()[:-400])
    assert refusal(path) == f"文件“a.xlsx”已损坏，打不开；{RESAVE}。"


def test_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.workbooks.opening._MOST_UNPACKED", 1000)
    assert "展开后大得不正常" in refusal(nominations(tmp_path / "a.xlsx", row()))


def test_workbook_without_a_cell_is_refused(tmp_path: Path) -> None:
    Book().save(tmp_path / "a.xlsx")
    assert refusal(tmp_path / "a.xlsx") == "文件“a.xlsx”是空的，没有任何内容；请用模板填写后再交。"


def test_workbook_without_data_rows_is_refused(tmp_path: Path) -> None:
    said = "文件“a.xlsx”只有表头，没有可导入的数据行；请从表头下一行起填写；写着“示例”的行不会导入。"
    assert refusal(nominations(tmp_path / "a.xlsx", row(序号="示例"))) == said


def test_workbook_without_a_header_row_is_refused(tmp_path: Path) -> None:
    said = refusal(write(tmp_path / "a.xlsx", [["姓名册"], ["张三", "李四"]]))
    assert said.startswith("文件“a.xlsx”里没有找到“推荐汇总表”的表头行（看过“Sheet1”）；请在前30行内用一行写齐列名：姓名、性别、身份证号、")


def test_workbook_of_another_kind_is_refused_with_what_it_lacks(tmp_path: Path) -> None:
    path = nominations(tmp_path / "a.xlsx", row())
    assert "缺少必填列：申报编号（表头在第1行）" in refusal(path, "corrections")


def test_roster_without_any_known_sheet_is_refused_and_its_sheets_named(tmp_path: Path) -> None:
    said = "文件“a.xlsx”里没有名册的工作表，现有“张建国的表”；工作表应命名为：单位、专家、领导小组、部门、经办人；或用模板重填。"
    path = write(tmp_path / "a.xlsx", [HEADERS, row()], "张建国的表")
    assert refusal(path, "roster") == said
    assert discreet(path, "roster") == said.replace("现有“张建国的表”", "现有 1 张别的工作表")


def test_sheet_with_data_is_named_where_the_expected_one_is_empty(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", [["编号", "名称", "类别", "上级编号"]], "单位")
    book = load_workbook(path)
    for name in ("单位 (2)", "张建国的一张名字很长很长很长很长很长的工作表", "空白"):
        page = book.create_sheet(name)
        page["A1"] = None if name == "空白" else "U01"
    book.save(path)
    said = "文件“a.xlsx”只有表头，没有可导入的数据行；另有工作表没有读取：“单位 (2)”、“张建国的一张名字很长很长很长很长很长的工…”；"
    assert refusal(path, "roster").startswith(said)
    assert "另有 2 张工作表没有读取；" in discreet(path, "roster")
    assert "张建国" not in discreet(path, "roster")


@pytest.mark.parametrize("twice", [True, False])
def test_senders_own_words_stay_out_of_what_the_dashboard_is_told(tmp_path: Path, twice: bool) -> None:
    headers = [*HEADERS, "姓名"] if twice else [{"姓名": "张建国"}.get(header, header) for header in HEADERS]
    path = write(tmp_path / "a.xlsx", [headers, row()], "李小红")
    assert "的“李小红”" in refusal(path)
    assert not any(word in discreet(path) for word in ("李小红", "张建国"))
    assert "“工作表”" in discreet(path)


def test_roster_sheet_without_a_header_row_is_refused(tmp_path: Path) -> None:
    assert "里没有找到“专家”的表头行" in refusal(write(tmp_path / "a.xlsx", [["随便写写"]], "专家"), "roster")


def test_missing_file_and_folder_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "a.xlsx") == "文件“a.xlsx”不存在；请核对文件名。"
    assert "无法读取" in refusal(tmp_path)


def test_unknown_kind_and_scores_without_a_rubric_are_refused(tmp_path: Path) -> None:
    assert "可用的种类：roster、nominations" in refusal(tmp_path, "photos")
    assert "缺少评分标准" in refusal(tmp_path, "scores")
