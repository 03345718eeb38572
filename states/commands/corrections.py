"""Corrections: what units send in anew after a return; the rest of what the layers have endorsed stays as it was."""

import json
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict

from config.vocabulary import Body, NominationState, Stage, Trigger, WorkKind
from states.bulk import each_or_skip
from states.candidate import COLUMNS, Candidate
from states.command import Command
from states.commands.intake import write_findings
from states.commands.units import tidied
from states.errors import CommandRefused, Refusal
from states.facts import Facts
from states.firing import fire, touched
from states.obligations import OFFICE, open_item
from states.outcome import Outcome, Touch
from states.people import candidate_of, keep_person, same_person
from states.tables import LedgerEntry, Nomination

if TYPE_CHECKING:
    from states.work import Work

_NO_FACTS = frozenset({"unit", "unit_kind", "contact", "phone", "email"})
"""Columns about the unit: it may not change in a correction at all, and its contact always may."""


class CorrectionRow(BaseModel):
    """A corrected candidate for one nomination."""

    model_config = ConfigDict(frozen=True)

    place: str
    nomination: str
    candidate: Candidate


class Resubmit(Command):
    """Take corrected nominations back from their units, before the correction is due."""

    title: ClassVar[str] = "补正后重新申报"
    bulk: ClassVar[bool] = True
    compares: ClassVar[bool] = True
    after_clock: ClassVar[bool] = True

    rows: tuple[CorrectionRow, ...]

    def plan(self, work: "Work") -> Outcome:
        """Skip what is not returned, comes late, or is somebody else's identity; the rest is evaluated anew."""
        return each_or_skip(work, self.title, [(row.nomination, row) for row in self.rows], _resubmit)


def _resubmit(work: "Work", nomination: Nomination, row: CorrectionRow, facts: Facts) -> Touch:
    refusals = _not_asked_for(work, nomination, row.candidate)
    if refusals:
        raise CommandRefused(nomination.number, refusals)
    recorder = fire(work, nomination, Trigger.RESUBMIT, Body.UNIT, facts)
    content = keep_person(work, nomination.number, row.candidate, row.place)
    recorder.update(Nomination, nomination, content=content)
    write_findings(work, recorder, nomination.number, row.candidate)
    if facts.intake_closed:
        open_item(work, WorkKind.QUALIFICATION, Stage.QUALIFICATION, nomination.number, OFFICE)
    kept = sum(each.clear is not None for each in facts.clearances)
    return touched(recorder, f"已有的 {kept} 项部门联审意见继续有效" if kept else "")


def _not_asked_for(work: "Work", nomination: Nomination, candidate: Candidate) -> list[Refusal]:
    """Refuse what a correction may not change: the unit never, the person and the facts only where they were returned to be mended.

    The layers have endorsed what they read. The unit's own contact is no fact of the candidate and may always change.
    """
    if same_person(work, candidate, besides=nomination.number):
        return [Refusal("other-person", "补正后的身份证号已属于本届另一份申报")]
    refusals = []
    if tidied(candidate.unit) != tidied(work.name_of(nomination.unit)) or candidate.unit_kind != nomination.unit_kind:
        refusals.append(Refusal("other-unit", "补正不能更换推荐单位"))
    asked = _fields_to_mend(work, nomination)
    others = [column for column in _differing(candidate_of(work, nomination.number), candidate) if column not in asked]
    if nomination.state == NominationState.RETURNED and others:
        sentence = f"只能补正退回时写明的栏目（{'、'.join(asked)}），以下栏目也有改动：{'、'.join(others)}"
        refusals.append(Refusal("not-asked-for", sentence))
    return refusals


def _fields_to_mend(work: "Work", nomination: Nomination) -> list[str]:
    """Give the columns that the newest return named."""
    returns = work.records.where(LedgerEntry, round=work.round.slug, event="nomination_returned", subject=nomination.number)
    fields: list[str] = json.loads(returns[-1].payload).get("fields", []) if returns else []
    return fields


def _differing(old: Candidate, new: Candidate) -> list[str]:
    """Name the columns in which a correction differs; spaces and full-width forms are no difference."""
    names = [name for name in COLUMNS if name not in _NO_FACTS and _compared(old, name) != _compared(new, name)]
    return [COLUMNS[name] for name in names]


def _compared(candidate: Candidate, name: str) -> object:
    value: object = getattr(candidate, name)
    return tidied(value) if isinstance(value, str) else value
