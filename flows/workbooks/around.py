"""What a workbook says around its table, and a remark where that speaks of another round: a file of last year, most likely."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from config.editions import editions_in
from config.programme import Programme
from flows.workbooks.cells import plain
from flows.workbooks.opening import Grid
from flows.workbooks.sheets import CellFault, CellProblem, Raw, Reading, Said
from states.frozen import frozen_programme
from states.tables import Round

FILE = "文件名"
_MEND = "请核对是不是拿错了表；没有拿错的不必理会"
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?:\s*年|[-./]\d)|(?<!\d)(20\d\d)(?!\d)")


@dataclass(frozen=True)
class Marks:
    """By what a round is known in a text: its slug, the beginning of its numbers, its edition, and its earliest year."""

    slug: str
    prefix: str
    edition: int
    year: int


def marks_of(row: Round) -> Marks:
    """Give the marks of a round; of the year of its programme and that of its opening the earlier one."""
    programme: Programme = frozen_programme(row.rules)
    return Marks(row.slug, programme.number_prefix, programme.edition, min(programme.year, row.opens_on.year))


def said_around(grid: Grid, header: int) -> list[Said]:
    """Give a sheet's own name and what stands above its header row (counted from 0)."""
    above = [Said(grid.name, number, line_of(row)) for number, row in enumerate(grid.rows[:header], start=1)]
    return [Said(grid.name, None, grid.name), *(each for each in above if each.text)]


def line_of(row: Sequence[Raw]) -> str:
    """Give a row's text, cell by cell."""
    return " ".join(filter(None, map(_shown, row)))


def of_other_rounds(reading: Reading, here: Marks, others: Iterable[Marks]) -> list[CellProblem]:
    """Remark on earlier years, other editions and other rounds' names that stand around a table; nothing else is repeated."""
    known = [other for other in others if other.slug != here.slug]
    texts = (Said(FILE, None, reading.file.rsplit(".", 1)[0]), *reading.around)
    return [CellProblem(said.sheet, said.row, "", "", reason, _MEND) for said in texts for reason in _strange(said.text, here, known)]


def _strange(text: str, here: Marks, others: Sequence[Marks]) -> Iterator[str]:
    named = [each for each in others if any(_stands_in(word, text) for word in (each.slug, each.prefix))]
    yield from (f"写着“{each.slug}”届的名称或编号，本届是“{here.slug}”" for each in named)
    years = {int(first or second) for first, second in _YEAR.findall(text)}
    yield from (f"写着{year}年，本届是{here.year}年的" for year in sorted(years) if year < here.year)
    yield from (f"写着第{edition}届，本届是第{here.edition}届" for edition in editions_in(text) if edition != here.edition)


def _stands_in(word: str, text: str) -> bool:
    return re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", text, re.IGNORECASE) is not None


def _shown(raw: Raw) -> str:
    try:
        return " ".join(plain(raw).split())
    except CellFault:
        return ""
