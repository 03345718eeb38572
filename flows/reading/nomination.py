"""One nomination: its findings, its state, its history out of the ledger, and what it waits for."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from config.labels import label
from config.programme import ClearanceRule, Programme
from config.vocabulary import Body, FindingResult, NominationState, Strength, WorkKind
from flows.bootstrap import App
from flows.reading.board import WorkLine, open_items, work_line
from flows.reading.naming import Names
from flows.reading.rounds import find_round, not_found
from states.candidate import masked
from states.command import CLOCK
from states.frozen import frozen_programme
from states.people import open_person
from states.records import Records, table_of
from states.tables import Clearance, Endorsement, Finding, LedgerEntry, Nomination, Person, WorkItem
from states.vault import Vault


@dataclass(frozen=True)
class FindingLine:
    """One condition as it came out, with the clause's own words; ``reason`` says whether a waiver's reason is on file."""

    condition: str
    name: str
    clause: str
    quote: str
    strength: Strength
    result: FindingResult
    fact: str
    reason: bool


@dataclass(frozen=True)
class EndorsementLine:
    """What one layer said, and when (aware, UTC); ``taken_over_from`` names the unit in whose place it stands, "" for none."""

    layer: int
    unit: str
    agrees: bool
    at: datetime
    taken_over_from: str


@dataclass(frozen=True)
class ClearanceLine:
    """What one department is asked, and what it said: ``clear`` and ``at`` (aware, UTC) are None until it has answered."""

    clearance: str
    title: str
    department: str
    clear: bool | None
    at: datetime | None
    document: str


@dataclass(frozen=True)
class HistoryLine:
    """One ledger entry about the nomination; ``operator`` is shown masked, ``detail`` the kind of work it is about.

    ``audiences`` are those of the steps of its ladder that fired: its owner is reminded, anybody else hears of what is late.
    """

    seq: int
    at: datetime
    event: str
    source: str
    target: str
    operator: str
    on_behalf_of: str
    document: str
    detail: str
    audiences: tuple[str, ...] = ()


@dataclass(frozen=True)
class NominationView:
    """One nomination as it may be shown: the candidate's name is masked; ``entered_at`` is when it came into its state."""

    number: str
    round: str
    title: str
    zone: str
    name: str
    unit: str
    tier: str
    state: NominationState
    entered_at: datetime
    version: int
    score: str | None
    review_rank: int | None
    reserve_rank: int | None
    batch: str | None
    certificate: str | None
    document: str | None
    findings: tuple[FindingLine, ...]
    endorsements: tuple[EndorsementLine, ...]
    clearances: tuple[ClearanceLine, ...]
    waits_for: tuple[WorkLine, ...]
    history: tuple[HistoryLine, ...]


def nomination_view(app: App, number: str) -> NominationView:
    """Read one nomination in one consistent look. Raises ``NotFound`` with near matches."""
    house = app.house
    with house.store.read() as connection:
        row = find_nomination(connection, number)
        round_row = find_round(connection, row.round)
        programme = frozen_programme(round_row.rules)
        calendar, now, names = house.calendar(programme.zone), house.clock.now(), Names(connection)
        quotes = {clause.id: clause.text for clause in programme.clauses}
        titles = {condition.id: condition.name for condition in programme.conditions}
        return NominationView(
            number=row.number,
            round=row.round,
            title=round_row.title,
            zone=programme.zone,
            name=_masked_name(connection, house.vault, row.number),
            unit=names.of(row.unit),
            tier=programme.tier(row.tier).title,
            state=NominationState(row.state),
            entered_at=row.entered_at,
            version=row.version,
            score=row.score,
            review_rank=row.review_rank,
            reserve_rank=row.reserve_rank,
            batch=row.batch,
            certificate=row.certificate,
            document=row.document,
            findings=tuple(_finding(each, titles, quotes) for each in _findings(connection, row.number, list(titles))),
            endorsements=_endorsements(connection, row.number, names),
            clearances=_clearances(connection, row.number, programme, names),
            waits_for=tuple(work_line(item, names, calendar, now) for item in open_items(connection, row.round, subject=row.number)),
            history=_history(connection, row, names),
        )


def find_nomination(connection: Connection, number: str) -> Nomination:
    """Find a nomination by its number. Raises ``NotFound`` with near matches."""
    number = number.strip().upper()
    found = Records(connection).get(Nomination, number)
    if found is None:
        table = table_of(Nomination)
        raise not_found("申报编号", number, list(connection.execute(select(table.c.number).order_by(table.c.number)).scalars()))
    return found


def _masked_name(connection: Connection, vault: Vault, number: str) -> str:
    row = Records(connection).get(Person, number)
    return "（已清除）" if row is None else masked(open_person(vault, row).candidate.name)


def _findings(connection: Connection, number: str, order: list[str]) -> list[Finding]:
    rows = Records(connection).where(Finding, nomination=number)
    return sorted(rows, key=lambda row: order.index(row.condition) if row.condition in order else len(order))


def _finding(row: Finding, titles: dict[str, str], quotes: dict[str, str]) -> FindingLine:
    return FindingLine(
        condition=row.condition,
        name=titles.get(row.condition, row.condition),
        clause=row.clause,
        quote=quotes.get(row.clause, ""),
        strength=Strength(row.strength),
        result=FindingResult(row.result),
        fact=row.fact,
        reason=row.reason is not None,
    )


def _endorsements(connection: Connection, number: str, names: Names) -> tuple[EndorsementLine, ...]:
    rows = Records(connection).where(Endorsement, nomination=number)
    found = [
        EndorsementLine(row.layer, names.of(row.unit), row.agrees, row.at, names.of(row.taken_over_from) if row.taken_over_from else "")
        for row in rows
    ]
    return tuple(sorted(found, key=lambda line: line.layer))


def _clearances(connection: Connection, number: str, programme: Programme, names: Names) -> tuple[ClearanceLine, ...]:
    records = Records(connection)
    given = {row.clearance: row for row in records.where(Clearance, nomination=number)}
    asked = {item.detail: item.owner for item in records.where(WorkItem, subject=number, kind=WorkKind.CLEARANCE.value, status="open")}
    return tuple(_clearance(rule, given.get(rule.id), asked.get(rule.id, rule.department), names) for rule in programme.clearances)


def _clearance(rule: ClearanceRule, row: Clearance | None, asked: str, names: Names) -> ClearanceLine:
    if row is None:
        return ClearanceLine(rule.id, rule.title, names.of(asked), None, None, "")
    return ClearanceLine(rule.id, rule.title, names.of(row.department), row.clear, row.at, row.document)


def _history(connection: Connection, row: Nomination, names: Names) -> tuple[HistoryLine, ...]:
    table = table_of(LedgerEntry)
    query = select(table).where(table.c.round == row.round, table.c.subject == row.number).order_by(table.c.seq)
    return tuple(_history_line(entry, names) for entry in connection.execute(query))


def _history_line(entry: Any, names: Names) -> HistoryLine:
    payload = json.loads(entry.payload)
    return HistoryLine(
        seq=entry.seq,
        at=datetime.fromisoformat(entry.at),
        event=entry.event,
        source=entry.source,
        target=entry.target,
        operator=label(Body.CLOCK) if entry.operator == CLOCK else names.of(entry.operator),
        on_behalf_of=entry.on_behalf_of,
        document=entry.document,
        detail=payload.get("kind", ""),
        audiences=tuple(dict.fromkeys(step["audience"] for step in payload.get("fired", []))),
    )
