"""Ballots of a resolution session (审定会议) → judgements, in exact fractions, with the calculation shown.

Quorum and threshold are the programme's own rule, not the notice's. A secret ballot comes in as counts only, so this
knows no voters. A recused member (回避) counts neither as present nor in the total for that nomination.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil

from states.errors import Refusal


@dataclass(frozen=True)
class Session:
    """One sitting: ``members`` the group has, ``present`` those in the room at all, the recused ones included.

    ``recused`` says for a nomination how many members stand aside, ``recused_absent`` how many of those are not in the
    room anyway; both nought where a nomination is not named.
    """

    members: int
    present: int
    recused: Mapping[str, int] = field(default_factory=dict)
    recused_absent: Mapping[str, int] = field(default_factory=dict)

    def electorate(self, nomination: str) -> int:
        """Members who may vote on the nomination."""
        return self.members - self.recused.get(nomination, 0)

    def voters(self, nomination: str) -> int:
        """Members in the room who may vote on the nomination."""
        return self.present - self.recused.get(nomination, 0) + self.recused_absent.get(nomination, 0)


@dataclass(frozen=True)
class Count:
    """The ballots on one nomination. Fewer than the voters present is allowed: a ballot may be left out."""

    nomination: str
    approve: int
    against: int
    abstain: int

    @property
    def cast(self) -> int:
        """Ballots cast."""
        return self.approve + self.against + self.abstain


@dataclass(frozen=True)
class Judgement:
    """What the ballots come to: ``passed``, or every reason why not; ``explain`` shows the calculation in Chinese."""

    nomination: str
    passed: bool
    refusals: tuple[Refusal, ...]
    explain: str

    @property
    def valid(self) -> bool:
        """Tell whether this was a vote that counts, passed or not: quorate, with figures that can be true."""
        return all(refusal.code == "threshold-not-reached" for refusal in self.refusals)


def judge(session: Session, counts: Iterable[Count], quorum: Fraction, threshold: Fraction) -> list[Judgement]:
    """Judge each count: present ≥ quorum x members, approvals ≥ threshold x present (2/3 of 9 is 6, and 6 suffices).

    Raises ``ValueError`` for a quorum or threshold that is not above nought and up to one. Figures that cannot be true
    are refused with the nomination's number.
    """
    for share in (quorum, threshold):
        if not 0 < share <= 1:
            raise ValueError(f"法定人数和通过比例应大于0且不超过1：{share}")
    counts = list(counts)
    times = Counter(count.nomination for count in counts)
    return [_judge(session, count, quorum, threshold, times[count.nomination]) for count in counts]


def _judge(session: Session, count: Count, quorum: Fraction, threshold: Fraction, times: int) -> Judgement:
    refusals = _session_refusals(session, count.nomination) or _count_refusals(session, count, times)
    if refusals:
        return Judgement(count.nomination, False, tuple(refusals), f"{count.nomination} 表决数据有误，未作判定")
    electorate, voters = session.electorate(count.nomination), session.voters(count.nomination)
    seats, votes = ceil(quorum * electorate), ceil(threshold * voters)
    if voters < 1 or voters < seats:
        sentence = f"{count.nomination} 到会{voters}人，不足应到{electorate}人的{quorum}（至少{max(seats, 1)}人），表决无效"
        refusals.append(Refusal("no-quorum", sentence))
    if count.approve < votes:
        sentence = f"{count.nomination} 同意{count.approve}票，不足到会{voters}人的{threshold}（至少{votes}票）"
        refusals.append(Refusal("threshold-not-reached", sentence))
    explain = _explain(session, count, quorum, threshold)
    return Judgement(count.nomination, not refusals, tuple(refusals), f"{explain}；{_outcome(refusals)}")


def _session_refusals(session: Session, nomination: str) -> list[Refusal]:
    recused, absent = session.recused.get(nomination, 0), session.recused_absent.get(nomination, 0)
    if min(session.members, session.present, recused, absent) < 0:
        return [Refusal("negative-count", f"{nomination} 会议人数不能是负数")]
    if session.present > session.members:
        sentence = f"{nomination} 到会{session.present}人，多于成员总数{session.members}人"
        return [Refusal("present-exceeds-members", sentence)]
    if absent > recused or absent > session.members - session.present or recused - absent > session.present:
        sentence = f"{nomination} 回避{recused}人（其中未到会{absent}人），与成员{session.members}人、到会{session.present}人不符"
        return [Refusal("recused-impossible", sentence)]
    return []


def _count_refusals(session: Session, count: Count, times: int) -> list[Refusal]:
    refusals = []
    if min(count.approve, count.against, count.abstain) < 0:
        refusals.append(Refusal("negative-count", f"{count.nomination} 票数不能是负数"))
    voters = session.voters(count.nomination)
    if count.cast > voters:
        sentence = f"{count.nomination} 共{count.cast}票，多于到会可投票的{voters}人"
        refusals.append(Refusal("counts-exceed-present", sentence))
    if times > 1:
        refusals.append(Refusal("counted-twice", f"{count.nomination} 的票数出现{times}次，只留一次"))
    return refusals


def _explain(session: Session, count: Count, quorum: Fraction, threshold: Fraction) -> str:
    electorate, voters = session.electorate(count.nomination), session.voters(count.nomination)
    recused = session.recused.get(count.nomination, 0)
    aside = f"成员{session.members}人，回避{recused}人，" if recused else ""
    left_out = f"、未投{voters - count.cast}" if voters > count.cast else ""
    return (
        f"{aside}应到{electorate}人，实到{voters}人（法定{quorum}，至少{ceil(quorum * electorate)}人）；"
        f"同意{count.approve}、反对{count.against}、弃权{count.abstain}{left_out}；"
        f"须达实到{voters}人的{threshold}，至少{ceil(threshold * voters)}票"
    )


def _outcome(refusals: list[Refusal]) -> str:
    if not refusals:
        return "通过"
    return "表决无效" if any(refusal.code == "no-quorum" for refusal in refusals) else "未通过"
