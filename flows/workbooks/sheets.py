"""What a workbook is, as data: columns, sheets, and what comes of reading one.

One reader, one template writer and one annotator serve every kind of workbook; a kind is only a list of columns
(``flows.workbooks.kinds``). Nothing here may repeat what a cell holds: reasons travel to logs and dashboards.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeVar

from pydantic import BaseModel

from states.errors import HallmarkError

Raw = str | int | float | bool | date | datetime | time | timedelta
Cell = str | int | float | Decimal | date | None
Row = TypeVar("Row", bound=BaseModel)


class CellFault(Exception):
    """What is wrong with one cell and how to mend it, in Chinese; never repeats what the cell holds."""

    def __init__(self, reason: str, mend: str) -> None:
        self.reason = reason
        self.mend = mend
        super().__init__(f"{reason}；{mend}")


@dataclass(frozen=True)
class CellKind:
    """How one kind of cell is read and written.

    ``parse`` takes what the file holds, the column and today's date, and raises ``CellFault``; ``render`` is its
    inverse; ``empty`` is the value of a cell that may be and is left empty; ``text`` asks Excel to keep digits.
    """

    parse: Callable[[Raw, "Column", date], object]
    render: Callable[[object, "Column"], Cell]
    empty: object = None
    text: bool = True


@dataclass(frozen=True)
class Column:
    """One column: its header as the template writes it, and the dotted field of the row model that it fills.

    A ``required`` column must stand in the header row; ``blank`` lets a cell of it be empty. An empty ``field`` is read
    past (running numbers). ``options`` pair what people write with the value meant; ``limit`` is a greatest number.
    """

    header: str
    field: str
    kind: CellKind
    required: bool = True
    blank: bool = False
    note: str = ""
    options: tuple[tuple[str, object], ...] = ()
    limit: Decimal | None = None
    width: int = 14
    example: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def choices(self) -> tuple[str, ...]:
        """What people may write, where that is a closed list."""
        return tuple(text for text, _ in self.options)


RowCheck = Callable[[Mapping[str, object], date], Iterator[tuple[str, CellFault]]]


@dataclass(frozen=True)
class Sheet:
    """One sheet: columns, the model of a row, checks over a whole row, and the fields that no two rows may share."""

    title: str
    columns: tuple[Column, ...]
    row_model: type[BaseModel]
    checks: tuple[RowCheck, ...] = ()
    key: tuple[str, ...] = ()

    def column(self, field: str) -> Column:
        """Find a column by its field. Raises ``KeyError``."""
        for column in self.columns:
            if column.field == field:
                return column
        raise KeyError(field)


@dataclass(frozen=True)
class Workbook:
    """One kind of workbook; ``english`` stands beside the title where there is room."""

    kind: str
    title: str
    english: str
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True)
class CellProblem:
    """One thing to mend. ``row`` counts from 1 as Excel shows it, ``None`` for the whole sheet; ``letter`` is Excel's.

    ``letter`` is empty where the whole row, or a column that is missing, is meant.
    """

    sheet: str
    row: int | None
    letter: str
    header: str
    reason: str
    mend: str

    @property
    def column(self) -> str:
        """The column as an operator finds it: ``D 身份证号``."""
        return f"{self.letter} {self.header}".strip()

    @property
    def place(self) -> str:
        """Where it is: ``“推荐汇总表”第5行 D列“身份证号”``."""
        row = f"第{self.row}行" if self.row else ""
        column = f" {self.letter}列" if self.letter else ""
        return f"“{self.sheet}”{row}{column}{f'“{self.header}”' if self.header else ''}"

    def __str__(self) -> str:
        return f"{self.place}：{self.reason}；{self.mend}"


@dataclass(frozen=True)
class ReadRow:
    """One good row; ``row_number`` counts from 1 as Excel shows it."""

    sheet: str
    row_number: int
    value: BaseModel


@dataclass(frozen=True)
class SkippedRow:
    """One row that is no data, and why it was passed over: an example, a note below the table, a repeated header."""

    sheet: str
    row_number: int
    why: str


@dataclass(frozen=True)
class Said:
    """A text that stands around a table: a sheet's own name (``row`` None), a title above it, a note below it."""

    sheet: str
    row: int | None
    text: str


@dataclass(frozen=True)
class Reading:
    """What one workbook came to: good rows go on, ``problems`` go back, ``warnings`` only want to be seen.

    ``around`` is what stands around its tables: other people's words, which are looked through and never shown;
    ``bad_ids`` are the ids of lines that have problems.
    """

    file: str
    kind: str
    sheets: tuple[str, ...]
    rows: tuple[ReadRow, ...]
    problems: tuple[CellProblem, ...]
    warnings: tuple[CellProblem, ...]
    skipped: tuple[SkippedRow, ...]
    around: tuple[Said, ...] = ()
    bad_ids: tuple[str, ...] = ()

    @property
    def bad_rows(self) -> tuple[tuple[str, int], ...]:
        """Sheet and row number of every row that was not taken, in their order."""
        return tuple(dict.fromkeys((p.sheet, p.row) for p in self.problems if p.row is not None))

    def values(self, model: type[Row]) -> tuple[Row, ...]:
        """The good rows of one model, in the order of the file."""
        return tuple(row.value for row in self.rows if isinstance(row.value, model))


class WorkbookRefused(HallmarkError):
    """A file of which nothing can be taken. ``problems`` say where, if it is a workbook at all.

    ``discreet`` says the same without the sender's own words (names of sheets and columns), which stay out of Prefect.
    """

    def __init__(
        self, file: str, reason: str, mend: str, problems: tuple[CellProblem, ...] = (), *, discreet: tuple[str, str] | None = None
    ) -> None:
        self.file = file
        self.reason = reason
        self.mend = mend
        self.problems = problems
        self.discreet = "文件“{}”{}；{}。".format(file, *(discreet or (reason, mend)))
        super().__init__(f"文件“{file}”{reason}；{mend}。")


def needs(field: str, answers: tuple[object, ...], other: str, reason: str) -> RowCheck:
    """Make a check: where ``field`` holds one of ``answers``, the ``other`` field may not be empty."""

    def check(values: Mapping[str, object], _today: date) -> Iterator[tuple[str, CellFault]]:
        if values.get(field) in answers and other in values and values[other] in (None, "", ()):
            yield other, CellFault(reason, "请填写")

    return check


def needs_if_any(field: str, other: str, reason: str) -> RowCheck:
    """Make a check: where ``field`` holds anything, the ``other`` field may not be empty."""

    def check(values: Mapping[str, object], _today: date) -> Iterator[tuple[str, CellFault]]:
        if values.get(field) and values.get(other) == "":
            yield other, CellFault(reason, "请填写")

    return check
