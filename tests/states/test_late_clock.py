"""By-clock work ends alike however late the tick is: whatever a command would disturb is done before it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from config.vocabulary import Vote, WorkKind
from states.command import Command
from states.commands.aftermath import Disqualify, ReasonRow, Reopen, Withdraw
from states.commands.endorsements import EndorsementRow, RecordEndorsements
from states.commands.intake import SubmitNominations, SubmittedRow
from states.commands.notice import AnswerRow, PublishNotice, ResolveObjection
from states.commands.reassigning import ReassignWork
from states.commands.review import AssignExperts, ConcludeReview, SeatRow
from states.commands.rounds import AmendRound, CancelRound, ConcludeStage
from states.commands.timing import ExtendDeadline, HoldRound, ReleaseRound
from states.errors import CommandRefused
from states.replay import verify
from states.tables import NoticeBatch, Party, Round, StageClock, WorkItem
from tests.states.builders import NOTICE_ENDS, Story
from tests.states.figures import INTAKE_ENDS, OPENS, UNIT, candidate, local, number, rules
from tests.states.scenes import once

Give = Callable[[Story], Any]
BY_OFFICE = rules(
    ("conclude: automatic", "conclude: office"), ("lapse: automatic", "lapse: office"), ("complete: automatic", "complete: office")
)


class Late(NamedTuple):
    """A round in which something was due at an instant, and no tick has come by since."""

    begin: Callable[[Story], Any]
    due: datetime


@once
def _passed_over(story: Story) -> Story:
    story.reviewed(3)
    story.do(story.resolution(story.vote(1, Vote.PASS_OVER), story.vote(2), story.vote(3)))
    story.do(PublishNotice(**story.who, first_day=date(2023, 7, 6)))
    return story


LATE = {
    "opening": Late(lambda story: story.open(opens_on=OPENS + timedelta(days=1)), local(6, 7, 0)),
    "intake": Late(lambda story: story.submitted(2), INTAKE_ENDS),
    "correction": Late(lambda story: story.returned(), local(7, 14, 0)),
    "notice": Late(lambda story: story.on_notice(2, reserves=1), NOTICE_ENDS),
    "notice, one passed over": Late(_passed_over, NOTICE_ENDS),
}
COMMANDS: dict[str, Give] = {
    "hold": lambda story: HoldRound(**story.who, reason="等待批复"),
    "extend": lambda story: ExtendDeadline(**story.who, due_day=date(2023, 7, 19), reason="台风停工"),
    "extend corrections": lambda story: ExtendDeadline(**story.who, due_day=date(2023, 7, 19), reason="台风停工", kind=WorkKind.CORRECTION),
    "amend": lambda story: AmendRound(**story.who, rules=BY_OFFICE, reason="改由办公室办理"),
    "cancel": lambda story: CancelRound(**story.who, reason="上级统一安排"),
    "withdraw": lambda story: Withdraw(**story.who, rows=(ReasonRow(nomination=number(1), reason="本人申请"),)),
    "disqualify": lambda story: Disqualify(**story.who, rows=(ReasonRow(nomination=number(1), reason="材料不实", document="报告1号"),)),
    "disqualify and reopen": lambda story: (COMMANDS["disqualify"](story), COMMANDS["reopen"](story)),
    "reopen": lambda story: Reopen(**story.who, rows=(ReasonRow(nomination=number(1), reason="误办"),)),
    "object": lambda story: story.objection(2),
    "object and answer": lambda story: (story.objection(2), COMMANDS["answer"](story)),
    "answer": lambda story: ResolveObjection(**story.who, rows=(AnswerRow(objection="BJGJ-2023-Y001", upheld=False, report="报告1号"),)),
    "qualify": lambda story: story.verdict(1),
    "certify": lambda story: story.certify(1),
    "conclude": lambda story: ConcludeStage(**story.who),
    "submit": lambda story: SubmitNominations(**story.who, rows=(SubmittedRow(place="第9行", candidate=candidate(9)),)),
    "resubmit": lambda story: story.resubmission(1),
    "endorse": lambda story: RecordEndorsements(**story.who, rows=(EndorsementRow(nomination=number(1), unit=UNIT, agrees=True),)),
    "seat": lambda story: AssignExperts(**story.who, rows=(SeatRow(nomination=number(1), expert="E2"),)),
    "conclude the review": lambda story: ConcludeReview(**story.who),
    "resolve": lambda story: story.resolution(story.vote(1)),
    "publish": lambda story: PublishNotice(**story.who, first_day=date(2023, 7, 20)),
    "hand over": lambda story: ReassignWork(**story.who, source="U1", target="U2", reason="单位合并"),
}


def end(story: Story, late: Late, give: Give, *, ticks_first: bool) -> dict[str, Any]:
    """What becomes of the round when the command comes ten hours after the due time, before or after the first tick."""
    late.begin(story)
    story.clock.move_to(late.due + timedelta(hours=10))
    if ticks_first:
        story.tick()
    given = give(story)
    refused = [codes(story, each) for each in (given if isinstance(given, tuple) else (given,))]
    story.tick()
    if story.row(Round).held:
        story.clock.move_to(late.due + timedelta(days=2))
        story.do(ReleaseRound(**story.who))
        story.tick()
    assert verify(story.store, story.vault).findings == []
    items = story.rows(WorkItem)
    return {
        "refused": refused,
        "round": (story.stage(), story.row(Round).opens_on),
        "nominations": story.states(),
        "clocks": [(row.stage, row.due_day, row.concluded_at) for row in story.rows(StageClock)],
        "notices": [(row.last_day, row.completed_at) for row in story.rows(NoticeBatch)],
        "work": sorted((item.kind, item.subject, item.owner, item.status, item.due_day, item.due_version) for item in items),
        "parties": len(story.rows(Party)),
    }


def codes(story: Story, command: Command) -> list[str]:
    try:
        story.do(command)
    except CommandRefused as error:
        return [each.code for each in error.refusals if each.code != "time-over"]
    return []


@pytest.mark.parametrize("command", sorted(COMMANDS))
@pytest.mark.parametrize("due", sorted(LATE))
def test_command_before_a_late_tick_comes_to_the_same_end_as_after_it(light_story: Callable[[], Story], due: str, command: str) -> None:
    before, after = (end(light_story(), LATE[due], COMMANDS[command], ticks_first=first) for first in (False, True))
    assert before == after


def test_overdue_correction_cannot_be_extended_before_the_tick_either(story: Story) -> None:
    story.returned()
    story.clock.move_to(story.row(WorkItem, kind="correction").due_at)
    refusals = story.refused(COMMANDS["extend corrections"](story))
    assert [each.code for each in refusals] == ["no-such-work", "time-over"]
    assert f"{number(1)} 退回补正→逾期失效" in refusals[1].sentence
    assert "“恢复申报”（reopen）" in refusals[1].sentence
    story.tick()
    assert story.state(1) == "lapsed"


def test_intake_that_is_over_cannot_be_extended_before_the_tick_either(story: Story) -> None:
    story.submitted()
    story.clock.move_to(INTAKE_ENDS)
    command = ExtendDeadline(**story.who, due_day=date(2023, 7, 12), reason="台风停工")
    refusals = story.refused(command)
    assert refusals[-1].code == "time-over"
    assert "reopen" not in refusals[-1].sentence
    assert story.stage() == "intake"


def test_hold_says_what_the_clock_did_before_it(story: Story) -> None:
    story.returned()
    story.clock.move_to(story.row(WorkItem, kind="correction").due_at)
    outcome = story.do(COMMANDS["hold"](story)).outcome
    assert [(each.subject, each.target) for each in outcome.touched] == [(number(1), "lapsed"), (story.slug, "")]
    assert outcome.summary.endswith("（此前期限已过的 1 项，先行到期处理）")
    entry = story.entries(event="nomination_lapsed")[-1]
    assert (entry.operator, entry.on_behalf_of) == ("op1", "clock")
    story.verified()


def test_command_in_time_does_nothing_of_the_clocks(story: Story) -> None:
    story.returned()
    story.clock.move_to(story.row(WorkItem, kind="correction").due_at - timedelta(seconds=1))
    story.do(COMMANDS["extend corrections"](story))
    assert story.state(1) == "returned"
    story.tick(local(7, 14, 0))
    assert story.state(1) == "returned"


def test_correction_that_the_office_lets_lapse_may_be_extended_after_its_time(story: Story) -> None:
    story.returned(rules(("lapse: automatic", "lapse: office")))
    story.clock.move_to(local(7, 14, 10))
    story.do(COMMANDS["extend corrections"](story))
    assert story.state(1) == "returned"
    assert [item.status for item in story.rows(WorkItem, kind="overdue_correction")] == ["dropped"]
