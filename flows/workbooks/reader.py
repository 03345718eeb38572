"""Reading any kind of workbook: good rows go on, bad cells come back with their place, the reason and the mend."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from config.programme import Criterion
from flows.workbooks.around import line_of, said_around
from flows.workbooks.cells import is_blank, plain
from flows.workbooks.headers import Header, check_header, find_header, no_header, unknown_columns
from flows.workbooks.kinds import workbook_of
from flows.workbooks.opening import Grid, open_grids
from flows.workbooks.sheets import (
    CellFault,
    CellProblem,
    Column,
    Raw,
    Reading,
    ReadRow,
    Said,
    Sheet,
    SkippedRow,
    Workbook,
    WorkbookRefused,
)
from flows.workbooks.unread import names_of, said_name, titled, unread

EXAMPLE = "示例"
_BELOW = "表下的说明"
_NOTE = re.compile(
    r"[（(]?\s*(?:注\s*[:：]|注\d|说明|备注|填表|填报|制表|审核人|审核单位|合计|总计|小计|共\s*\d|负责人|联系人|日期|单位\s*[（(]?盖章|盖章|以下空白)"
)


@dataclass
class _Found:
    """What is gathered while the sheets of one file are read."""

    file: str
    today: date
    rows: list[ReadRow] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)
    warnings: list[CellProblem] = field(default_factory=list)
    skipped: list[SkippedRow] = field(default_factory=list)
    around: list[Said] = field(default_factory=list)
    bad_ids: list[str] = field(default_factory=list)
    keys: dict[tuple[object, ...], tuple[str, int]] = field(default_factory=dict)


def read(kind: str, path: Path, *, today: date, rubric: Sequence[Criterion] = ()) -> Reading:
    """Read a workbook of one kind. ``today`` is the day in the programme's zone; ``rubric`` is for score sheets.

    Raises ``WorkbookRefused`` where nothing can be taken: no workbook, no header row, a required column missing or one
    that stands twice, or no row of data at all.
    """
    workbook = workbook_of(kind, rubric)
    grids = open_grids(path)
    found = _Found(path.name, today)
    tables = _tables(path.name, workbook, grids)
    for sheet, grid, header in tables:
        _read_table(sheet, grid, header, found)
    taken = tuple(grid.name for _, grid, _ in tables)
    left = [grid for grid in grids if grid.name not in taken and not grid.empty]
    found.warnings += map(unread, left)
    if not found.rows and not found.problems:
        raise _no_rows(path.name, left)
    return Reading(
        file=path.name,
        kind=kind,
        sheets=taken,
        rows=tuple(found.rows),
        problems=tuple(found.problems),
        warnings=tuple(found.warnings),
        skipped=tuple(found.skipped),
        around=tuple(found.around),
        bad_ids=tuple(found.bad_ids),
    )


def _tables(file: str, workbook: Workbook, grids: Sequence[Grid]) -> list[tuple[Sheet, Grid, Header]]:
    """Find which sheet of the file is which of ours, each with its header row, checked."""
    single = len(workbook.sheets) == 1
    pairs = [_only_table(file, workbook.sheets[0], grids)] if single else _named_tables(file, workbook, grids)
    for sheet, grid, header in pairs:
        check_header(file, grid, header, sheet)
    return pairs


def _only_table(file: str, sheet: Sheet, grids: Sequence[Grid]) -> tuple[Sheet, Grid, Header]:
    found = [(header, grid) for grid in grids if (header := find_header(grid, sheet)) is not None]
    if not found:
        raise no_header(file, sheet, grids)
    header, grid = max(found, key=lambda pair: (titled(pair[1], sheet), len(pair[0].known)))
    return sheet, grid, header


def _named_tables(file: str, workbook: Workbook, grids: Sequence[Grid]) -> list[tuple[Sheet, Grid, Header]]:
    tables = []
    for sheet in workbook.sheets:
        for grid in (grid for grid in grids if titled(grid, sheet) and not grid.empty):
            header = find_header(grid, sheet)
            if header is None:
                raise no_header(file, sheet, ())
            tables.append((sheet, grid, header))
    if not tables:
        raise _no_sheet(file, workbook, [grid for grid in grids if not grid.empty])
    return tables


def _no_sheet(file: str, workbook: Workbook, there: Sequence[Grid]) -> WorkbookRefused:
    """Make the refusal of a file none of whose sheets is ours, by what its sheets are called."""
    mend = f"工作表应命名为：{'、'.join(sheet.title for sheet in workbook.sheets)}；或用模板重填"
    discreet = f"里没有{workbook.title}的工作表，现有 {len(there)} 张别的工作表"
    return WorkbookRefused(file, f"里没有{workbook.title}的工作表，现有{names_of(there)}", mend, discreet=(discreet, mend))


def _no_rows(file: str, left: Sequence[Grid]) -> WorkbookRefused:
    """Make the refusal of a file without data, with the sheets in which it may stand."""
    reason, mend = "只有表头，没有可导入的数据行", f"请从表头下一行起填写；写着“{EXAMPLE}”的行不会导入"
    if not left:
        return WorkbookRefused(file, reason, mend)
    mend = f"数据写在那里的，请移到表头所在的表；{mend}"
    discreet = f"{reason}；另有 {len(left)} 张工作表没有读取"
    return WorkbookRefused(file, f"{reason}；另有工作表没有读取：{names_of(left)}", mend, discreet=(discreet, mend))


def _read_table(sheet: Sheet, grid: Grid, header: Header, found: _Found) -> None:
    found.warnings += unknown_columns(grid, header, sheet)
    found.around += said_around(grid, header.row)
    for number, row in enumerate(grid.rows[header.row + 1 :], start=header.row + 1):
        reason = _skip_reason(sheet, grid, header, number)
        if reason is None:
            _read_row(_RowReader(sheet, grid.name, header, row, number + 1, found.today), found)
        elif reason:
            found.skipped.append(SkippedRow(grid.name, number + 1, reason))
            found.around.append(Said(grid.name, number + 1, line_of(row) if reason == _BELOW else ""))


def _skip_reason(sheet: Sheet, grid: Grid, header: Header, number: int) -> str | None:
    """Say why a row is no data: "" for a blank one, ``None`` if it is data."""
    row = grid.rows[number]
    filled = [(index, column) for index, column in sorted(header.known.items()) if not is_blank(row[index])]
    if not any(column.field for _, column in filled):
        note = any(not is_blank(cell) for index, cell in enumerate(row) if index not in header.known)
        return "" if not filled and not note else _lone_text_reason(sheet, header, row, filled)
    if _is_example(sheet, header, row, filled):
        return "示例行"
    if all(_same(row[index], grid.rows[header.row][index]) for index, _ in filled):
        return "重复的表头"
    first = _shown(row[filled[0][0]])
    few = 2 * len(filled) < sum(column.required for column in sheet.columns)
    return _BELOW if few and (_NOTE.match(first) or (len(filled) == 1 and number in grid.wide)) else None


def _lone_text_reason(sheet: Sheet, header: Header, row: Sequence[Raw], filled: list[tuple[int, Column]]) -> str:
    """Say why a row without data is passed over: an example, a running number alone, a text in a strange column."""
    if _is_example(sheet, header, row, filled):
        return "示例行"
    return "只有序号" if filled and _shown(row[filled[0][0]]).isdigit() else _BELOW


def _is_example(sheet: Sheet, header: Header, row: Sequence[Raw], filled: Sequence[tuple[int, Column]]) -> bool:
    first = {index for index, column in header.known.items() if column is sheet.columns[0]}
    first.update(index for index, _ in filled[:1])
    return any(_shown(row[index]).startswith(EXAMPLE) for index in first)


def _same(one: Raw, other: Raw) -> bool:
    return _shown(one) == _shown(other)


def _shown(raw: Raw) -> str:
    try:
        return plain(raw)
    except CellFault:
        return ""


@dataclass(frozen=True)
class _RowReader:
    """One row of a table, as the file holds it; ``row_number`` counts from 1."""

    sheet: Sheet
    name: str
    header: Header
    row: Sequence[Raw]
    row_number: int
    today: date

    def values(self) -> tuple[dict[str, object], list[CellProblem]]:
        """Read every column: the values by field, and what is wrong."""
        values, problems = {}, []
        places = {id(column): index for index, column in self.header.known.items()}
        for column in (column for column in self.sheet.columns if column.field):
            try:
                values[column.field] = self._value(column, places.get(id(column)))
            except CellFault as fault:
                problems.append(self.problem(column, fault))
        return values, problems + self._checked(values)

    def problem(self, column: Column, fault: CellFault) -> CellProblem:
        """Place a fault in this row."""
        letter = self.header.place_of(column)
        return CellProblem(self.name, self.row_number, letter, column.header, fault.reason, fault.mend)

    def _value(self, column: Column, index: int | None) -> object:
        raw = "" if index is None else self.row[index]
        if not is_blank(raw) and not (column.blank and _shown(raw) in _BLANKS):
            return column.kind.parse(raw, column, self.today)
        if column.blank:
            return column.kind.empty
        raise CellFault("没有填写（公式出错也会是空的）", "请填写")

    def _checked(self, values: dict[str, object]) -> list[CellProblem]:
        faults: Iterable[tuple[str, CellFault]] = (fault for check in self.sheet.checks for fault in check(values, self.today))
        return [self.problem(self.sheet.column(field), fault) for field, fault in faults]


_BLANKS = frozenset({"/", "-", "--", "—", "——", "无"})


def _read_row(reader: _RowReader, found: _Found) -> None:
    values, problems = reader.values()
    problems = problems or _repeated(reader, values, found)
    if problems:
        found.problems += problems
        found.bad_ids += [str(values["id"])] if "id" in values else []
    else:
        value = reader.sheet.row_model.model_validate(_nested(values))
        found.rows.append(ReadRow(reader.name, reader.row_number, value))


def _repeated(reader: _RowReader, values: dict[str, object], found: _Found) -> list[CellProblem]:
    """Refuse a row whose key an earlier good row has, on whichever sheet of the file."""
    key = reader.sheet.key
    if not key:
        return []
    here = (reader.name, reader.row_number)
    sheet, row = found.keys.setdefault((key, *(values[field] for field in key)), here)
    if (sheet, row) == here:
        return []
    columns = [reader.sheet.column(field) for field in key]
    said = "和".join(f"“{column.header}”" for column in columns)
    return [reader.problem(columns[0], CellFault(f"与“{said_name(sheet)}”第{row}行的{said}相同", "请只保留正确的一行"))]


def _nested(values: dict[str, object]) -> dict[str, object]:
    """Turn dotted fields into models within models: ``marks.skill`` becomes ``marks: {skill}``."""
    nested: dict[str, object] = {}
    for name, value in values.items():
        outer, _, inner = name.partition(".")
        if inner:
            within = nested.setdefault(outer, {})
            assert isinstance(within, dict)  # noqa: S101 - a field is either plain or dotted, by the column lists
            within[inner] = value
        else:
            nested[outer] = value
    return nested
