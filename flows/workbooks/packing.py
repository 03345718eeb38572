"""Writing workbooks: the same content gives the same bytes, and a target is either the old file or the whole new one."""

import io
import os
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from openpyxl import Workbook as Book
from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

MADE_AT = datetime(2023, 6, 6, tzinfo=UTC)
_ENTRY_DATE = (1980, 1, 1, 0, 0, 0)
_ENTRY_MODE = 0o600 << 16


def packed(book: Book) -> bytes:
    """Give a workbook as the bytes of an .xlsx file, with fixed dates in the archive.

    ``openpyxl``'s own ``save`` stamps the present time on the archive's entries and on the document's properties.
    """
    loose = io.BytesIO()
    ExcelWriter(book, zipfile.ZipFile(loose, "w")).save()
    tight = io.BytesIO()
    with zipfile.ZipFile(loose) as source, zipfile.ZipFile(tight, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _ENTRY_DATE)
            entry.external_attr, entry.compress_type, entry.create_system = _ENTRY_MODE, zipfile.ZIP_DEFLATED, 3
            target.writestr(entry, source.read(name))
    return tight.getvalue()


def cell_at(page: Worksheet, row: int, column: int) -> Cell:
    """Give a cell that can be written: the first one of its area where cells are merged. Counts from 1."""
    cell = page.cell(row, column)
    if isinstance(cell, Cell):
        return cell
    area = next(area for area in page.merged_cells.ranges if cell.coordinate in area)
    return cell_at(page, area.min_row, area.min_col)


def write_atomically(target: Path, data: bytes) -> None:
    """Write a file so that nobody ever sees half of it; missing folders are made. Raises ``OSError``, which names the target."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        _write(target, data)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(target)) from None


def _write(target: Path, data: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".partial")
    partial = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
