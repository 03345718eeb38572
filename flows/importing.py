"""A workbook from anywhere on this machine into the house: good rows go in, bad ones come back in a marked copy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import cast

from pydantic import SecretStr

from config.calendar import HOUSE_ZONE
from config.os_errors import why
from flows import converting
from flows.bootstrap import App
from flows.reading import find_round
from flows.workbooks import CellProblem, Reading, ReadRow, annotate, read, returned_name
from flows.workbooks.around import marks_of, of_other_rounds
from flows.workbooks.rows import PartyRow, ScoreRow
from states.command import Command
from states.commands.intake import SubmitNominations
from states.commands.review import RecordScores
from states.commands.roster import ImportRoster, roster_refusals
from states.frozen import frozen_programme
from states.house import Envelope
from states.ledger import HOUSE
from states.outcome import Outcome
from states.records import Light, Records
from states.tables import Party, Round

_ID_BYTES = 16
_KNOWN = ("已经录入", "与现有名册相同")


class ImportKind(StrEnum):
    """What the command line imports; other workbooks are decisions and go through the dashboard's forms."""

    NOMINATIONS = "nominations"
    ROSTER = "roster"
    SCORES = "scores"


@dataclass(frozen=True)
class Signed:
    """Who gives the command: the operator, a one-time code where it is asked for, and whether a repetition is meant.

    ``received_on`` is the day on which nominations came, where they are entered later.
    """

    operator: str
    code: str = ""
    again: bool = False
    received_on: date | None = None


@dataclass(frozen=True)
class Imported:
    """What an import came to. ``entered`` rows changed something; ``problems`` went into ``marked_copy``, in the outbox.

    ``applied`` is false for a dry run, and where nothing could be taken.
    """

    kind: ImportKind
    file: str
    applied: bool
    summary: str
    entered: tuple[str, ...]
    skipped: tuple[str, ...]
    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    marked_copy: Path | None


def import_workbook(app: App, kind: ImportKind, path: Path, slug: str, signed: Signed, *, dry_run: bool) -> Imported:
    """Read a workbook and enter its good rows; a roster goes in whole or not at all. A dry run changes nothing.

    Raises ``WorkbookRefused`` where nothing can be read, ``CommandRefused`` where the command may not be given, and
    ``NotFound`` for an unknown round.
    """
    reading = _read(app, kind, path, slug)
    if kind is ImportKind.ROSTER:
        reading = with_what_is_at_odds(app, reading)
    taken = reading.rows and not (reading.problems and kind is ImportKind.ROSTER)
    outcome = _enter(app, kind, reading, slug, signed, dry_run=dry_run) if taken else Outcome(summary="没有录入任何一行")
    problems = (*reading.problems, *sent_back(outcome, reading))
    copy, complaint = _mark(app, path, problems)
    return Imported(
        kind=kind,
        file=path.name,
        applied=bool(taken) and not dry_run,
        summary=outcome.summary + (f"，不能读取 {len(reading.bad_rows)} 行" if reading.bad_rows else ""),
        entered=tuple(each.subject for each in outcome.touched[outcome.first :]),
        skipped=tuple(f"{each.subject}：{each.reason}" for each in outcome.skipped if each.subject not in _refused(outcome)),
        problems=tuple(map(str, problems)),
        warnings=(*map(str, reading.warnings), *remarks(outcome), *complaint),
        marked_copy=copy,
    )


def sent_back(outcome: Outcome, reading: Reading) -> list[CellProblem]:
    """Give the rows that a command did not take, as problems of the workbook they came from; mere repetitions are none."""
    rows = {_subject(row): row for row in reading.rows}
    refused = [(rows.get(subject), reason) for subject, reason in _refused(outcome).items()]
    return [CellProblem(row.sheet, row.row_number, "", "", reason, "请更正后重新报送") for row, reason in refused if row]


def remarks(outcome: Outcome) -> list[str]:
    """Give what must be seen about rows that a command did take."""
    return [f"{each['subject']}：{each['reason']}" for each in outcome.data.get("remarks", [])]


def of_another_round(app: App, reading: Reading, slug: str) -> list[CellProblem]:
    """Give what a workbook says of another round than the one it is read for. Raises ``NotFound``."""
    with app.house.store.read() as connection:
        here = marks_of(find_round(connection, slug))
        others = [marks_of(row) for row in Records(connection).where(Round)]
    return of_other_rounds(reading, here, others)


def with_what_is_at_odds(app: App, reading: Reading) -> Reading:
    """Add what is wrong between the good lines of a roster, so that it is told with the bad ones; those count as there."""
    with app.house.store.read() as connection:
        known = {party.id: party for party in Records(connection).where(Party)}
    bad = {each: cast("Party", Light(id=each, parent="")) for each in reading.bad_ids if each not in known}
    rows = {row.value.id: row for row in reading.rows if isinstance(row.value, PartyRow)}
    refusals = roster_refusals(converting.roster(reading), known | bad)
    at_odds = [_of_line(rows, reading.sheets[0], refusal.sentence) for refusal in refusals]
    return replace(reading, problems=(*reading.problems, *at_odds))


def _read(app: App, kind: ImportKind, path: Path, slug: str) -> Reading:
    now = app.house.clock.now()
    if kind is ImportKind.ROSTER:
        return read(kind.value, path, today=app.house.calendar(HOUSE_ZONE).local(now).date())
    with app.house.store.read() as connection:
        programme = frozen_programme(find_round(connection, slug).rules)
    today = app.house.calendar(programme.zone).local(now).date()
    reading = read(kind.value, path, today=today, rubric=programme.review.rubric)
    return replace(reading, warnings=(*reading.warnings, *of_another_round(app, reading, slug)))


def _of_line(rows: Mapping[str, ReadRow], otherwise: str, sentence: str) -> CellProblem:
    """Place a sentence about a party at the party's line, else at a sheet as a whole."""
    row = next((row for party, row in rows.items() if sentence.startswith(f"编号 {party} ")), None)
    return CellProblem(row.sheet if row else otherwise, row.row_number if row else None, "", "", sentence, "请更正后重新导入")


def _enter(app: App, kind: ImportKind, reading: Reading, slug: str, signed: Signed, *, dry_run: bool) -> Outcome:
    command = _command(kind, reading, slug, signed)
    if dry_run:
        return app.house.preview(command).outcome
    envelope = Envelope(f"cli-{app.house.chance.token(_ID_BYTES).hex()}", app.house.clock.now())
    return app.house.execute(command, envelope).outcome


def _command(kind: ImportKind, reading: Reading, slug: str, signed: Signed) -> Command:
    code = SecretStr(signed.code)
    if kind is ImportKind.ROSTER:
        entries = converting.roster(reading)
        return ImportRoster(round=HOUSE, operator=signed.operator, code=code, again=signed.again, entries=entries)
    if kind is ImportKind.SCORES:
        sheets = converting.sheets(reading)
        return RecordScores(round=slug, operator=signed.operator, code=code, again=signed.again, rows=sheets)
    rows = converting.submitted(reading)
    return SubmitNominations(round=slug, operator=signed.operator, code=code, again=signed.again, rows=rows, received_on=signed.received_on)


def _refused(outcome: Outcome) -> dict[str, str]:
    """Give what was not taken and why: what the command names itself, else what it skipped and did not know already."""
    if "refused" in outcome.data:
        return {each["subject"]: each["reason"] for each in outcome.data["refused"]}
    return {each.subject: each.reason for each in outcome.skipped if not each.reason.endswith(_KNOWN)}


def _subject(row: ReadRow) -> str:
    """Give the subject under which a command speaks of a row."""
    if isinstance(row.value, ScoreRow):
        return f"{row.value.nomination} {row.value.expert}"
    return converting.place(row.sheet, row.row_number)


def _mark(app: App, path: Path, problems: Sequence[CellProblem]) -> tuple[Path | None, list[str]]:
    """Write the marked copy: where it is, or why there is none. It never raises: good rows may be in by now."""
    if not problems:
        return None, []
    target = app.settings.outbox / returned_name(path)
    try:
        annotate(path, target, problems)
    except OSError as error:
        return None, [no_marked_copy(error)]
    return target, []


def no_marked_copy(error: OSError) -> str:
    """Say why no marked copy could be written."""
    return f"标注了错误的副本未能写入 outbox（{why(error)}），请检查磁盘和权限"
