"""One simulation from the programme's text to its report: the way in for the command line."""

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from config.programme import Programme
from flows.simulation import people
from flows.simulation.course import Course, Progress
from flows.simulation.lines import course_lines
from flows.simulation.papers import write_papers
from flows.simulation.post import Post, PostBox
from flows.simulation.report import report
from flows.simulation.world import Tell, World
from states.frozen import frozen_programme


def _silent(line: str) -> None:
    """Tell nobody."""


def simulate(
    programme_text: str,
    *,
    nominations: Path | None,
    synthetic: int,
    opens: date | None,
    seed: int,
    out: Path | None,
    progress: Progress,
    tell: Tell = _silent,
) -> dict[str, Any]:
    """Run a whole round on the virtual clock, in a throw-away database, with no real channel; the same seed, the same round.

    Candidates come out of the workbook ``nominations``, or ``synthetic`` of them are made up. ``opens`` is the opening
    day in the programme's zone, the programme's own without one. With ``out`` the papers of the round are written into
    that folder. ``progress`` is told calendar days done, days in all, and where the round stands; ``tell`` takes a line
    for each row of the workbook that does not go in.

    Gives the figures that ``flows.simulation.report.report`` describes, with ``refused``, the number of rows that did not
    go in, ``timeline``, every message and deadline as ``Foreseen``, and ``out``, paths relative to the folder.
    Raises ``ProgrammeInvalid`` for the rules, ``HallmarkError`` for a workbook without candidates or a round that cannot
    come to its end, ``OSError`` where the papers cannot be written.
    """
    programme = frozen_programme(programme_text)
    day = opens or programme.opens
    cast = _cast(programme, nominations, synthetic, day, seed)
    for problem in cast.problems:
        tell(str(problem))
    refused: list[str] = []

    def refuse(line: str) -> None:
        refused.append(line)
        tell(line)

    with tempfile.TemporaryDirectory(prefix="hallmark-simulation-", ignore_cleanup_errors=True) as folder:
        world = World(Path(folder), programme_text, day, seed, cast, refuse)
        try:
            post = Post(world.house, PostBox(world.clock))
            Course(world, post, progress).run()
            lines = course_lines(world)
            figures = report(world) | {"refused": cast.bad_rows + len(refused), "timeline": lines}
            if out is not None:
                figures["out"] = write_papers(world, cast, post.box, lines, out)
            return figures
        finally:
            world.house.store.dispose()


def _cast(programme: Programme, nominations: Path | None, synthetic: int, day: date, seed: int) -> people.Cast:
    if nominations is None:
        return people.made_up(programme, synthetic, seed)
    return people.out_of_workbook(programme, nominations, day, seed)
