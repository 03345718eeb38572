"""Workbooks as hurried offices send them, written by openpyxl for the tests of their reader."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from openpyxl import Workbook as Book
from openpyxl.worksheet.worksheet import Worksheet

from flows.workbooks.nominations import COLUMNS

TODAY = date(2023, 6, 20)
HEADERS = [column.header for column in COLUMNS]
GOOD: Mapping[str, object] = {
    "序号": 1,
    "姓名": "张晓东",
    "性别": "男",
    "身份证号": "330108199001010010",
    "国籍": "中国",
    "工作单位": "杭州冠山生物医药有限公司",
    "是否滨江区在职职工": "是",
    "是否工会会员": "是",
    "职务": "班组长",
    "岗位类别": "一线技能岗位",
    "是否仍在一线从事技能工作": "是",
    "技能工种": "药物制剂工",
    "从事本专业年限": 8,
    "所属领域": "生物医药",
    "已获称号": "无",
    "符合条件": "1、3",
    "主要事迹": "解决生产难题，带出徒弟。",
    "证明材料": "证书复印件",
    "推荐单位": "滨江区长河街道总工会",
    "推荐单位类别": "街道总工会",
    "联系人": "李芳",
    "联系电话": "13900001111",
    "邮箱": "gonghui@example.com",
}


def write(path: Path, rows: Sequence[Sequence[object]], title: str = "Sheet1") -> Path:
    """Write one sheet of rows."""
    book = Book()
    fill(book.worksheets[0], rows, title)
    book.save(path)
    return path


def fill(page: Worksheet, rows: Sequence[Sequence[object]], title: str) -> Worksheet:
    """Put rows on a sheet."""
    page.title = title
    for number, row in enumerate(rows, start=1):
        for index, value in enumerate(row, start=1):
            if value is not None:
                page.cell(number, index).value = value  # type: ignore[assignment]
    return page


def row(**changes: object) -> list[object]:
    """Give a good row of the 推荐汇总表 with some cells changed, in the order of ``HEADERS``."""
    return [changes.get(header, GOOD[header]) for header in HEADERS]


def nominations(path: Path, *rows: Sequence[object]) -> Path:
    """Write a 推荐汇总表 with its plain header row on top."""
    return write(path, [HEADERS, *rows], "推荐汇总表")
