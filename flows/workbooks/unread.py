"""Sheets of a file that were not read: named for whoever sent them, only counted where their names must not go."""

from collections.abc import Sequence

from flows.workbooks.opening import Grid
from flows.workbooks.sheets import CellProblem, Sheet

_MOST_NAMED = 5
_SHOWN = 20
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


def shown_name(grid: Grid, sheet: Sheet) -> str:
    """Give the name of a sheet of the file where it is ours, else what may be said instead."""
    return sheet.title if titled(grid, sheet) else STRANGE
