"""Reassigning: what one party owes goes to another, because an expert fell ill or a unit was merged."""

from typing import TYPE_CHECKING, ClassVar

from config.labels import label
from config.nearest import as_typed, instead, listed
from config.vocabulary import RECOMMENDING_KINDS, PartyKind, WorkKind
from states.command import Command
from states.errors import CommandRefused, Refusal
from states.gathering import running
from states.handover import Handed, Handover, hand_items, hand_seats, hand_unit
from states.outcome import Outcome
from states.parties import in_office
from states.tables import Party

if TYPE_CHECKING:
    from states.work import Work

_BODIES = (PartyKind.DISTRICT_OFFICE, PartyKind.LEADING_GROUP, PartyKind.GOVERNMENT)


class ReassignWork(Command):
    """Move what a party still owes in a round to another one, each item due as before; what is done stays with who did it.

    ``source`` and ``target`` are ids of the roster. Without ``kinds`` everything goes; ``subject`` narrows it to one
    nomination. With a unit's work goes what it recommended, with an expert's the seats that have no sheet yet.
    """

    title: ClassVar[str] = "移交待办"
    bulk: ClassVar[bool] = True
    after_clock: ClassVar[bool] = True

    source: str
    target: str
    reason: str
    kinds: tuple[WorkKind, ...] = ()
    subject: str = ""

    def plan(self, work: "Work") -> Outcome:
        """Refuse parties that do not fit each other, and a handover of nothing; skip what the new one may not take."""
        source, target = self._parties(work)
        recorder = work.record("work_handed_over", work.round.slug, payload={"former": source.id, "owner": target.id} | self._narrowed())
        work.keep_text(recorder, "reason", self.reason)
        handed = _hand(work, Handover(source, target, self.kinds, self.subject.strip()))
        if not handed.touched:
            skipped = [Refusal("none", f"{skip.subject}：{skip.reason}") for skip in handed.skipped]
            raise CommandRefused("不能移交", skipped or [self._nothing_open(work, source)])
        recorder.entry.payload["moved"] = [touch.subject for touch in handed.touched]
        summary = f"{source.id} 移交 {target.id}：{len(handed.touched)} 项，略过 {len(handed.skipped)} 项"
        return Outcome(summary=summary, touched=tuple(handed.touched), skipped=tuple(handed.skipped))

    def _narrowed(self) -> dict[str, object]:
        """Give what the handover is narrowed to, for what is asked for later to follow it or not."""
        kinds = {"kinds": [kind.value for kind in self.kinds]} if self.kinds else {}
        return kinds | ({"subject": self.subject.strip()} if self.subject.strip() else {})

    def _nothing_open(self, work: "Work", source: Party) -> Refusal:
        """Say what is open instead: of this party, or else with whom anything is."""
        mine = [item for item in work.open_items() if item.owner == source.id]
        if not mine:
            owners = listed(_owners(work))
            return Refusal("nothing-open", f"{source.id} 在本届没有未办的待办{f'；有未办待办的是 {owners}' if owners else ''}")
        kinds = "、".join(dict.fromkeys(f"“{label(WorkKind(item.kind))}”" for item in mine))
        numbers = instead(self.subject, [item.subject for item in mine]) if self.subject.strip() else ""
        return Refusal("nothing-open", f"{source.id} 在本届没有这样的未办待办，未办的是{kinds}{numbers}")

    def _parties(self, work: "Work") -> tuple[Party, Party]:
        """Find both parties. Raises ``CommandRefused``; what was filled in is repeated where it can be no name."""
        source, target = work.party(self.source.strip()), work.party(self.target.strip())
        refusals = running(work)
        if not self.reason.strip():
            refusals.append(Refusal("reason-missing", "须写明移交的理由"))
        if source is None:
            refusals.append(
                Refusal("no-party", f"名册中没有所填的原责任人编号{as_typed(self.source)}{instead(self.source, _owners(work))}")
            )
        if target is None:
            fitting = _may_take_over(work, source)
            refusals.append(Refusal("no-party", f"名册中没有所填的接手人编号{as_typed(self.target)}{instead(self.target, fitting)}"))
        if source is not None and target is not None:
            refusals += _misfits(work, source, target)
        if refusals or source is None or target is None:
            raise CommandRefused("不能移交", refusals)
        return source, target


def _owners(work: "Work") -> list[str]:
    """Give the ids of whoever owes work that may be handed over."""
    owners = dict.fromkeys(item.owner for item in work.open_items())
    return [party.id for party in work.records.where(Party, id=list(owners)) if party.kind not in _BODIES]


def _may_take_over(work: "Work", source: Party | None) -> list[str]:
    """Give the ids of whoever in office is of a kind that may take over from a party; from one that is not known, of everybody."""
    kinds = [kind for kind in PartyKind if kind not in _BODIES] if source is None else _heirs(work, source)
    parties = work.records.where(Party, kind=[kind.value for kind in kinds])
    return [party.id for party in parties if party is not source and in_office(party, work.today)]


def _heirs(work: "Work", source: Party) -> tuple[PartyKind, ...]:
    return work.programme.recommending_kinds if source.kind in RECOMMENDING_KINDS else (PartyKind(source.kind),)


def _misfits(work: "Work", source: Party, target: Party) -> list[Refusal]:
    """Say why one party may not take over from another."""
    if source.id == target.id:
        return [Refusal("same-party", "原责任人与接手人是同一个，无须移交")]
    if source.kind in _BODIES:
        return [Refusal("body", f"{label(PartyKind(source.kind))}的待办由其本身办理，不能移交")]
    refusals = []
    fitting = listed(_may_take_over(work, source))
    others = f"；可以接手的：{fitting}" if fitting else ""
    if not in_office(target, work.today):
        refusals.append(Refusal("left", f"接手人 {target.id} 不在任期内，请先在名册里改正起止日期{others}"))
    allowed = _heirs(work, source)
    if target.kind not in allowed:
        kinds = "、".join(label(kind) for kind in allowed)
        clause = "N18" if source.kind in RECOMMENDING_KINDS else ""
        refusals.append(
            Refusal(
                "other-kind",
                f"{label(PartyKind(source.kind))}的待办只能移交给{kinds}，{target.id} 是{label(PartyKind(target.kind))}{others}",
                clause,
            )
        )
    return refusals


def _hand(work: "Work", handover: Handover) -> Handed:
    if handover.source.kind in RECOMMENDING_KINDS:
        return hand_unit(work, handover)
    if handover.source.kind == PartyKind.EXPERT and handover.takes(WorkKind.SCORE_SHEET):
        return hand_seats(work, handover)
    return hand_items(work, handover, [item for item in work.open_items() if handover.wants(item)])
