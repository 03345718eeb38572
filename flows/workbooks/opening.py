"""Opening a file that somebody calls a workbook: what it really is, and what its sheets hold."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import python_calamine as calamine

from flows.workbooks.cells import is_blank
from flows.workbooks.sheets import Raw, WorkbookRefused

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK"
_MOST_UNPACKED = 500 * 1024 * 1024
_RESAVE = "请用 Excel 或 WPS 打开后“另存为”Excel 工作簿（.xlsx）再交"
_REFILL = "请把内容填进模板（Excel 工作簿）再交"
_UNPACK = "请先解压缩，交里面的 .xlsx 文件"
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"II*\x00", b"MM\x00*")
_WITHIN_ZIP = (
    ("xl/workbook.bin", "是二进制工作簿（.xlsb）", _RESAVE),
    ("word/document.xml", "是 Word 文档，不是工作簿", _REFILL),
    ("ppt/presentation.xml", "是演示文稿，不是工作簿", _REFILL),
    ("content.xml", "是 OpenDocument 文件，不是 .xlsx 工作簿", _RESAVE),
)


@dataclass(frozen=True)
class Grid:
    """One visible sheet as rows of cells from A1 on, merged cells of one column filled down.

    ``wide`` are the rows (from 0) that hold cells merged across three columns or more: titles and notes.
    """

    name: str
    rows: list[list[Raw]]
    wide: frozenset[int]

    @property
    def empty(self) -> bool:
        """Whether no cell holds anything."""
        return all(is_blank(cell) for row in self.rows for cell in row)


def open_grids(path: Path) -> list[Grid]:
    """Give the visible sheets of a workbook. Raises ``WorkbookRefused`` for anything that is no .xlsx workbook."""
    data = _bytes_of(path)
    _refuse_other_formats(path.name, data)
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        grids = [_grid(book.get_sheet_by_name(meta.name)) for meta in book.sheets_metadata if _visible(meta)]
    except calamine.CalamineError:
        raise WorkbookRefused(path.name, "已损坏，打不开", _RESAVE) from None
    if all(grid.empty for grid in grids):
        raise WorkbookRefused(path.name, "是空的，没有任何内容", "请用模板填写后再交")
    return grids


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise WorkbookRefused(path.name, "不存在", "请核对文件名") from None
    except OSError:
        raise WorkbookRefused(path.name, "无法读取", "请检查它是不是文件、有没有读取权限") from None


def _refuse_other_formats(file: str, data: bytes) -> None:
    if not data:
        raise WorkbookRefused(file, "是空文件（0字节）", "请重新保存或重新发送")
    if data.startswith(_OLE):
        raise WorkbookRefused(file, *_ole_reason(data))
    if not data.startswith(_ZIP):
        raise WorkbookRefused(file, *_other_reason(data))
    if reason := _zip_reason(data):
        raise WorkbookRefused(file, *reason)


def _ole_reason(data: bytes) -> tuple[str, str]:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return "已加密，打不开", "请取消打开密码后再交"
    if "WordDocument".encode("utf-16-le") in data:
        return "是 Word 文档，不是工作簿", _REFILL
    return "是旧格式（.xls 或 .et）", _RESAVE


def _other_reason(data: bytes) -> tuple[str, str]:
    if data.startswith(b"%PDF"):
        return "是 PDF，不是工作簿", _REFILL
    if data.startswith(_PICTURES) or data[8:12] in (b"WEBP", b"heic", b"mif1"):
        return "是图片，不是工作簿", _REFILL
    if b"\x00" in data[:4096]:
        return "不是 Excel 工作簿", _RESAVE
    return "是文本文件（如 CSV 或网页），不是 Excel 工作簿", _RESAVE


def _zip_reason(data: bytes) -> tuple[str, str] | None:
    """Say what an archive is, and the mend; ``None`` for a workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return "已损坏，打不开", _RESAVE
    names = {member.filename for member in members}
    if "xl/workbook.xml" not in names:
        known = ((reason, mend) for name, reason, mend in _WITHIN_ZIP if name in names)
        return next(known, ("是压缩包，不是 Excel 工作簿", _UNPACK))
    if sum(member.file_size for member in members) > _MOST_UNPACKED:
        return "展开后大得不正常", _RESAVE
    return None


def _visible(meta: calamine.SheetMetadata) -> bool:
    return meta.visible == calamine.SheetVisibleEnum.Visible and meta.typ == calamine.SheetTypeEnum.WorkSheet


def _grid(sheet: calamine.CalamineSheet) -> Grid:
    rows: list[list[Raw]] = [list(row) for row in sheet.to_python(skip_empty_area=False)]
    wide: set[int] = set()
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if left == right:
            _fill_down(rows, top, bottom, left)
        elif right - left > 1:
            wide.update(range(top, bottom + 1))
    return Grid(sheet.name, rows, frozenset(wide))


def _fill_down(rows: list[list[Raw]], top: int, bottom: int, column: int) -> None:
    """Give every row of a merged column the value of the first; cells merged beyond the filled area hold nothing."""
    for row in rows[top + 1 : bottom + 1]:
        if column < len(row):
            row[column] = rows[top][column]
