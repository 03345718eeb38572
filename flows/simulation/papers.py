"""The papers of a simulated round: workbooks as offices would send them, what a real round's export gives, who was told.

The same round gives the same bytes.
"""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from sqlalchemy import select

from config.settings import Settings
from flows.bootstrap import App
from flows.charts import gantt_picture
from flows.command_line.screen import jsonable
from flows.exporting import export_round
from flows.reading import Foreseen
from flows.reading.planned import as_planned
from flows.simulation.books import write_course_book, write_message_book
from flows.simulation.lines import course_chart
from flows.simulation.people import Cast
from flows.simulation.post import PostBox
from flows.simulation.timeline import timeline_page
from flows.simulation.world import World
from flows.workbooks import CellProblem, annotate, returned_name, write_rows
from flows.workbooks.packing import write_atomically
from flows.workbooks.rows import ScoreRow
from notifiers.channels import Channels
from states.ledger import HOUSE, canonical
from states.records import table_of
from states.tables import LedgerEntry, ScoreSheet


def write_papers(world: World, cast: Cast, box: PostBox, lines: list[Foreseen], out: Path) -> list[str]:
    """Write every paper into ``out`` and give their paths relative to it, sorted. Raises ``OSError``."""
    papers: dict[str, Callable[[Path], None]] = {
        "名册.xlsx": lambda path: write_rows("roster", path, cast.rows),
        "推荐汇总表.xlsx": lambda path: write_rows("nominations", path, [row.candidate for row in cast.submissions]),
        "评分表.xlsx": lambda path: write_rows("scores", path, _scores(world), rubric=world.programme.review.rubric),
        "通知一览.xlsx": lambda path: write_message_book(world, box, path),
        "办理过程.xlsx": lambda path: write_course_book(world, path),
        "时间线.json": lambda path: write_atomically(path, _as_json(lines)),
        "时间线.svg": lambda path: write_atomically(path, gantt_picture(course_chart(world, lines), world.calendar, "svg")),
        "时间线.png": lambda path: write_atomically(path, gantt_picture(course_chart(world, lines), world.calendar, "png")),
        "时间线.md": lambda path: write_atomically(path, timeline_page(world).encode()),
        "ledger-house.jsonl": lambda path: write_atomically(path, _house_ledger(world).encode()),
    }
    for name, write in papers.items():
        write(out / name)
    written = [*papers, *_returned(world, cast, out), *_exported(world, out)]
    return sorted(written)


def _as_json(lines: list[Foreseen]) -> bytes:
    return json.dumps(jsonable([as_planned(line) for line in lines]), ensure_ascii=False, indent=2).encode()


def _returned(world: World, cast: Cast, out: Path) -> list[str]:
    """Give the sender's workbook back with what could not be read, and the rows that did not go in, marked in it."""
    refused = [(cast.places[place], reason) for place, reason in world.returned.items() if place in cast.places]
    problems = [*cast.problems, *(CellProblem(sheet, row, "", "", reason, "请更正后重新报送") for (sheet, row), reason in refused)]
    if cast.source is None or not problems:
        return []
    name = returned_name(cast.source)
    annotate(cast.source, out / name, problems)
    return [name]


def _exported(world: World, out: Path) -> list[str]:
    """Export the round as ``hallmark export`` does for a real one, with all names."""
    settings = Settings(home=world.folder)
    app = App(settings, world.house, Channels((), settings.outbox / "mail", world.clock))
    return [path.relative_to(out).as_posix() for path in export_round(app, world.slug, out, full=True)]


def _scores(world: World) -> list[ScoreRow]:
    sheets = world.rows(ScoreSheet, round=world.slug)
    return [ScoreRow(expert=row.expert, nomination=row.nomination, marks=_marks(row.points)) for row in sheets]


def _marks(points: dict[str, str]) -> dict[str, Decimal]:
    return {name: Decimal(text) for name, text in points.items()}


def _house_ledger(world: World) -> str:
    """Give the house's own chain, as stored, one JSON object a line."""
    table = table_of(LedgerEntry)
    with world.house.store.read() as connection:
        rows = connection.execute(select(table).where(table.c.round == HOUSE).order_by(table.c.seq)).mappings()
        return "".join(f"{canonical(dict(row))}\n" for row in rows)
