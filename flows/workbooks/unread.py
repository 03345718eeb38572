"""Sheets of a file that were not read: named for whoever sent them, only counted where their names must not go."""

from collections.abc import Sequence

from flows.workbooks.kinds import KINDS
from flows.workbooks.opening import Grid
from flows.workbooks.sheets import CellProblem, Sheet

_MOST_NAMED = 5
_SHOWN = 20
_OURS = frozenset(sheet.title for workbook in KINDS.values() for sheet in workbook.sheets)
STRANGE = "工作表"
"""What a sheet is called whose name is its sender's own."""


def names_of(grids: Sequence[Grid]) -> str:
    """Name sheets, long names cut and beyond five only their number said."""
    said = [name if len(name := grid.name.strip()) <= _SHOWN else f"{name[:_SHOWN]}…" for grid in grids]
    return "、".join(f"“{each}”" for each in said[:_MOST_NAMED]) + (f" 等 {len(said)} 张" if len(said) > _MOST_NAMED else "")


def unread(grid: Grid) -> CellProblem:
    """Warn of a sheet that is not ours, or not the one that was taken."""
    return CellProblem(grid.name, None, "", "", "这张工作表没有读取", "不需要可以删去；需要的话请并入同一张表")


def titled(grid: Grid, sheet: Sheet) -> bool:
    """Whether a sheet of the file bears the name of one of ours; spaces are no difference."""
    return "".join(grid.name.split()) == sheet.title


def said_name(name: str) -> str:
    """Give the name of a sheet where it is one of ours. Any other is its sender's own, and stays out of Prefect and of what is kept."""
    ours = "".join(name.split())
    return ours if ours in _OURS else STRANGE
