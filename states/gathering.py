"""Fetches what guards need, for a whole batch of nominations, before the first of them is judged."""

from collections.abc import Iterable
from dataclasses import replace

from config.vocabulary import NominationState, ObjectionStatus, RoundState, Stage
from states.answering import Changes, answering, changes_of
from states.endorsing import said_by
from states.errors import CommandRefused, Refusal
from states.facts import ClearanceFact, Facts, FindingFact, Places
from states.guards import not_running
from states.obligations import layers, stage_clock
from states.tables import Clearance, Endorsement, Finding, Nomination, NoticeBatch, Objection, PanelSeat, ScoreSheet
from states.work import Work

S = NominationState
TAKEN = {
    "approve": (S.LEADERSHIP_APPROVED, S.PUBLICLY_NOTICED, S.GOVERNMENT_CERTIFIED),
    "certify": (S.GOVERNMENT_CERTIFIED,),
}
"""Which states hold a place of the quota when places are given out by this trigger."""
NEXT_STAGE = {
    S.SUBMITTED: Stage.EXPERT_REVIEW,
    S.RETURNED: Stage.EXPERT_REVIEW,
    S.QUALIFIED: Stage.LEADERSHIP,
    S.EXPERT_REVIEWED: Stage.NOTICE,
    S.RESERVED: Stage.NOTICE,
    S.LEADERSHIP_APPROVED: Stage.CERTIFICATION,
    S.PUBLICLY_NOTICED: Stage.CERTIFICATION,
}
"""Whose conclusion ends the time in which a closed nomination may be reopened to a state."""
PASSED_OVER_AFTER = {S.QUALIFIED: Stage.QUALIFICATION, S.EXPERT_REVIEWED: Stage.EXPERT_REVIEW, S.RESERVED: Stage.EXPERT_REVIEW}
"""Which stage must be concluded before somebody in a state is passed over: until then their competitors are not all known (N19)."""


def gather(work: Work, nominations: Iterable[Nomination]) -> dict[str, Facts]:
    """Give the facts of each nomination, by number; what only a command knows is put in with ``dataclasses.replace``."""
    batch = list(nominations)
    numbers = [nomination.number for nomination in batch]
    asked = (Clearance,) if work.programme.clearances else ()
    for table in (Endorsement, *asked, Finding, Objection, ScoreSheet, PanelSeat):
        work.records.where(table, nomination=numbers)
    work.read_items(numbers)
    base, changes = _of_round(work), changes_of(work) if asked else ()
    return {nomination.number: _of_nomination(work, nomination, base, changes) for nomination in batch}


def places(work: Work, giving: str) -> Places:
    """Give the places of each tier: its quota and those taken already, for ``approve`` or ``certify``."""
    found = Places({tier.id: tier.quota for tier in work.programme.tiers})
    for nomination in work.nominations(state=[state.value for state in TAKEN[giving]]):
        found.taken[nomination.tier] = found.taken.get(nomination.tier, 0) + 1
    return found


def running(work: Work) -> list[Refusal]:
    """Say why nothing may be recorded in the round now: for what no move of the machine guards."""
    return not_running(held=work.round.held, ended=_ended(work))


def must_run(work: Work, what: str) -> None:
    """Raises ``CommandRefused`` while the round is on hold, and after its end."""
    refusals = running(work)
    if refusals:
        raise CommandRefused(what, refusals)


def concluded(work: Work, stage: Stage) -> bool:
    """Say whether a stage of the round was concluded."""
    clock = stage_clock(work, stage)
    return clock is not None and clock.concluded_at is not None


def _ended(work: Work) -> bool:
    return work.round.state in (RoundState.CLOSED, RoundState.CANCELLED)


def _of_round(work: Work) -> Facts:
    row = work.round
    return Facts(
        now=work.now,
        held=row.held,
        ended=_ended(work),
        intake_closed=row.intake_closed_at is not None,
        sheets_needed=work.programme.review.sheets_needed,
    )


def _of_nomination(work: Work, nomination: Nomination, base: Facts, changes: Changes) -> Facts:
    origin = NominationState(nomination.came_from) if nomination.came_from else None
    before = PASSED_OVER_AFTER.get(NominationState(nomination.state))
    facts = replace(
        base,
        corrections_left=work.programme.corrections.limit - nomination.corrections,
        clearances=_clearances(work, nomination, changes),
        findings=_findings(work, nomination),
        sheets=len(valid_sheets(work, nomination)),
        stage_concluded=before is not None and concluded(work, before),
        next_stage_concluded=origin is not None and concluded(work, NEXT_STAGE[origin]),
    )
    return _with_notice(work, nomination, _with_layers(work, nomination, facts))


def _findings(work: Work, nomination: Nomination) -> tuple[FindingFact, ...]:
    return finding_facts(work, [(row, row.result) for row in work.records.known(Finding, nomination=nomination.number)])


def finding_facts(work: Work, findings: Iterable[tuple[Finding, str]]) -> tuple[FindingFact, ...]:
    """Give findings with these results as the guards see them, in the programme's order; one that it no longer has comes last."""
    conditions = {condition.id: (place, condition.quote) for place, condition in enumerate(work.programme.conditions)}
    unknown = (len(conditions), "")
    facts = [FindingFact(row.condition, row.clause, conditions.get(row.condition, unknown)[1], result) for row, result in findings]
    return tuple(sorted(facts, key=lambda fact: conditions.get(fact.condition, unknown)))


def _clearances(work: Work, nomination: Nomination, changes: Changes) -> tuple[ClearanceFact, ...]:
    """Give what the programme's departments have said of a nomination, in its order, with who answers by now."""
    given = {row.clearance: row.clear for row in work.records.known(Clearance, nomination=nomination.number)}
    answers = {rule.id: answering(work, rule, nomination.number, changes) for rule in work.programme.clearances}
    return tuple(
        ClearanceFact(rule.id, f"{rule.title}（{work.name_of(answers[rule.id])}）", rule.clause or "", given.get(rule.id), answers[rule.id])
        for rule in work.programme.clearances
    )


def valid_sheets(work: Work, nomination: Nomination) -> list[ScoreSheet]:
    """Give a nomination's score sheets from experts who are on its panel and not recused; read after ``gather``."""
    seats = {seat.expert for seat in work.records.known(PanelSeat, nomination=nomination.number) if not seat.recused}
    return [sheet for sheet in work.records.known(ScoreSheet, nomination=nomination.number) if sheet.expert in seats]


def _with_layers(work: Work, nomination: Nomination, facts: Facts) -> Facts:
    path = layers(work, nomination)
    said = said_by(work, path, work.records.known(Endorsement, nomination=nomination.number))
    missing = tuple(unit.name for unit in path if unit.id not in said)
    refused = tuple(unit.name for unit in path if said.get(unit.id) is False)
    return replace(facts, layers_missing=missing, layers_refused=refused)


def _with_notice(work: Work, nomination: Nomination, facts: Facts) -> Facts:
    objections = work.records.known(Objection, nomination=nomination.number)
    facts = replace(
        facts,
        open_objections=tuple(row.number for row in objections if row.status == ObjectionStatus.OPEN),
        upheld_objections=tuple(row.number for row in objections if row.status == ObjectionStatus.UPHELD),
    )
    batch = work.records.get(NoticeBatch, nomination.batch) if nomination.batch else None
    return facts if batch is None else replace(facts, notice_ends_at=batch.ends_at, last_day=batch.last_day)
