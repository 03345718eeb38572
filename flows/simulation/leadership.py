"""The leading group: the sitting that resolves, and the later one that lets a reserve move up (notice, N1, N3, N20)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from math import ceil
from typing import TYPE_CHECKING

from config.vocabulary import NominationState, PartyKind, Stage, Vote
from states.commands.leadership import RecordResolution, VoteRow

if TYPE_CHECKING:
    from flows.simulation.world import World
    from states.tables import Nomination, WorkItem

S = NominationState
_IN_PLACE = (S.LEADERSHIP_APPROVED, S.PUBLICLY_NOTICED, S.GOVERNMENT_CERTIFIED)


def plan_sitting(world: "World", items: Sequence["WorkItem"]) -> None:
    """Let the leading group meet in the middle of its stage."""
    days = world.programme.stages[Stage.LEADERSHIP].working_days
    for item in items:
        world.agenda.plan(world.hours.later(world.random.randint(1, max(1, days * 2 // 3))), partial(_resolve, world, item))


def plan_filling(world: "World", items: Sequence["WorkItem"]) -> None:
    """Let the leading group meet again two working days after a place became free."""
    for item in items:
        world.agenda.plan(world.hours.later(2), partial(_fill, world, item))


def _resolve(world: "World", item: "WorkItem") -> None:
    """Approve the best of each tier up to its quota, keep the next in reserve, and pass over the others."""
    if not world.still_open([item]):
        return
    free, reserves = _free_places(world), 0
    rows = []
    for nomination in _by_rank(world.nominations(state=S.EXPERT_REVIEWED.value)):
        vote = Vote.PASS_OVER
        if free[nomination.tier] > 0:
            vote = Vote.APPROVE
            free[nomination.tier] -= 1
        elif reserves < world.programme.votes.reserves:
            vote = Vote.RESERVE
            reserves += 1
        rows.append((nomination.number, vote, reserves if vote is Vote.RESERVE else None))
    _hold(world, rows)


def _fill(world: "World", item: "WorkItem") -> None:
    """Approve as many reserves as there are free places, in the order of their ranks."""
    if not world.still_open([item]):
        return
    free = _free_places(world)
    rows: list[tuple[str, Vote, int | None]] = []
    for nomination in sorted(world.nominations(state=S.RESERVED.value), key=lambda each: each.reserve_rank or 0):
        if free[nomination.tier] > 0:
            free[nomination.tier] -= 1
            rows.append((nomination.number, Vote.APPROVE, None))
    _hold(world, rows)


def _hold(world: "World", decided: Iterable[tuple[str, Vote, int | None]]) -> None:
    """Hold a sitting of the whole group but one member, if it is quorate without them; ballots are secret."""
    members = len(world.of_kind(PartyKind.LEADING_GROUP_MEMBER))
    present = max(members - 1, ceil(world.programme.votes.quorum * members))
    rows = tuple(_vote(world, number, vote, rank, present) for number, vote, rank in decided)
    if rows:
        document = world.document("领导小组纪要")
        world.do(RecordResolution, held_on=world.hours.today, members=members, present=present, document=document, rows=rows)


def _vote(world: "World", number: str, vote: Vote, rank: int | None, present: int) -> VoteRow:
    needed = ceil(world.programme.votes.threshold * present)
    low, high = (needed, present) if vote is Vote.APPROVE else (0, max(needed - 1, 0))
    approve = world.random.randint(low, high)
    against = world.random.randint(0, present - approve)
    abstain = present - approve - against
    return VoteRow(nomination=number, vote=vote, approve=approve, against=against, abstain=abstain, reserve_rank=rank)


def _free_places(world: "World") -> Counter[str]:
    free = Counter({tier.id: tier.quota for tier in world.programme.tiers})
    free.subtract(row.tier for row in world.nominations(state=[state.value for state in _IN_PLACE]))
    return free


def _by_rank(nominations: Iterable["Nomination"]) -> list["Nomination"]:
    return sorted(nominations, key=lambda each: (each.review_rank or 0, each.number))
