"""Finding the header row: below titles, in any order, with stars, spaces and line breaks inside the headers."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from flows.workbooks.cells import is_blank, near, squashed, text_of
from flows.workbooks.opening import Grid
from flows.workbooks.sheets import CellFault, CellProblem, Column, Raw, Sheet, WorkbookRefused
from flows.workbooks.unread import names_of, said_name

NOT_OURS = "不是本表的列，没有读取"
"""What is said of a column whose header is the sender's own."""
_LOOK_AT = 30
_FEWEST = 2
_SHOWN_HEADER = 20
_DECORATION = re.compile(r"[*＊★:：.。、]")
_IN_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")


@dataclass
class Header:
    """Where the header row stands (``row`` from 0) and which column of the file is which of ours."""

    row: int
    known: dict[int, Column] = field(default_factory=dict)
    unknown: dict[int, str] = field(default_factory=dict)
    twice: dict[str, list[int]] = field(default_factory=dict)

    def place_of(self, wanted: Column) -> str:
        """Excel's letter of one of our columns, "" if the file has none."""
        return next((get_column_letter(index + 1) for index, column in self.known.items() if column is wanted), "")


def find_header(grid: Grid, sheet: Sheet) -> Header | None:
    """Find the row among the first ones that names the most of our columns; ``None`` where none names two."""
    fewest = min(_FEWEST, len(sheet.columns))
    names = _names(sheet)
    headers = [_header(number, row, names) for number, row in enumerate(grid.rows[:_LOOK_AT])]
    best = max(headers, key=lambda header: (len(header.known), -header.row), default=None)
    return best if best is not None and len(best.known) >= fewest else None


def check_header(file: str, grid: Grid, header: Header, sheet: Sheet) -> None:
    """Refuse a table in which a required column is missing or a column stands twice. Raises ``WorkbookRefused``."""
    row, shown = header.row + 1, said_name(grid.name)
    if header.twice:
        places = {name: "、".join(f"{get_column_letter(i + 1)}列" for i in at) for name, at in header.twice.items()}
        problems = [
            CellProblem(grid.name, row, get_column_letter(i + 1), name, f"这一列出现了多次：{places[name]}", "请只留一列")
            for name, at in header.twice.items()
            for i in at
        ]
        said = "；".join(f"“{name}”（{place}）" for name, place in places.items())
        reason, mend = f"第{row}行有重复的列：{said}", "请每列只留一个"
        raise WorkbookRefused(file, f"的“{grid.name}”{reason}", mend, tuple(problems), discreet=(f"的“{shown}”{reason}", mend))
    found = set(map(id, header.known.values()))
    missing = [column.header for column in sheet.columns if column.required and id(column) not in found]
    if missing:
        problems = [CellProblem(grid.name, row, "", name, "缺少这一列", "请在表头行补上这一列并填写") for name in missing]
        reason, mend = f"缺少必填列：{'、'.join(missing)}（表头在第{row}行）", f"请补上再交{_look_alikes(header, missing)}"
        raise WorkbookRefused(file, f"的“{grid.name}”{reason}", mend, tuple(problems), discreet=(f"的“{shown}”{reason}", "请补上再交"))


def unknown_columns(grid: Grid, header: Header, sheet: Sheet) -> list[CellProblem]:
    """Warn of columns that are not ours: they are not read."""
    missing = tuple(c.header for c in sheet.columns if not header.place_of(c))
    return [
        CellProblem(grid.name, header.row + 1, get_column_letter(index + 1), name, NOT_OURS, near(name, missing) or "不需要可以删去")
        for index, name in header.unknown.items()
    ]


def no_header(file: str, sheet: Sheet, seen: Sequence[Grid]) -> WorkbookRefused:
    """Make the refusal of a file in which no header row was found on any of the sheets that were seen."""
    names = "、".join(column.header for column in sheet.columns if column.required)
    reason, mend = f"里没有找到“{sheet.title}”的表头行", f"请在前{_LOOK_AT}行内用一行写齐列名：{names}；或用模板重填"
    looked = f"（看过{names_of(seen)}）" if seen else ""
    return WorkbookRefused(file, f"{reason}{looked}", mend, discreet=(reason, mend))


def _header(number: int, row: Sequence[Raw], names: dict[str, Column]) -> Header:
    header, at = Header(number), defaultdict(list)
    for index, raw in enumerate(row):
        if is_blank(raw):
            continue
        column = _named(raw, names)
        if column is None:
            header.unknown[index] = _shown(raw)[:_SHOWN_HEADER]
        else:
            header.known[index] = column
            at[column.header].append(index)
    header.twice = {name: places for name, places in at.items() if len(places) > 1}
    return header


def _names(sheet: Sheet) -> dict[str, Column]:
    """Every way of writing a header; the full header wins over another column's alias."""
    names = {_plain(alias): column for column in sheet.columns for alias in column.aliases}
    return names | {_plain(column.header): column for column in sheet.columns}


def _named(raw: Raw, names: dict[str, Column]) -> Column | None:
    text = _shown(raw)
    return names.get(_plain(text)) or names.get(_plain(_IN_BRACKETS.sub("", text)))


def _plain(text: str) -> str:
    return _DECORATION.sub("", squashed(text))


def _shown(raw: Raw) -> str:
    try:
        return " ".join(text_of(raw).split())
    except CellFault:
        return "（一串数字）"


def _look_alikes(header: Header, missing: Sequence[str]) -> str:
    hints = [(name, near(name, tuple(missing))) for name in header.unknown.values()]
    said = "；".join(f"现有的“{name}”{hint}" for name, hint in hints if hint)
    return f"（{said}）" if said else ""
