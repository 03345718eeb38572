"""Giving a workbook back: a copy in which every bad cell is marked and says in a comment what is wrong with it."""

import io
import warnings
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook as Book
from openpyxl import load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils import column_index_from_string
from openpyxl.worksheet.worksheet import Worksheet

from flows.workbooks.opening import open_grids
from flows.workbooks.packing import cell_at, packed, write_atomically
from flows.workbooks.sheets import CellProblem

_AUTHOR = "审核退回"
_FILL = PatternFill("solid", fgColor="FFC7CE")
_WIDTH, _LINE_HEIGHT, _CHARACTERS_A_LINE = 320, 20, 22


def returned_name(source: Path) -> str:
    """Name the marked copy of a sender's workbook, the same wherever it is written."""
    return f"退回-{source.stem}.xlsx"


def annotate(source: Path, target: Path, problems: Sequence[CellProblem]) -> None:
    """Write a copy of a sender's workbook with its bad cells filled and the reasons in their comments.

    Values, formulas, styles, widths, merged cells, drop-downs, other sheets and the sender's own comments stay as they
    were; pictures are left out, and formulas are calculated anew by Excel. A problem of a whole row or of a missing
    column is put at the row's first cell. Raises ``WorkbookRefused`` if the source is no workbook, ``OSError`` where
    the target cannot be written; the target is written whole or not at all.
    """
    book = _editable(source)
    reasons: dict[Cell, list[str]] = defaultdict(list)
    for problem in problems:
        reasons[_cell_of(_page_of(book, problem.sheet), problem)].append(_text(problem))
    for cell, texts in reasons.items():
        _mark(cell, texts)
    write_atomically(target, packed(book))


def _editable(source: Path) -> Book:
    """Open for editing; where openpyxl stumbles over another program's styles, take the values alone."""
    grids = open_grids(source)
    try:
        with warnings.catch_warnings():
            # openpyxl warns of extensions that it does not keep; the operator can do nothing about them.
            warnings.simplefilter("ignore")
            return load_workbook(io.BytesIO(source.read_bytes()), rich_text=True)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError):
        book = Book()
        book.remove(book.worksheets[0])
        for grid in grids:
            page = book.create_sheet(grid.name)
            for row in grid.rows:
                page.append([None if cell == "" else cell for cell in row])
        return book


def _page_of(book: Book, name: str) -> Worksheet:
    page = book[name] if name in book.sheetnames else book.worksheets[0]
    return page if isinstance(page, Worksheet) else book.worksheets[0]


def _cell_of(page: Worksheet, problem: CellProblem) -> Cell:
    row = problem.row or 1
    column = column_index_from_string(problem.letter) if problem.letter else _first_filled(page, row)
    return cell_at(page, row, column)


def _first_filled(page: Worksheet, row: int) -> int:
    return next((cell.column for cell in page[row] if isinstance(cell, Cell) and cell.value is not None), 1)


def _text(problem: CellProblem) -> str:
    said = f"{problem.reason}；{problem.mend}"
    if problem.letter:
        return said
    row = f"第{problem.row}行" if problem.row else "整表"
    return f"【{row}{f'“{problem.header}”' if problem.header else ''}】{said}"


def _mark(cell: Cell, reasons: Sequence[str]) -> None:
    earlier = [cell.comment.text] if cell.comment else []
    text = "\n".join([*earlier, *reasons])
    lines = sum(1 + len(line) // _CHARACTERS_A_LINE for line in text.splitlines())
    cell.comment = Comment(text, _AUTHOR, height=_LINE_HEIGHT * (lines + 1), width=_WIDTH)
    cell.fill = _FILL
