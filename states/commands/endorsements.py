"""Endorsements: each layer's yes or no, bottom-up (notice, N18 自下而上、层层推荐)."""

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict

from config.vocabulary import Body, NominationState, Trigger, WorkKind
from states.bulk import each_or_skip
from states.command import Command
from states.endorsing import said_by
from states.errors import CommandRefused, Refusal
from states.facts import Facts
from states.firing import fire, touched
from states.gathering import running
from states.obligations import finish, keep_asking, layers
from states.outcome import Outcome, Touch
from states.tables import Endorsement, Nomination, Party

if TYPE_CHECKING:
    from states.work import Recorder, Work


class EndorsementRow(BaseModel):
    """One layer's opinion. ``unit`` is its id or name; ``text`` is the opinion, kept in the vault."""

    model_config = ConfigDict(frozen=True)

    nomination: str
    unit: str
    agrees: bool
    text: str = ""
    document: str = ""


class RecordEndorsements(Command):
    """Record what the layers said; a refusal by a layer closes the nomination."""

    title: ClassVar[str] = "登记推荐意见"
    bulk: ClassVar[bool] = True
    after_clock: ClassVar[bool] = True

    rows: tuple[EndorsementRow, ...]

    def plan(self, work: "Work") -> Outcome:
        """Skip opinions out of turn, from outside the nomination's layers, or given before."""
        by_number: dict[str, list[EndorsementRow]] = {}
        for row in self.rows:
            by_number.setdefault(row.nomination.strip(), []).append(row)
        return each_or_skip(work, self.title, list(by_number.items()), _endorse)


def _endorse(work: "Work", nomination: Nomination, rows: list[EndorsementRow], facts: Facts) -> Touch:
    """Take one nomination's opinions in the order of its layers; one that does not fit refuses them all."""
    path = layers(work, nomination)
    given = _in_turn(work, nomination, path, rows)
    done = Touch(subject=nomination.number, source=nomination.state, target=nomination.state, note="")
    for unit, row in given:
        recorder = work.record("endorsement_recorded", nomination.number, document=row.document, on_behalf_of=Body.LAYER.value)
        _write(work, recorder, nomination, unit, path.index(unit) + 1, row)
        finish(work, WorkKind.ENDORSEMENT, nomination.number, owner=unit.id)
        if not row.agrees:
            refused = replace(facts, layers_refused=(unit.name,), reason=bool(row.text.strip()), document=row.document)
            return touched(fire(work, nomination, Trigger.DECLINE, Body.LAYER, refused))
        done = done.model_copy(update={"note": f"{len(given)} 级同意推荐"})
    keep_asking(work, nomination)
    return done


def _in_turn(work: "Work", nomination: Nomination, path: list[Party], rows: list[EndorsementRow]) -> list[tuple[Party, EndorsementRow]]:
    """Put opinions into the order of the layers. Raises ``CommandRefused`` for one that is out of turn.

    A no that closed the nomination may be said anew once that was reopened.
    """
    refusals = _running(work, nomination)
    own = {each.unit: each for each in work.records.known(Endorsement, nomination=nomination.number)}
    agreed = {unit for unit, agrees in said_by(work, path, own.values()).items() if agrees}
    by_unit: dict[str, EndorsementRow] = {}
    for row in rows:
        unit = next((each for each in path if row.unit.strip() in (each.id, each.name)), None)
        if unit is None:
            refusals.append(Refusal("not-a-layer", f"所填推荐单位不是该申报的推荐层级（{' → '.join(each.name for each in path)}）"))
        elif unit.id in agreed - own.keys():
            refusals.append(Refusal("said-before", f"{unit.name} 所接替的单位已同意推荐，意见继续有效，不必重新出具"))
        elif unit.id in by_unit or unit.id in agreed:
            refusals.append(Refusal("said-before", f"{unit.name} 的推荐意见已经登记过"))
        else:
            by_unit[unit.id] = row
            refusals += _declining(nomination, unit, row)
    for below, unit in pairwise(path):
        if unit.id in by_unit and below.id not in {*agreed, *by_unit}:
            refusals.append(Refusal("out-of-turn", f"{below.name} 尚未出具意见，{unit.name} 不能先行推荐", "N18 自下而上、层层推荐"))
    if refusals:
        raise CommandRefused(nomination.number, refusals)
    return [(unit, by_unit[unit.id]) for unit in path if unit.id in by_unit]


def _declining(nomination: Nomination, unit: Party, row: EndorsementRow) -> list[Refusal]:
    """Refuse a no without its opinion, and one on a nomination that is being mended: its content is about to change."""
    refusals = []
    if not row.agrees and not row.text.strip():
        refusals.append(Refusal("reason-missing", f"{unit.name} 不同意推荐，须写明推荐意见内容"))
    if not row.agrees and nomination.state == NominationState.RETURNED:
        refusals.append(Refusal("being-mended", f"该申报正在补正，待重新申报后再登记 {unit.name} 的不同意见"))
    return refusals


def _running(work: "Work", nomination: Nomination) -> list[Refusal]:
    refusals = running(work)
    if nomination.state not in (NominationState.SUBMITTED, NominationState.RETURNED):
        refusals.append(Refusal("wrong-state", "该申报已过推荐环节，不再登记推荐意见"))
    return refusals


def _write(work: "Work", recorder: "Recorder", nomination: Nomination, unit: Party, layer: int, row: EndorsementRow) -> None:
    text = work.keep_text(recorder, "opinion", row.text) if row.text.strip() else None
    said = {"layer": layer, "agrees": row.agrees, "at": work.now, "text": text, "taken_over_from": None}
    old = work.records.get(Endorsement, nomination.number, unit.id)
    if old is None:
        recorder.insert(Endorsement, nomination=nomination.number, unit=unit.id, **said)
    else:
        recorder.update(Endorsement, old, **said)
