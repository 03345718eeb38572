"""Plain workbooks for people to read: titles, headers and rows; nothing that is ever read back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook as Book
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from flows.workbooks.packing import MADE_AT, cell_at, packed, write_atomically

_FILL, _FONT = PatternFill("solid", fgColor="DDEBF7"), Font(bold=True)
_NARROWEST, _WIDEST = 8, 60


@dataclass(frozen=True)
class PlainSheet:
    """One sheet: its title, its headers and its rows."""

    title: str
    headers: Sequence[str]
    rows: Iterable[Sequence[object]]


def write_plain(path: Path, sheets: Sequence[PlainSheet]) -> None:
    """Write sheets into one workbook; the same rows give the same bytes. Raises ``OSError`` where it cannot be written."""
    book = Book()
    book.remove(book.worksheets[0])
    stamp = MADE_AT.replace(tzinfo=None)
    book.properties.creator, book.properties.created, book.properties.modified = "Hallmark", stamp, stamp
    for sheet in sheets:
        _fill(book.create_sheet(sheet.title), sheet)
    write_atomically(path, packed(book))


def _fill(page: Worksheet, sheet: PlainSheet) -> None:
    widths = [len(header) * 2 + 4 for header in sheet.headers]
    for index, header in enumerate(sheet.headers, start=1):
        cell = cell_at(page, 1, index)
        cell.value, cell.fill, cell.font = header, _FILL, _FONT
    for number, row in enumerate(sheet.rows, start=2):
        for index, value in enumerate(row, start=1):
            widths[index - 1] = max(widths[index - 1], _put(page, number, index, value))
    for index, width in enumerate(widths, start=1):
        page.column_dimensions[get_column_letter(index)].width = min(max(width, _NARROWEST), _WIDEST)
    page.freeze_panes = "A2"


def _put(page: Worksheet, row: int, index: int, value: object) -> int:
    """Write one cell and give the width that it asks for; a text never becomes a formula."""
    if value is None or value == "":
        return 0
    cell = cell_at(page, row, index)
    if isinstance(value, int | float):
        cell.value = value
        return len(str(value)) + 2
    text = ILLEGAL_CHARACTERS_RE.sub("", str(value))
    cell.value, cell.data_type = text, "s"
    cell.alignment = Alignment(wrap_text=len(text) > _WIDEST // 2, vertical="top")
    return max((len(line) for line in text.splitlines()), default=0) * 2 + 2
