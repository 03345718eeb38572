"""Who takes part in a simulation: a made-up roster, and candidates, made up or out of a workbook."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random

from config.programme import Programme
from config.vocabulary import RECOMMENDING_KINDS, PartyKind
from flows.converting import place, roster_entries, submitted
from flows.workbooks import read
from flows.workbooks.rows import DepartmentRow, ExpertRow, PartyRow, UnitRow
from flows.workbooks.sheets import CellProblem, Reading
from flows.workbooks.synthetic import synthetic_candidates
from flows.workbooks.synthetic_roster import synthetic_roster
from states.commands.intake import SubmittedRow
from states.commands.roster import RosterEntry
from states.errors import HallmarkError

_NOT_IN_TREE = (PartyKind.DISTRICT_OFFICE, PartyKind.GOVERNMENT)
_MOST_LISTED = 20


class NobodyToSimulate(HallmarkError):
    """A workbook without a single row that can go in."""


@dataclass(frozen=True)
class Cast:
    """The roster, as rows and as entries, and what the units will send in.

    ``source`` is the workbook that the candidates came from, ``problems`` what could not be read in it, in
    so many ``bad_rows``; ``places`` are sheet and row of those that could, by the place that commands name.
    """

    rows: tuple[PartyRow, ...]
    submissions: tuple[SubmittedRow, ...]
    source: Path | None = None
    problems: tuple[CellProblem, ...] = ()
    bad_rows: int = 0
    places: Mapping[str, tuple[str, int]] = field(default_factory=dict)

    @property
    def roster(self) -> tuple[RosterEntry, ...]:
        """The roster as a command takes it."""
        return roster_entries(self.rows)


def made_up(programme: Programme, count: int, seed: int) -> Cast:
    """Make a roster and ``count`` candidates for those of its units that the programme lets recommend (notice, N18)."""
    random = Random(f"{seed} people")
    rows = _who_may_stand(programme, _parties(programme, random))
    units = [row for row in rows if isinstance(row, UnitRow)]
    candidates = synthetic_candidates(random, count, units=units)
    placed = tuple(SubmittedRow(place=f"第{number}行", candidate=each) for number, each in enumerate(candidates, start=2))
    return Cast(tuple(rows), placed)


def out_of_workbook(programme: Programme, path: Path, today: date, seed: int) -> Cast:
    """Take the candidates of a 推荐汇总表, and a made-up roster without units: those come with the candidates.

    Raises ``WorkbookRefused`` for a file of which nothing can be taken, ``NobodyToSimulate`` when no row is good.
    """
    reading = read("nominations", path, today=today)
    submissions = submitted(reading)
    if not submissions:
        raise NobodyToSimulate(f"文件“{path.name}”里没有一行能导入，无法模拟：{_listed(reading)}")
    rows = _parties(programme, Random(f"{seed} people"))
    kept = tuple(row for row in rows if not isinstance(row, UnitRow) or row.kind in _NOT_IN_TREE)
    places = {place(row.sheet, row.row_number): (row.sheet, row.row_number) for row in reading.rows}
    return Cast(kept, submissions, path, reading.problems, len(reading.bad_rows), places)


def _parties(programme: Programme, random: Random) -> list[PartyRow]:
    """Make a roster with experts enough for the programme's panels, one to spare for a recusal."""
    rows = synthetic_roster(random)
    experts = [row for row in rows if isinstance(row, ExpertRow)]
    missing = programme.review.sheets_per_nomination + 1 - len(experts)
    for number in range(max(missing, 0)):
        like, name = experts[number % len(experts)], f"ZJ{len(experts) + number + 1:02d}"
        rows.append(like.model_copy(update={"id": name, "email": f"{name.lower()}@example.com"}))
    return rows + _departments(programme, rows)


def _departments(programme: Programme, rows: Sequence[PartyRow]) -> list[PartyRow]:
    """Make the departments that the programme asks and the made-up roster lacks (联审)."""
    known = {row.id for row in rows}
    asked = {rule.department: rule.title for rule in programme.clearances if rule.department not in known}
    return [DepartmentRow(id=party, name=f"{title}主管部门", email=f"{party.lower()}@example.com") for party, title in asked.items()]


def _who_may_stand(programme: Programme, rows: Sequence[PartyRow]) -> list[PartyRow]:
    """Leave out the units that the programme does not let recommend, and whatever is below them."""
    kept: list[PartyRow] = []
    known = {""}
    for row in rows:
        barred = isinstance(row, UnitRow) and row.kind in RECOMMENDING_KINDS and row.kind not in programme.recommending_kinds
        if not barred and (not isinstance(row, UnitRow) or row.superior in known):
            kept.append(row)
            known.add(row.id)
    return kept


def _listed(reading: Reading) -> str:
    said: Sequence[str] = [str(problem) for problem in reading.problems]
    more = f"（共{len(said)}处）" if len(said) > _MOST_LISTED else ""
    return "；".join(said[:_MOST_LISTED]) + more
