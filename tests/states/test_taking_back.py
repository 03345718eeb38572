"""An extension that went too far is taken back: as far as what was planned, not before today, and nothing sent is sent again."""

import json
from datetime import date, datetime, timedelta

import pytest

from config.vocabulary import NominationState, Stage, WorkKind
from states.commands.timing import ExtendDeadline
from states.outcome import Result
from states.tables import Nomination, StageClock, WorkItem
from tests.states.builders import Story
from tests.states.figures import INTAKE_ENDS, candidate, local, number

PLANNED, TOO_FAR = date(2023, 7, 5), date(2023, 7, 26)
"""When intake ends by the plan, a Wednesday, and the slip, three weeks on."""
ENDORSED_BY = date(2023, 6, 13)
"""When an endorsement that was asked for on Tuesday 2023-06-06 is due."""


def order(story: Story, day: date, kind: WorkKind | None = None, subject: str = "", *, whole: bool = False) -> ExtendDeadline:
    return ExtendDeadline(**story.who, due_day=day, reason="日期误填", kind=kind, subject=subject, whole_round=whole)


def move(story: Story, day: date, kind: WorkKind | None = None, subject: str = "", *, whole: bool = False) -> Result:
    return story.do(order(story, day, kind, subject, whole=whole))


def intake(story: Story) -> StageClock:
    return story.row(StageClock, stage="intake")


def closing(story: Story) -> WorkItem:
    return story.row(WorkItem, kind="close_intake")


@pytest.fixture
def slipped(story: Story) -> Story:
    """One candidate is in, and intake was extended by three weeks in place of one."""
    story.submitted()
    move(story, TOO_FAR)
    return story


def test_stage_that_was_extended_too_far_is_brought_back_with_its_work(slipped: Story) -> None:
    result = move(slipped, date(2023, 7, 12))
    assert intake(slipped).due_day == closing(slipped).due_day == date(2023, 7, 12)
    assert intake(slipped).due_at == closing(slipped).due_at == local(7, 13, 0)
    assert (closing(slipped).next_step_at, closing(slipped).due_version) == (local(7, 10), 3)
    assert result.outcome.summary == "申报推荐阶段的期限改为 2023-07-12（收回延长），随之改动待办 1 项"
    assert [(each.note, each.when) for each in result.outcome.touched] == [
        ("“申报推荐”阶段 改为 2023-07-12", "2023-07-26 → 2023-07-12"),
        ("截止申报 改为 2023-07-12", "2023-07-26 → 2023-07-12"),
    ]
    slipped.tick(local(7, 12, 23))
    assert slipped.stage() == "intake"
    slipped.tick(local(7, 13, 0))
    assert slipped.stage() == "qualification"
    slipped.verified()


def test_stage_is_brought_back_to_the_planned_day_exactly_and_is_as_if_never_extended(slipped: Story) -> None:
    move(slipped, PLANNED)
    assert (intake(slipped).due_day, intake(slipped).planned_from) == (PLANNED, None)
    assert (closing(slipped).due_day, closing(slipped).planned_from) == (PLANNED, None)
    assert slipped.codes(order(slipped, date(2023, 7, 4))) == ["not-later"]
    slipped.tick(INTAKE_ENDS)
    assert slipped.stage() == "qualification"
    slipped.verified()


def test_day_before_the_planned_one_is_refused_with_the_earliest_and_why(slipped: Story) -> None:
    (refusal,) = slipped.refused(order(slipped, date(2023, 7, 4)))
    assert refusal.code == "before-planned"
    assert "最早改为 2023-07-05（原定的期限）" in refusal.sentence


def test_present_day_is_refused_and_the_sentence_says_what_would_do(slipped: Story) -> None:
    (refusal,) = slipped.refused(order(slipped, TOO_FAR))
    assert refusal.code == "not-later"
    assert "本阶段现在的截止日 2023-07-26，新期限须晚于这一天；要收回延长的，最早改为 2023-07-05" in refusal.sentence


def test_what_was_never_extended_is_not_brought_forward(story: Story) -> None:
    story.submitted()
    (refusal,) = story.refused(order(story, date(2023, 7, 4)))
    assert (refusal.code, "没有延长过的，不能提前" in refusal.sentence) == ("not-later", True)


def test_rest_day_is_refused_for_an_earlier_day_too(slipped: Story) -> None:
    assert slipped.codes(order(slipped, date(2023, 7, 15))) == ["rest-day"]


def test_extension_is_taken_back_to_today_where_the_planned_day_is_over(slipped: Story) -> None:
    slipped.tick(local(7, 11))
    assert slipped.codes(order(slipped, date(2023, 7, 10))) == ["before-planned"]
    (refusal,) = slipped.refused(order(slipped, TOO_FAR))
    assert "最早改为 2023-07-11（原定的 2023-07-05 已过，最早为今天）" in refusal.sentence
    move(slipped, date(2023, 7, 11))
    assert (intake(slipped).due_day, intake(slipped).planned_from) == (date(2023, 7, 11), PLANNED)
    slipped.tick(local(7, 12, 0))
    assert slipped.stage() == "qualification"
    slipped.verified()


def test_earliest_day_on_a_rest_day_is_the_next_working_day(slipped: Story) -> None:
    slipped.tick(local(7, 15))
    (refusal,) = slipped.refused(order(slipped, TOO_FAR))
    assert "最早改为 2023-07-17（原定的 2023-07-05 已过，今天是休息日，其后的第一个工作日）" in refusal.sentence


def test_extension_whose_last_day_has_come_is_not_taken_back(slipped: Story) -> None:
    slipped.tick(local(7, 26, 10))
    (refusal,) = slipped.refused(order(slipped, TOO_FAR))
    assert "延长的部分已经不能收回" in refusal.sentence


def test_two_extensions_are_taken_back_to_what_was_planned_before_the_first(story: Story) -> None:
    story.submitted()
    move(story, date(2023, 7, 12))
    move(story, TOO_FAR)
    assert intake(story).planned_from == PLANNED
    move(story, date(2023, 7, 6))
    move(story, date(2023, 7, 10))
    move(story, PLANNED)
    assert intake(story).due_day == PLANNED
    assert [entry.event for entry in story.entries() if entry.event.startswith("deadline")] == [
        "deadline_extended",
        "deadline_extended",
        "deadline_brought_back",
        "deadline_extended",
        "deadline_brought_back",
    ]
    story.verified()


def test_ledger_tells_both_days(slipped: Story) -> None:
    move(slipped, date(2023, 7, 12))
    extended, back = (json.loads(slipped.entries(event=event)[-1].payload) for event in ("deadline_extended", "deadline_brought_back"))
    assert (extended["from"], extended["due_day"]) == ("2023-07-05", "2023-07-26")
    assert (back["from"], back["due_day"], back["items"]) == ("2023-07-26", "2023-07-12", [closing(slipped).id])
    assert "was" not in back


def test_ledger_tells_each_day_where_work_was_due_on_several(story: Story) -> None:
    story.submitted(2)
    first, second = story.rows(WorkItem, kind="endorsement")
    move(story, date(2023, 6, 20), WorkKind.ENDORSEMENT, first.id)
    move(story, date(2023, 6, 21), WorkKind.ENDORSEMENT)
    payload = json.loads(story.entries(event="deadline_extended")[-1].payload)
    assert payload["was"] == {first.id: "2023-06-20", second.id: "2023-06-13"}
    assert "from" not in payload


def test_planned_day_moves_with_a_hold(slipped: Story) -> None:
    slipped.clock.move_to(local(6, 7))
    slipped.hold()
    slipped.clock.move_to(local(6, 12))
    slipped.hold(False)  # three working days later
    assert intake(slipped).due_day == date(2023, 7, 31)
    assert "最早改为 2023-07-10（原定的期限）" in slipped.refused(order(slipped, date(2023, 7, 7)))[0].sentence
    move(slipped, date(2023, 7, 10))
    assert {intake(slipped).due_day, closing(slipped).due_day} == {date(2023, 7, 10)}
    slipped.verified()


def test_planned_day_of_work_moves_with_a_hold(story: Story) -> None:
    story.submitted()
    move(story, date(2023, 6, 30), WorkKind.ENDORSEMENT)
    story.hold()
    story.clock.move_to(local(6, 8))
    story.hold(False)  # two working days later
    assert story.codes(order(story, date(2023, 6, 14), WorkKind.ENDORSEMENT)) == ["before-planned"]
    move(story, date(2023, 6, 15), WorkKind.ENDORSEMENT)
    assert story.row(WorkItem, kind="endorsement").planned_from is None
    story.verified()


def test_planned_day_that_was_over_when_a_hold_began_stays_over(slipped: Story) -> None:
    slipped.tick(local(7, 7))
    slipped.hold()
    slipped.clock.move_to(local(7, 12))
    slipped.hold(False)
    assert "最早改为 2023-07-12（原定的 2023-07-05 已过，最早为今天）" in slipped.refused(order(slipped, date(2023, 7, 31)))[0].sentence


def test_whole_round_is_only_ever_later(slipped: Story) -> None:
    assert slipped.codes(order(slipped, ENDORSED_BY, whole=True)) == ["not-later"]
    (refusal,) = slipped.refused(order(slipped, ENDORSED_BY, whole=True))
    assert "要收回延长的，请选“本阶段”或某一类待办" in refusal.sentence
    move(slipped, date(2023, 7, 12), whole=True)  # what is due before that day, and the stage stays
    assert (slipped.row(WorkItem, kind="endorsement").due_day, intake(slipped).due_day) == (date(2023, 7, 12), TOO_FAR)


def test_stage_takes_back_what_the_whole_round_was_extended_with(story: Story) -> None:
    story.submitted()
    move(story, TOO_FAR, whole=True)
    result = move(story, date(2023, 7, 6))
    assert {item.due_day for item in story.rows(WorkItem, status="open")} == {date(2023, 7, 6)}
    assert result.outcome.skipped == ()
    story.verified()


def test_work_that_was_extended_by_itself_beyond_the_new_day_goes_back_with_the_stage(slipped: Story) -> None:
    move(slipped, date(2023, 7, 20), WorkKind.ENDORSEMENT)
    move(slipped, date(2023, 7, 12))
    assert slipped.row(WorkItem, kind="endorsement").due_day == date(2023, 7, 12)


def test_work_that_is_due_before_the_new_day_stays_when_the_stage_goes_back(slipped: Story) -> None:
    move(slipped, date(2023, 6, 20), WorkKind.ENDORSEMENT)
    move(slipped, date(2023, 7, 12))
    assert slipped.row(WorkItem, kind="endorsement").due_day == date(2023, 6, 20)


def test_work_opened_under_an_extension_goes_back_with_its_stage(story: Story) -> None:
    story.intake_over()
    ends = story.row(StageClock, stage="qualification").due_day
    move(story, date(2023, 8, 16))
    story.do(story.verdict(1, "return", reason="请补证明", fields=("证明材料",)))
    story.do(story.resubmission(1, evidence="补充"))  # asks for a verdict, with the stage
    assert story.row(WorkItem, kind="qualification", status="open").due_day == date(2023, 8, 16)
    move(story, ends)
    assert story.row(WorkItem, kind="qualification", status="open").due_day == ends
    story.verified()


def test_work_opened_after_the_planned_day_keeps_a_working_day(story: Story) -> None:
    story.returned()
    ends = story.row(StageClock, stage="qualification").due_day
    move(story, date(2023, 8, 16))
    move(story, date(2023, 8, 10), WorkKind.CORRECTION)
    story.tick(local(8, 3))
    story.do(story.resubmission(1, evidence="补充"))
    assert story.row(WorkItem, kind="qualification", status="open").due_day == date(2023, 8, 16) > ends
    result = move(story, date(2023, 8, 3))
    (kept,) = result.outcome.skipped
    assert kept.reason == "资格审核的期限 2023-08-16 不变：最早可以改为 2023-08-04"
    assert story.row(WorkItem, kind="qualification", status="open").due_day == date(2023, 8, 16)


def test_work_that_is_due_with_its_stage_by_its_own_time_stays(story: Story) -> None:
    story.open()
    move(story, date(2023, 7, 12))
    story.tick(local(7, 5))
    story.submit(candidate(1))  # five working days from today: on the stage's extended day
    assert story.row(WorkItem, kind="endorsement").due_day == date(2023, 7, 12)
    (kept,) = move(story, date(2023, 7, 7)).outcome.skipped
    assert kept.reason == "出具推荐意见的期限 2023-07-12 不变：没有可以收回的延长"


def test_work_opened_on_the_day_before_an_extended_stage_ends_has_nothing_to_take_back(story: Story) -> None:
    story.returned()
    move(story, date(2023, 8, 16))
    move(story, date(2023, 8, 16), WorkKind.CORRECTION)
    story.tick(local(8, 15))
    story.do(story.resubmission(1, evidence="补充"))
    assert story.row(WorkItem, kind="qualification", status="open").planned_from is None


def test_kind_of_work_is_brought_back_and_its_stage_stays(story: Story) -> None:
    story.submitted(2)
    move(story, date(2023, 6, 30), WorkKind.ENDORSEMENT)
    assert story.codes(order(story, date(2023, 6, 12), WorkKind.ENDORSEMENT)) == ["before-planned", "before-planned"]
    result = move(story, date(2023, 6, 16), WorkKind.ENDORSEMENT)
    assert {item.due_day for item in story.rows(WorkItem, kind="endorsement")} == {date(2023, 6, 16)}
    assert intake(story).due_day == PLANNED
    assert result.outcome.summary == "出具推荐意见的期限改为 2023-06-16（收回延长），随之改动待办 2 项"
    story.verified()


def test_one_work_item_is_brought_back_by_its_own_id(story: Story) -> None:
    story.submitted(2)
    first, second = story.rows(WorkItem, kind="endorsement")
    move(story, date(2023, 6, 30), WorkKind.ENDORSEMENT)
    move(story, ENDORSED_BY, WorkKind.ENDORSEMENT, first.id)
    assert [item.due_day for item in story.rows(WorkItem, kind="endorsement")] == [ENDORSED_BY, date(2023, 6, 30)]
    assert story.row(WorkItem, id=second.id).planned_from == ENDORSED_BY


def test_order_that_would_give_time_to_some_and_take_it_from_others_is_refused(story: Story) -> None:
    story.submitted(2)
    first, _ = story.rows(WorkItem, kind="endorsement")
    move(story, date(2023, 6, 30), WorkKind.ENDORSEMENT, first.id)
    (refusal,) = story.refused(order(story, date(2023, 6, 20), WorkKind.ENDORSEMENT))
    assert refusal.code == "both-ways"
    assert f"{number(1)} 现在的期限 2023-06-30 晚于新期限" in refusal.sentence
    assert "只限编号" in refusal.sentence


def test_lapse_of_a_correction_comes_back_with_it(story: Story) -> None:
    story.returned()
    due = story.row(WorkItem, kind="correction").due_day
    move(story, date(2023, 7, 26), WorkKind.CORRECTION)
    move(story, due + timedelta(days=1), WorkKind.CORRECTION, number(1))
    ends = story.row(WorkItem, kind="correction").due_at
    assert story.row(Nomination).correction_due_at == ends == local(7, 15, 0)
    story.tick(ends - timedelta(seconds=1))
    assert story.state(1) == NominationState.RETURNED
    story.tick(ends)
    assert story.state(1) == NominationState.LAPSED
    story.verified()


def test_steps_that_were_not_sent_move_back_and_come_once(slipped: Story) -> None:
    move(slipped, date(2023, 7, 12))
    fired: list[tuple[datetime, str]] = []
    for day in range(7, 14):
        slipped.tick(local(7, day))
        fired += [(local(7, day), entry.subject) for entry in slipped.entries(event="work_item_reminded") if _at(entry) == local(7, day)]
    assert [at for at, subject in fired if subject == slipped.slug] == [local(7, 10), local(7, 12)]


def _at(entry: object) -> datetime:
    return datetime.fromisoformat(str(vars(entry)["at"]))


def test_stage_may_be_named_for_an_earlier_day(slipped: Story) -> None:
    slipped.do(ExtendDeadline(**slipped.who, due_day=PLANNED, reason="日期误填", stage=Stage.INTAKE))
    assert intake(slipped).due_day == PLANNED
