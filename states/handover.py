"""Handing over what is open: a unit's nominations with its work, an expert's seats, a department's clearances."""

from collections.abc import Iterable
from typing import NamedTuple

from config.labels import label
from config.vocabulary import NominationState, Stage, WorkKind
from states.counted import due_of
from states.endorsing import stands_for
from states.handing import hand_item
from states.obligations import ask_for_endorsement, layers, open_item
from states.outcome import Skip, Touch
from states.panels import ask_for_review, colleagues
from states.planned import planned_as
from states.tables import Endorsement, Nomination, PanelSeat, Party, ScoreSheet, WorkItem
from states.unsent import Unsent
from states.work import Recorder, Work

K = WorkKind
S = NominationState
_ENDED = (S.WITHDRAWN, S.REVOKED)
_ENDORSED_IN = (S.SUBMITTED, S.RETURNED)


class Handover(NamedTuple):
    """Who hands over to whom; ``kinds`` and ``subject`` narrow it, empty they mean everything."""

    source: Party
    target: Party
    kinds: tuple[WorkKind, ...] = ()
    subject: str = ""

    def wants(self, item: WorkItem) -> bool:
        """Say whether a work item is to be handed over."""
        return item.owner == self.source.id and self.takes(WorkKind(item.kind)) and self.subject in ("", item.subject)

    def takes(self, kind: WorkKind) -> bool:
        """Say whether a kind of work is to be handed over."""
        return not self.kinds or kind in self.kinds


class Handed(NamedTuple):
    """What was handed over, and what could not be."""

    touched: list[Touch]
    skipped: list[Skip]


def hand_items(work: Work, handover: Handover, items: Iterable[WorkItem], unsent: Unsent | None = None) -> Handed:
    """Hand over work items as they are, each due as before; ``unsent`` is what waits, where that is read already."""
    waiting, touched = unsent or Unsent(work), []
    for item in items:
        hand_item(work, waiting, item, handover.target.id)
        touched.append(_touch(item))
    return Handed(touched, [])


def hand_unit(work: Work, handover: Handover) -> Handed:
    """Hand over what a unit recommended, with its work, and the opinions that it owes on what others below it recommended."""
    items = [item for item in work.open_items() if handover.wants(item)]
    handed, unsent = Handed([], []), Unsent(work)
    for nomination in _recommended(work, handover, items):
        mine = [item for item in items if item.subject == nomination.number]
        _move_nomination(work, handover, nomination)
        handed.touched.append(Touch(subject=nomination.number, note="推荐单位改变"))
        handed.touched.extend(hand_items(work, handover, mine, unsent).touched)
        _ask_the_layers(work, nomination)
    moved = {touch.subject for touch in handed.touched}
    for item in (item for item in items if item.subject not in moved):
        reason = _out_of_line(work, handover, work.nomination(item.subject))
        if reason:
            handed.skipped.append(Skip(subject=item.subject, reason=reason))
        else:
            handed.touched.extend(hand_items(work, handover, [item], unsent).touched)
            _ask_the_layers(work, work.nominations(number=item.subject)[0])
    if handover.takes(K.ENDORSEMENT):
        _hand_opinions(work, handover, handed)
    return handed


def hand_seats(work: Work, handover: Handover) -> Handed:
    """Hand over the seats whose sheets are not in yet; what was scored stays with whoever scored it."""
    handed = Handed([], [])
    given = {sheet.nomination for sheet in work.records.where(ScoreSheet, round=work.round.slug, expert=handover.source.id)}
    waiting = {each.number for each in work.nominations(state=S.QUALIFIED.value)} - given
    for seat in work.records.where(PanelSeat, round=work.round.slug, expert=handover.source.id, recused=False):
        if seat.nomination not in waiting or handover.subject not in ("", work.round.slug, seat.nomination):
            continue
        reason = _unfit(work, handover.target, seat.nomination)
        if reason:
            handed.skipped.append(Skip(subject=seat.nomination, reason=reason))
        else:
            _move_seat(work, seat, handover.target)
            handed.touched.append(Touch(subject=seat.nomination, note=label(K.SCORE_SHEET)))
    if handed.touched:
        _hand_sheets(work, handover)
    return handed


def _recommended(work: Work, handover: Handover, items: list[WorkItem]) -> list[Nomination]:
    """Give what the unit recommended; where only some kinds of work are handed over, what these are about."""
    about = {item.subject for item in items}
    found = work.nominations(unit=handover.source.id, state=[state.value for state in S if state not in _ENDED])
    return [each for each in found if handover.subject in ("", each.number) and (not handover.kinds or each.number in about)]


def _move_nomination(work: Work, handover: Handover, nomination: Nomination) -> None:
    """Let another unit stand for a nomination, and by what was said of it: but for one that has a say of its own among its layers."""
    source, target = handover.source.id, handover.target.id
    judges = target in {unit.id for unit in layers(work, nomination)}
    recorder = work.record("recommending_unit_changed", nomination.number, payload={"unit": target, "former": source})
    recorder.update(Nomination, nomination, unit=target, unit_kind=handover.target.kind, version=nomination.version + 1)
    said = work.records.get(Endorsement, nomination.number, source)
    if said is not None and said.agrees and not judges and work.records.get(Endorsement, nomination.number, target) is None:
        _stand_by(work, recorder, said, target, 1)


def _hand_opinions(work: Work, handover: Handover, handed: Handed) -> None:
    """Let the yes of an upper layer count for the unit that the roster has put in its place (N18)."""
    source, target = handover.source.id, handover.target.id
    said = {row.nomination: row for row in work.records.where(Endorsement, unit=source) if row.agrees}
    for nomination in work.nominations(number=[number for number in said if handover.subject in ("", number)]):
        path = [unit.id for unit in layers(work, nomination)]
        if not {nomination.state, nomination.came_from} & set(_ENDORSED_IN) or nomination.unit == source:
            continue
        if source in path:
            handed.skipped.append(Skip(subject=nomination.number, reason=_out_of_line(work, handover, nomination)))
        elif target in path and _may_stand_by(work, said[nomination.number], target):
            recorder = work.record("endorsement_taken_over", nomination.number, payload={"unit": target, "former": source})
            _stand_by(work, recorder, said[nomination.number], target, path.index(target) + 1)
            handed.touched.append(Touch(subject=nomination.number, note="原单位的推荐意见继续有效"))
            _ask_the_layers(work, nomination)


def _may_stand_by(work: Work, said: Endorsement, unit: str) -> bool:
    return work.records.get(Endorsement, said.nomination, unit) is None and stands_for(work, unit, said)


def _stand_by(work: Work, recorder: Recorder, said: Endorsement, unit: str, layer: int) -> None:
    values = {"layer": layer, "agrees": True, "at": work.now, "text": said.text, "taken_over_from": said.unit}
    recorder.insert(Endorsement, nomination=said.nomination, unit=unit, **values)


def _ask_the_layers(work: Work, nomination: Nomination) -> None:
    if nomination.state in _ENDORSED_IN:
        ask_for_endorsement(work, nomination)


def _out_of_line(work: Work, handover: Handover, nomination: Nomination | None) -> str:
    """Say why the new unit may not speak for a nomination that others recommended; "" where the roster puts it in the old one's place."""
    path = {unit.id for unit in layers(work, nomination)} if nomination else set()
    if handover.target.id in path and handover.source.id not in path:
        return ""
    return f"按名册，{handover.target.name} 没有接替 {handover.source.name} 成为该申报的推荐层级；请先在名册里改正下级单位的上级，再移交"


def _unfit(work: Work, expert: Party, number: str) -> str:
    seat = work.records.get(PanelSeat, number, expert.id)
    if seat is not None and seat.handed_to is None:
        return "接手的专家已回避此申报" if seat.recused else "接手的专家已有此申报的席位"
    return "接手的专家与申报人同一工作单位，应当回避" if colleagues(work, expert, number) else ""


def _move_seat(work: Work, seat: PanelSeat, expert: Party) -> None:
    payload = {"kind": K.SCORE_SHEET.value, "expert": expert.id, "former": seat.expert}
    recorder = work.record("seat_handed_over", seat.nomination, payload=payload)
    recorder.update(PanelSeat, seat, recused=True, handed_to=expert.id)
    back = work.records.get(PanelSeat, seat.nomination, expert.id)
    if back is None:
        recorder.insert(PanelSeat, nomination=seat.nomination, expert=expert.id, round=seat.round)
    else:
        recorder.update(PanelSeat, back, recused=False, handed_to=None)


def _hand_sheets(work: Work, handover: Handover) -> None:
    """Let the open work follow the seats: it goes over whole, or the new expert's own says that there is more of it."""
    asked = {item.owner: item for item in work.open_items(work.round.slug) if item.kind == K.SCORE_SHEET}
    mine, theirs = asked.get(handover.source.id), asked.get(handover.target.id)
    if theirs is not None:
        hand_item(work, Unsent(work), theirs, handover.target.id, former=handover.source.id)
    elif mine is not None and not _still_owes(work, handover.source):
        hand_item(work, Unsent(work), mine, handover.target.id)
    else:
        due = due_of(mine) if mine else None
        planned = planned_as(mine) if mine else None
        open_item(work, K.SCORE_SHEET, Stage.EXPERT_REVIEW, work.round.slug, handover.target.id, due, planned=planned)
    ask_for_review(work)


def _still_owes(work: Work, expert: Party) -> bool:
    seats = work.records.where(PanelSeat, round=work.round.slug, expert=expert.id, recused=False)
    given = {sheet.nomination for sheet in work.records.where(ScoreSheet, round=work.round.slug, expert=expert.id)}
    running = {each.number for each in work.nominations(state=S.QUALIFIED.value)}
    return any(seat.nomination in running - given for seat in seats)


def _touch(item: WorkItem) -> Touch:
    return Touch(subject=item.subject, note=f"{label(WorkKind(item.kind))}，期限 {item.due_day:%Y-%m-%d} 不变")
