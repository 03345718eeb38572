"""The government's document, and the benefits that follow over weeks (notice, N21-N25)."""

from collections.abc import Sequence
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from config.vocabulary import BenefitKind, NominationState, ObjectionStatus, Stage
from flows.simulation.paces import Pace, answers_at
from states.commands.certification import BenefitRow, Certify, RecordBenefits
from states.tables import Benefit, Objection

if TYPE_CHECKING:
    from datetime import datetime

    from flows.simulation.world import World
    from states.tables import WorkItem

_LATE = 3
"""Benefits that come only after somebody complained."""
_TAX_PERCENT = 20
"""Income tax on an award of this kind, as the payer would keep it back."""


def plan_certification(world: "World", items: Sequence["WorkItem"]) -> None:
    """Let the government's document come in the middle of its stage."""
    days = max(1, world.programme.stages[Stage.CERTIFICATION].working_days * 2 // 5)
    for item in items:
        world.agenda.plan(world.hours.later(days), partial(_certify, world, item))


def _certify(world: "World", item: "WorkItem") -> None:
    """Certify whoever is noticed and free of objections; a reserve who moved up gets a document of their own later."""
    if not world.still_open([item]):
        return
    objected = {row.nomination for row in world.rows(Objection, round=world.slug, status=ObjectionStatus.OPEN.value)}
    noticed = [row.number for row in world.nominations(state=NominationState.PUBLICLY_NOTICED.value)]
    ready = tuple(number for number in noticed if number not in objected)
    if ready:
        world.do(Certify, nominations=ready, document=world.document("区政府"), document_date=world.hours.today)
    if world.still_open([item]):
        world.agenda.plan(world.hours.later(3), partial(_certify, world, item))


def plan_benefits(world: "World", items: Sequence["WorkItem"]) -> None:
    """Let each kind of benefit be given on one day to all that were certified together, and a few too late."""
    late = world.incidents.late_benefits
    if not late:
        late |= {item.id for item in world.random.sample(list(items), min(_LATE, len(items)))}
    for _, group in groupby(sorted(items, key=lambda item: (item.detail, item.id)), key=lambda item: item.detail):
        owed = list(group)
        for pace, some in ((Pace.PROMPT, [i for i in owed if i.id not in late]), (Pace.LATE, [i for i in owed if i.id in late])):
            if some:
                world.agenda.plan(_given_at(world, some[0], pace), partial(_give, world, some))


def _given_at(world: "World", item: "WorkItem", pace: Pace) -> "datetime":
    days = world.calendar.working_days_between(world.hours.today, item.due_day)
    return answers_at(world, item, pace, max(1, days // 2), max(1, days - 1))


def _give(world: "World", items: Sequence["WorkItem"]) -> None:
    rows = tuple(_row(world, item) for item in world.still_open(items))
    if rows:
        world.do(RecordBenefits, rows=rows)


def _row(world: "World", item: "WorkItem") -> BenefitRow:
    owed = world.rows(Benefit, nomination=item.subject, kind=item.detail)[0]
    row = BenefitRow(nomination=item.subject, kind=BenefitKind(item.detail), granted_on=world.hours.today, amount=owed.amount)
    if owed.amount is None:
        return row
    rule = next(each for each in world.programme.benefits if each.kind == row.kind)
    tax = owed.amount * _TAX_PERCENT // 100 if rule.tax is not None and rule.tax.withheld else None
    return row.model_copy(update={"tax": tax, "voucher": world.document("付款凭证")})
