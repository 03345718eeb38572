"""The leading group's resolution: one sitting, its counts, and what follows for each nomination (notice, N1, N20)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from config.labels import label
from config.vocabulary import Body, NominationState, Role, Trigger, Vote, WorkKind
from states.bulk import shown
from states.command import Command
from states.errors import CommandRefused, Refusal
from states.facts import Facts, Places
from states.firing import fire, touched
from states.gathering import gather, places
from states.obligations import finish
from states.outcome import Outcome, Touch
from states.people import honour_refusals
from states.progress import advance, ask_again
from states.tables import Ballot, Nomination, ResolutionSession
from states.voting import Count, Judgement, Session, judge

if TYPE_CHECKING:
    from states.work import Recorder, Work

_RESOLVED_ON = (NominationState.EXPERT_REVIEWED, NominationState.RESERVED)
_MOVES = {Vote.APPROVE: Trigger.APPROVE, Vote.RESERVE: Trigger.RESERVE, Vote.PASS_OVER: Trigger.PASS_OVER}


class VoteRow(BaseModel):
    """What the sitting said of one nomination; a secret ballot comes as counts only."""

    model_config = ConfigDict(frozen=True)

    nomination: str
    vote: Vote
    approve: int = Field(ge=0)
    against: int = Field(default=0, ge=0)
    abstain: int = Field(default=0, ge=0)
    recused: int = Field(default=0, ge=0)
    reserve_rank: int | None = Field(default=None, ge=1)


class RecordResolution(Command):
    """Record one sitting: all of it or nothing, and never beyond a tier's quota (notice, N3).

    ``held_on`` is the day of the sitting, ``members`` the group's heads, ``present`` those in the room, ``document`` the
    number of the minutes.
    """

    title: ClassVar[str] = "登记审定会议决议"
    roles: ClassVar[tuple[Role, ...]] = (Role.OFFICE, Role.SECRETARY)
    bulk: ClassVar[bool] = True
    compares: ClassVar[bool] = True
    after_clock: ClassVar[bool] = True

    held_on: date
    members: int = Field(ge=1)
    present: int = Field(ge=0)
    document: str
    rows: tuple[VoteRow, ...]

    def plan(self, work: "Work") -> Outcome:
        """Collect every refusal of the whole resolution before anything of it is recorded."""
        nominations = self._nominations(work)
        judged = {each.nomination: each for each in self._judge(work)}
        facts = gather(work, nominations)
        session = self._record_session(work)
        honoured = honour_refusals(work, [row.nomination.strip() for row in self.rows if row.vote == Vote.APPROVE])
        free, done, refusals = places(work, "approve"), [], []
        for nomination, row in zip(nominations, self.rows, strict=True):
            known = _with_judgement(facts[nomination.number], row, judged[nomination.number], self.document)
            if nomination.number in honoured:
                known = replace(known, judgement=[*known.judgement, honoured[nomination.number]])
            try:
                done.append(_apply(work, nomination, row, known, free, session))
            except CommandRefused as error:
                refusals += [Refusal(each.code, f"{nomination.number} {each.sentence}", each.clause) for each in error.refusals]
        if refusals:
            raise CommandRefused("决议不能登记，未作任何改动", refusals)
        _follow_up(work)
        counts = {vote: sum(row.vote == vote for row in self.rows) for vote in Vote}
        summary = f"审定通过 {counts[Vote.APPROVE]} 人，递补 {counts[Vote.RESERVE]} 人，未入选 {counts[Vote.PASS_OVER]} 人"
        return Outcome(summary=summary, touched=tuple(done))

    def _nominations(self, work: "Work") -> list[Nomination]:
        refusals = []
        found = [work.nomination(row.nomination) for row in self.rows]
        refusals += [
            Refusal("no-nomination", f"{shown(row.nomination, place)} 不是本届的申报编号{work.instead(row.nomination, work.numbers)}")
            for place, (row, each) in enumerate(zip(self.rows, found, strict=True), start=1)
            if not each
        ]
        numbers = [row.nomination.strip() for row in self.rows]
        refusals += self._out_of_turn(work)
        refusals += [Refusal("twice", f"{number} 出现两次") for number in sorted(set(numbers)) if numbers.count(number) > 1]
        ranks = [row.reserve_rank for row in self.rows if row.vote == Vote.RESERVE and row.reserve_rank]
        taken = [each.reserve_rank for each in work.nominations(state=NominationState.RESERVED.value) if each.number not in numbers]
        refusals += [Refusal("rank-twice", f"递补顺序 {rank} 重复") for rank in sorted(set(ranks)) if [*ranks, *taken].count(rank) > 1]
        if len(ranks) + len(taken) > work.programme.votes.reserves:
            refusals.append(Refusal("too-many-reserves", f"递补人选最多 {work.programme.votes.reserves} 名"))
        if self.held_on > work.today:
            refusals.append(Refusal("not-held-yet", f"会议日期 {self.held_on:%Y-%m-%d} 还没有到"))
        if not self.document.strip():
            refusals.append(Refusal("document-missing", "须填写会议纪要文号"))
        if not self.rows:
            refusals.append(Refusal("nothing-given", "表决表中没有任何申报编号"))
        if refusals:
            raise CommandRefused("决议不能登记", refusals)
        return [each for each in found if each is not None]

    def _out_of_turn(self, work: "Work") -> list[Refusal]:
        """Refuse a reserve who moves up before one of the same tier ranked earlier, unless this sitting decides on that one too."""
        decided = {row.nomination.strip() for row in self.rows if row.vote in (Vote.APPROVE, Vote.PASS_OVER)}
        up = {row.nomination.strip() for row in self.rows if row.vote == Vote.APPROVE}
        reserved = sorted(work.nominations(state=NominationState.RESERVED.value), key=lambda each: each.reserve_rank or 0)
        return [
            Refusal("rank-skipped", f"{each.number} 递补顺序在 {first.number}（第 {first.reserve_rank} 位）之后，本次会议须先对其作出决定")
            for place, each in enumerate(reserved)
            if each.number in up
            for first in reserved[:place]
            if first.tier == each.tier and first.number not in decided
        ]

    def _judge(self, work: "Work") -> list[Judgement]:
        recused = {row.nomination.strip(): row.recused for row in self.rows if row.recused}
        counts = [Count(row.nomination.strip(), row.approve, row.against, row.abstain) for row in self.rows]
        votes = work.programme.votes
        return judge(Session(self.members, self.present, recused), counts, votes.quorum, votes.threshold)

    def _record_session(self, work: "Work") -> str:
        recorder = work.record(
            "session_held", f"{self.round}-s{work.seq + 1:06d}", document=self.document, on_behalf_of=Body.LEADING_GROUP.value
        )
        values = {"held_on": self.held_on, "members": self.members, "present": self.present, "document": self.document}
        return recorder.insert(ResolutionSession, id=recorder.entry.subject, round=self.round, **values).id


def _with_judgement(facts: Facts, row: VoteRow, judgement: Judgement, document: str) -> Facts:
    refusals: Sequence[Refusal] = judgement.refusals
    if row.vote != Vote.APPROVE:
        refusals = [each for each in refusals if each.code != "threshold-not-reached"]
    return replace(facts, judged=True, judgement=refusals, document=document, reserve_rank=row.reserve_rank)


def _apply(work: "Work", nomination: Nomination, row: VoteRow, facts: Facts, free: Places, session: str) -> Touch:
    if nomination.state not in _RESOLVED_ON:
        raise CommandRefused(
            nomination.number, [Refusal("wrong-state", f"现为“{label(NominationState(nomination.state))}”，此状态下不能办理")]
        )
    if row.vote != Vote.APPROVE and facts.judgement:
        raise CommandRefused(nomination.number, list(facts.judgement))
    body = Body.OFFICE if row.vote == Vote.PASS_OVER else Body.LEADING_GROUP
    fields = {"reserve_rank": row.reserve_rank} if row.vote == Vote.RESERVE else {}
    recorder = fire(work, nomination, _MOVES[row.vote], body, facts, places=free, **fields)
    _record_ballot(recorder, nomination, row, session)
    return touched(recorder, f"赞成 {row.approve} 反对 {row.against} 弃权 {row.abstain}")


def _record_ballot(recorder: "Recorder", nomination: Nomination, row: VoteRow, session: str) -> None:
    counts = {"approve": row.approve, "against": row.against, "abstain": row.abstain, "recused": row.recused}
    recorder.insert(
        Ballot,
        session=session,
        nomination=nomination.number,
        round=nomination.round,
        vote=row.vote.value,
        reserve_rank=row.reserve_rank,
        **counts,
    )


def _follow_up(work: "Work") -> None:
    finish(work, WorkKind.FILL_VACANCY, work.round.slug)
    if not work.nominations(state=NominationState.EXPERT_REVIEWED.value):
        finish(work, WorkKind.RESOLUTION, work.round.slug)
    ask_again(work)
    advance(work)
