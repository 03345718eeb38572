"""Writing workbooks of any kind: an empty one to fill in, or one filled with rows."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import reduce
from pathlib import Path

from openpyxl import Workbook as Book
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet
from pydantic import BaseModel

from config.programme import Criterion
from flows.workbooks.cells import CHOICE, DATE, YES_NO
from flows.workbooks.kinds import workbook_of
from flows.workbooks.packing import MADE_AT, cell_at, packed, write_atomically
from flows.workbooks.reader import EXAMPLE
from flows.workbooks.sheets import Cell as Value
from flows.workbooks.sheets import Column, Sheet

_AUTHOR = "填写说明"
_CHOICES_SHEET = "选项"
_LAST_ROW = 2000
_INLINE_LIMIT = 250
_COMMENT_WIDTH, _COMMENT_HEIGHT = 240, 90
_HEADER_FILL = PatternFill("solid", fgColor="DDEBF7")
_REQUIRED_FONT, _OPTIONAL_FONT = Font(bold=True, color="C00000"), Font(bold=True, color="1F3864")
_EXAMPLE_FONT = Font(italic=True, color="808080")
_FORMULA_STARTS = ("=", "+", "-", "@")


def write_template(
    kind: str,
    path: Path,
    *,
    rubric: Sequence[Criterion] = (),
    units: Sequence[str] = (),
    clearances: Sequence[str] = (),
    made_at: datetime = MADE_AT,
) -> None:
    """Write an empty workbook with drop-downs, notes and an example row that the reader passes over.

    ``units`` are the names offered for 推荐单位, ``clearances`` those for 联审事项; ``made_at``, aware, stands in the document's properties. Raises
    ``WorkbookRefused`` for an unknown kind, ``OSError`` where the file cannot be written.
    """
    workbook = workbook_of(kind, rubric)
    book = _book(made_at)
    for sheet in workbook.sheets:
        page = _page(book, sheet, {"unit": tuple(units), "candidate.unit": tuple(units), "clearance": tuple(clearances)})
        _write_example(page, sheet)
    write_atomically(path, packed(book))


def write_rows(
    kind: str,
    path: Path,
    rows: Sequence[BaseModel],
    *,
    rubric: Sequence[Criterion] = (),
    made_at: datetime = MADE_AT,
) -> None:
    """Write a workbook filled with rows, each on the sheet of its model; reading it gives the same rows.

    The same rows and ``made_at`` give the same bytes. Raises ``WorkbookRefused`` for an unknown kind, ``OSError``
    where the file cannot be written.
    """
    write_atomically(path, filled(kind, rows, rubric=rubric, made_at=made_at))


def filled(kind: str, rows: Sequence[BaseModel], *, rubric: Sequence[Criterion] = (), made_at: datetime = MADE_AT) -> bytes:
    """Give the bytes of a workbook filled with rows. Raises ``WorkbookRefused`` for an unknown kind."""
    workbook = workbook_of(kind, rubric)
    book = _book(made_at)
    for sheet in workbook.sheets:
        page = _page(book, sheet, {})
        for number, row in enumerate((row for row in rows if isinstance(row, sheet.row_model)), start=1):
            _write_row(page, sheet, row, number)
    return packed(book)


def _book(made_at: datetime) -> Book:
    book = Book()
    book.remove(book.worksheets[0])
    if made_at.tzinfo is None:
        raise ValueError("an instant must be aware")
    stamp = made_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)  # openpyxl writes naive times as UTC
    book.properties.creator, book.properties.created, book.properties.modified = "Hallmark", stamp, stamp
    return book


def _page(book: Book, sheet: Sheet, offered: Mapping[str, tuple[str, ...]]) -> Worksheet:
    # Before the hidden sheet of choices, if there is one: the first sheet is the one that people see.
    page: Worksheet = book.create_sheet(sheet.title, index=sum(name != _CHOICES_SHEET for name in book.sheetnames))
    for index, column in enumerate(sheet.columns, start=1):
        _write_header(page, index, column)
        choices = offered.get(column.field) or (column.choices if column.kind in (CHOICE, YES_NO) else ())
        if choices:
            _offer(book, page, index, choices, strict=not offered.get(column.field))
    page.freeze_panes = "A2"
    page.row_dimensions[1].height = 32
    return page


def _write_header(page: Worksheet, index: int, column: Column) -> None:
    cell = cell_at(page, 1, index)
    cell.value = column.header
    needed = column.required and not column.blank
    cell.font = _REQUIRED_FONT if needed else _OPTIONAL_FONT
    cell.fill = _HEADER_FILL
    cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
    note = f"{'必填' if needed else '选填'}。{column.note}"
    cell.comment = Comment(note, _AUTHOR, height=_COMMENT_HEIGHT, width=_COMMENT_WIDTH)
    dimension = page.column_dimensions[get_column_letter(index)]
    dimension.width = column.width
    dimension.number_format = _format_of(column)


def _format_of(column: Column) -> str:
    if column.kind is DATE:
        return "yyyy-mm-dd"
    return "@" if column.kind.text else "General"


def _offer(book: Book, page: Worksheet, index: int, choices: Sequence[str], *, strict: bool) -> None:
    """Give a column a drop-down; one that is not strict only asks before it takes something else."""
    joined = ",".join(choices)
    inline = len(joined) <= _INLINE_LIMIT and not any("," in choice or '"' in choice for choice in choices)
    formula = f'"{joined}"' if inline else _choices_range(book, choices)
    validation = DataValidation(type="list", formula1=formula, allow_blank=True)
    validation.errorStyle = "stop" if strict else "warning"
    validation.errorTitle, validation.error = "不在可选项中", "请从下拉列表中选"
    validation.showErrorMessage = True
    letter = get_column_letter(index)
    validation.add(f"{letter}2:{letter}{_LAST_ROW}")
    page.add_data_validation(validation)


def _choices_range(book: Book, choices: Sequence[str]) -> str:
    """Put long lists onto a hidden sheet, one a column: Excel takes 255 characters in a rule, no more."""
    if _CHOICES_SHEET not in book.sheetnames:
        book.create_sheet(_CHOICES_SHEET).sheet_state = "hidden"
    page = book[_CHOICES_SHEET]
    index = page.max_column + 1 if page["A1"].value is not None else 1
    for number, choice in enumerate(choices, start=1):
        _put(cell_at(page, number, index), choice)
    letter = get_column_letter(index)
    return f"{quote_sheetname(_CHOICES_SHEET)}!${letter}$1:${letter}${len(choices)}"


def _write_example(page: Worksheet, sheet: Sheet) -> None:
    for index, column in enumerate(sheet.columns, start=1):
        cell = cell_at(page, 2, index)
        example = column.example if index > 1 or column.example.startswith(EXAMPLE) else f"{EXAMPLE}{column.example}"
        _put(cell, example)
        cell.font = _EXAMPLE_FONT
        cell.number_format = "@"


def _write_row(page: Worksheet, sheet: Sheet, row: BaseModel, number: int) -> None:
    for index, column in enumerate(sheet.columns, start=1):
        cell = cell_at(page, number + 1, index)
        value = column.kind.render(_dig(row, column.field), column) if column.field else number
        cell.number_format = _format_of(column)
        _put(cell, value)


def _dig(row: object, dotted: str) -> object:
    return reduce(lambda held, name: held.get(name) if isinstance(held, dict) else getattr(held, name), dotted.split("."), row)


def _put(cell: Cell, value: Value) -> None:
    """Write a value; a text stays a text, whatever it begins with, and never becomes a formula."""
    if value is None or value == "":
        return
    if not isinstance(value, str):
        cell.value = value if isinstance(value, int | float | Decimal | date) else str(value)
        return
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
    cell.data_type = "s"
    cell.quotePrefix = value.startswith(_FORMULA_STARTS)
