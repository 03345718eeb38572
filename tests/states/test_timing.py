"""Changing time: later deadlines, a round on hold, a round released; nothing sent is sent again."""

import json
from datetime import date, timedelta

import pytest

from config.vocabulary import NominationState, Stage, WorkKind
from states.clock import VirtualClock
from states.commands.roster import ImportRoster
from states.commands.rounds import OpenRound
from states.commands.timing import ExtendDeadline, HoldRound, ReleaseRound
from states.house import House
from states.tables import Nomination, NoticeBatch, Round, StageClock, WorkItem
from tests.states.builders import Story
from tests.states.figures import INTAKE_ENDS, OPENS, ROSTER, local, number, rules

REASON = "台风停工。"


def _extend(story: Story, day: date, kind: WorkKind | None = None, subject: str = "") -> ExtendDeadline:
    return ExtendDeadline(**story.who, due_day=day, reason=REASON, kind=kind, subject=subject)


def _hold(story: Story) -> HoldRound:
    return HoldRound(**story.who, reason=REASON)


def test_extended_stage_moves_with_the_work_that_is_due_with_it(story: Story) -> None:
    story.open()
    before = story.row(WorkItem, kind="close_intake")
    story.do(_extend(story, date(2023, 7, 12)))
    after = story.row(WorkItem, kind="close_intake")
    assert story.row(StageClock, stage="intake").due_day == after.due_day == date(2023, 7, 12)
    assert (after.due_version, after.steps_done) == (before.due_version + 1, before.steps_done)
    assert after.next_step_at == local(7, 10)
    story.verified()


@pytest.mark.parametrize("conclude", ["automatic", "office"])
def test_intake_that_opens_on_its_last_day_is_closed_when_it_ends_and_extended_with_it(story: Story, conclude: str) -> None:
    """A round that is opened late must not be given another day for closing intake than intake itself has."""
    story.clock.move_to(local(7, 5))
    story.open(rules().replace("conclude: automatic", f"conclude: {conclude}", 1))
    assert story.row(StageClock).due_day == story.row(WorkItem).due_day == date(2023, 7, 5)
    assert story.do(_extend(story, date(2023, 7, 7))).outcome.summary == "申报推荐阶段延至 2023-07-07，顺延待办 1 项"
    assert story.row(StageClock).due_day == story.row(WorkItem).due_day == date(2023, 7, 7)
    story.do(_extend(story, date(2023, 7, 5)))
    assert story.row(StageClock).due_day == story.row(WorkItem).due_day == date(2023, 7, 5)
    story.verified()


def test_work_opened_after_its_stage_was_due_is_extended_with_it(story: Story) -> None:
    story.clock.move_to(local(7, 6))
    story.open(rules().replace("conclude: automatic", "conclude: office", 1))
    assert (story.row(StageClock).due_day, story.row(WorkItem).due_day) == (date(2023, 7, 5), date(2023, 7, 7))
    story.do(_extend(story, date(2023, 7, 6)))
    assert story.row(WorkItem).due_day == date(2023, 7, 7)
    story.do(_extend(story, date(2023, 7, 12)))
    assert story.row(StageClock).due_day == story.row(WorkItem).due_day == date(2023, 7, 12)
    story.verified()


def test_extended_stage_leaves_work_with_its_own_time_alone(story: Story) -> None:
    story.submitted()
    before = story.row(WorkItem, kind="endorsement").due_day
    story.do(_extend(story, date(2023, 7, 12)))
    assert story.row(WorkItem, kind="endorsement").due_day == before


def test_intake_stays_open_until_the_extended_time(story: Story) -> None:
    story.submitted()
    story.do(_extend(story, date(2023, 7, 12)))
    story.tick(INTAKE_ENDS)
    assert story.stage() == "intake"
    story.tick(local(7, 13, 0))
    assert story.stage() == "qualification"


def test_extended_correction_lapses_later(story: Story) -> None:
    story.returned()
    due = story.row(WorkItem, kind="correction").due_day
    later = story.house.calendar("Asia/Shanghai").shift(due, 2)
    story.do(_extend(story, later, WorkKind.CORRECTION, "BJGJ-2023-0001"))
    assert story.row(Nomination).correction_due_at == story.row(WorkItem, kind="correction").due_at
    story.tick(story.row(WorkItem, kind="correction").due_at - timedelta(seconds=1))
    assert story.state(1) == NominationState.RETURNED
    story.tick(story.row(WorkItem, kind="correction").due_at)
    assert story.state(1) == NominationState.LAPSED
    story.verified()


@pytest.mark.parametrize(
    ("day", "kind", "code", "mend"),
    [
        (date(2023, 7, 15), None, "rest-day", "其后的第一个工作日是 2023-07-17"),
        (date(2023, 7, 5), None, "not-later", "新期限须晚于这一天"),
        (date(2023, 7, 6), WorkKind.CLOSE_INTAKE, "beyond-stage", "请先延长本阶段"),
        (date(2023, 7, 4), WorkKind.CLOSE_INTAKE, "not-later", "新期限须晚于这一天"),
        (date(2023, 7, 4), WorkKind.BENEFIT, "no-such-work", "未办的有“截止申报”"),
        (date(2023, 7, 4), WorkKind.NOTICE_COMPLETION, "notice-fixed", "请延长本阶段或“答复异议”"),
        (date(9999, 12, 31), None, "too-far", "请核对年份"),
        (date(1990, 1, 1), None, "too-early", "请核对年份"),
    ],
)
def test_extension_is_refused_with_the_mend(story: Story, day: date, kind: WorkKind | None, code: str, mend: str) -> None:
    story.open()
    refusals = {refusal.code: refusal.sentence for refusal in story.refused(_extend(story, day, kind))}
    assert mend in refusals[code]


@pytest.mark.parametrize("whole_round", [False, True])
@pytest.mark.parametrize("day", [date(2023, 6, 5), date(2023, 6, 10), date(2023, 7, 5)], ids=["past", "rest day", "present"])
def test_extension_to_before_the_present_day_names_that_day_alone(story: Story, day: date, whole_round: bool) -> None:
    story.open()
    (refusal,) = story.refused(ExtendDeadline(**story.who, due_day=day, reason=REASON, whole_round=whole_round))
    assert (refusal.code, "2023-07-05" in refusal.sentence) == ("not-later", True)


@pytest.mark.parametrize("whole_round", [False, True])
def test_extension_of_what_is_overdue_to_a_past_day_names_today_alone(story: Story, whole_round: bool) -> None:
    story.open(rules().replace("conclude: automatic", "conclude: office", 1))
    story.tick(local(7, 10))
    (refusal,) = story.refused(ExtendDeadline(**story.who, due_day=date(2023, 7, 4), reason=REASON, whole_round=whole_round))
    assert (refusal.code, refusal.sentence) == ("past", "新期限 2023-07-04 已经过去，请写 2023-07-10 或以后的工作日")


@pytest.mark.parametrize(
    ("stage", "day", "code", "said"),
    [
        (Stage.EXPERT_REVIEW, date(2023, 7, 12), "stage-not-running", "“专家评审”阶段还没有开始"),
        (Stage.INTAKE, date(2023, 7, 28), "crosses-next-stage", "“资格审核”按现在的安排应当结束的 2023-07-27"),
        (None, date(2033, 7, 12), "crosses-next-stage", "hold-round"),
    ],
)
def test_extension_names_what_it_would_cross(story: Story, stage: Stage | None, day: date, code: str, said: str) -> None:
    story.open()
    (refusal,) = story.refused(ExtendDeadline(**story.who, due_day=day, reason=REASON, stage=stage))
    assert refusal.code == code
    assert said in refusal.sentence


def test_stage_that_is_over_is_not_extended(story: Story) -> None:
    story.intake_over()
    (refusal,) = story.refused(ExtendDeadline(**story.who, due_day=date(2023, 8, 2), reason=REASON, stage=Stage.INTAKE))
    assert "“申报推荐”阶段已经办结" in refusal.sentence
    assert "“资格审核”阶段" in refusal.sentence
    story.do(ExtendDeadline(**story.who, due_day=date(2023, 8, 2), reason=REASON, stage=Stage.QUALIFICATION))


def test_last_stage_has_no_next_one_to_cross(story: Story) -> None:
    story.certified(1)
    story.do(_extend(story, date(2024, 12, 18)))
    assert story.row(StageClock, stage="fulfilment").due_day == date(2024, 12, 18)


def test_whole_round_moves_everything_that_is_due_before(story: Story) -> None:
    story.submitted(2)
    result = story.do(ExtendDeadline(**story.who, due_day=date(2023, 7, 12), reason=REASON, whole_round=True))
    assert "本届未办结事项延至 2023-07-12，顺延待办 3 项" in result.outcome.summary
    assert {item.due_day for item in story.rows(WorkItem, status="open")} == {date(2023, 7, 12)}
    assert story.row(StageClock, stage="intake").due_day == date(2023, 7, 12)
    story.verified()


def test_whole_round_leaves_alone_what_is_due_later(story: Story) -> None:
    story.submitted()
    story.do(ExtendDeadline(**story.who, due_day=date(2023, 6, 20), reason=REASON, whole_round=True))
    assert story.row(WorkItem, kind="endorsement").due_day == date(2023, 6, 20)
    assert story.row(StageClock, stage="intake").due_day == date(2023, 7, 5)
    assert story.codes(ExtendDeadline(**story.who, due_day=date(2023, 6, 19), reason=REASON, whole_round=True)) == ["not-later"]


def test_whole_round_leaves_a_public_notice_as_published(story: Story) -> None:
    story.on_notice()
    before = story.row(NoticeBatch).last_day, story.row(WorkItem, kind="notice_completion").due_day
    story.do(ExtendDeadline(**story.who, due_day=date(2023, 8, 2), reason=REASON, whole_round=True))
    assert (story.row(NoticeBatch).last_day, story.row(WorkItem, kind="notice_completion").due_day) == before


def test_one_work_item_is_extended_by_its_own_id_or_its_owners(story: Story) -> None:
    story.submitted(2)
    first, second = story.rows(WorkItem, kind="endorsement")
    story.do(_extend(story, date(2023, 6, 20), WorkKind.ENDORSEMENT, first.id))
    assert [item.due_day for item in story.rows(WorkItem, kind="endorsement")] == [date(2023, 6, 20), second.due_day]
    story.do(_extend(story, date(2023, 6, 21), WorkKind.ENDORSEMENT, "U1"))
    assert {item.due_day for item in story.rows(WorkItem, kind="endorsement")} == {date(2023, 6, 21)}


@pytest.mark.parametrize("whole_round", [False, True])
def test_subject_without_a_kind_is_refused_with_the_kinds_that_are_open_on_it(story: Story, whole_round: bool) -> None:
    story.submitted()
    (refusal,) = story.refused(
        ExtendDeadline(**story.who, due_day=date(2023, 7, 12), reason=REASON, subject="BJGJ-2023-0001", whole_round=whole_round)
    )
    assert refusal.code == "kind-missing"
    assert "“出具推荐意见”" in refusal.sentence


def test_subject_that_nothing_is_open_on_is_refused_without_a_kind_too(story: Story) -> None:
    story.open()
    assert story.codes(_extend(story, date(2023, 7, 12), subject="BJGJ-2023-0009")) == ["kind-missing"]


@pytest.mark.parametrize("kind", [WorkKind.ENDORSEMENT, None])
def test_slip_in_a_number_is_answered_with_the_nearest(story: Story, kind: WorkKind | None) -> None:
    story.submitted(2)
    (refusal,) = story.refused(_extend(story, date(2023, 7, 12) if kind is None else date(2023, 6, 20), kind, "BJGJ-2023-002"))
    assert f"核对编号；最接近的是“{number(2)}”、“{number(1)}”" in refusal.sentence


def test_number_of_a_work_item_is_offered_only_to_who_gave_one_with_what_it_is(story: Story) -> None:
    story.submitted(2)
    first, second = story.rows(WorkItem, kind="endorsement")
    (refusal,) = story.refused(_extend(story, date(2023, 6, 20), WorkKind.ENDORSEMENT, first.id[:-1]))
    told = [f"“{item.id}”（{item.subject} 出具推荐意见，U1，{item.due_day:%m-%d} 到期）" for item in (first, second)]
    assert all(each in refusal.sentence for each in told)
    (refusal,) = story.refused(_extend(story, date(2023, 6, 20), WorkKind.ENDORSEMENT, "nothing like it"))
    assert refusal.sentence == f"没有这样的待办，请核对编号；现有：{number(1)}、{number(2)}、U1"


def test_kind_that_nothing_is_open_of_is_answered_with_those_that_are(story: Story) -> None:
    (refusal,) = story.submitted().refused(_extend(story, date(2023, 7, 4), WorkKind.BENEFIT))
    assert refusal.sentence == "没有这样的待办，请核对待办种类；未办的有“截止申报”、“出具推荐意见”"


def test_closed_work_names_the_steps_that_were_never_sent(story: Story) -> None:
    story.submitted()
    story.tick(local(6, 9))
    story.endorse([1])
    done = json.loads(story.entries(event="work_item_done")[-1].payload)
    assert done["unsent"] == ["r0", "e+1:superior", "e+3:district_office"]


def test_closed_work_with_all_steps_sent_names_none(story: Story) -> None:
    story.submitted()
    story.tick(local(6, 16))
    story.endorse([1])
    assert "unsent" not in json.loads(story.entries(event="work_item_done")[-1].payload)


def test_extension_without_reason_is_refused(story: Story) -> None:
    story.open()
    assert story.codes(ExtendDeadline(**story.who, due_day=date(2023, 7, 12), reason=" ")) == ["reason-missing"]


def test_extension_of_a_planned_round_is_refused(story: Story) -> None:
    story.open(opens_on=OPENS + timedelta(days=7))
    (refusal,) = story.refused(_extend(story, date(2023, 7, 12)))
    assert (refusal.code, "2023-06-13 启动后再办理" in refusal.sentence) == ("no-stage", True)


def test_held_round_does_nothing_in_time(story: Story) -> None:
    story.submitted()
    story.do(_hold(story))
    story.tick(INTAKE_ENDS + timedelta(days=3))
    assert story.stage() == "intake"
    assert story.row(WorkItem, kind="endorsement").steps_done == []
    assert "round-held" in story.codes(_extend(story, date(2023, 8, 1)))


def test_released_round_moves_everything_by_the_working_days_held(story: Story) -> None:
    story.submitted()
    items = {item.id: item.due_day for item in story.rows(WorkItem)}
    story.do(_hold(story))
    story.clock.move_to(local(6, 9))
    result = story.do(ReleaseRound(**story.who))
    calendar = story.house.calendar("Asia/Shanghai")
    assert "顺延 3 个工作日" in result.outcome.summary
    assert [(each.note, each.when) for each in result.outcome.touched] == [
        ("“申报推荐”阶段", "2023-07-05 → 2023-07-10"),
        ("截止申报", "2023-07-05 → 2023-07-10"),
        ("出具推荐意见", f"{min(items.values())} → {calendar.shift(min(items.values()), 3)}"),
    ]
    assert {item.id: item.due_day for item in story.rows(WorkItem)} == {key: calendar.shift(day, 3) for key, day in items.items()}
    assert story.row(StageClock, stage="intake").due_day == calendar.shift(date(2023, 7, 5), 3)
    assert (story.row(Round).held, story.row(Round).held_at) == (False, None)
    story.verified()


def test_hold_says_that_no_due_day_moves_before_the_release(story: Story) -> None:
    story.submitted()
    due = {item.id: item.due_day for item in story.rows(WorkItem)}
    outcome = story.do(_hold(story)).outcome
    assert outcome.summary == "本届已暂停计时，恢复前不催办、不到期；期限现在不改，恢复时 2 项未办待办和本阶段一并按暂停的工作日数顺延"
    assert {item.id: item.due_day for item in story.rows(WorkItem)} == due


def test_hold_before_the_opening_says_that_the_opening_waits(story: Story) -> None:
    story.do(ImportRoster(operator="op1", entries=ROSTER))
    story.do(OpenRound(**story.who, rules=rules(), opens_on=date(2023, 6, 20)))
    outcome = story.do(_hold(story)).outcome
    assert outcome.summary == "本届已暂停计时，恢复前不启动；恢复时启动日期按暂停的工作日数顺延"


def test_clock_set_back_in_a_hold_takes_no_day_away(story: Story) -> None:
    story.submitted()
    due = {item.id: item.due_day for item in story.rows(WorkItem)}
    story.clock.move_to(local(6, 9))
    story.do(_hold(story))
    story.clock = VirtualClock(local(6, 7))
    story.house = House(story.store, story.clock, story.chance, story.vault, lambda _: [])
    outcome = story.do(ReleaseRound(**story.who)).outcome
    assert outcome.summary == "本届恢复计时，暂停没有占去工作日，期限不变"
    assert not [each for each in outcome.touched if "顺延" in each.note]
    assert {each.when for each in outcome.touched if each.note.startswith(("“申报推荐”", "截止申报"))} == {"2023-07-05 不变"}
    assert {item.id: item.due_day for item in story.rows(WorkItem)} == due
    assert story.row(StageClock, stage="intake").due_day == date(2023, 7, 5)
    story.verified()


def test_round_is_held_once_and_released_once(story: Story) -> None:
    story.open()
    assert story.codes(ReleaseRound(**story.who)) == ["not-held"]
    story.do(_hold(story))
    assert story.row(Round).held
    assert story.codes(HoldRound(**story.who, reason="")) == ["round-held", "reason-missing"]


def planned(story: Story) -> Story:
    """A round that was held on Tuesday 2023-06-06, a week before its opening on the 13th."""
    story.open(opens_on=date(2023, 6, 13))
    story.do(_hold(story))
    return story


def test_release_before_the_opening_moves_the_opening_by_the_working_days_held(story: Story) -> None:
    planned(story).clock.move_to(local(6, 9))
    result = story.do(ReleaseRound(**story.who))
    assert story.row(Round).opens_on == date(2023, 6, 16)
    assert "将于 2023-06-16 启动" in result.outcome.summary
    assert [each.when for each in result.outcome.touched] == ["2023-06-13 → 2023-06-16"]
    story.tick(local(6, 15))
    assert story.stage() == "planned"
    story.tick(local(6, 16))
    assert story.stage() == "intake"
    assert story.row(StageClock).counted_from == date(2023, 6, 16)
    story.verified()


def test_release_after_the_planned_opening_opens_later_than_today(story: Story) -> None:
    planned(story).tick(local(6, 20))
    assert story.stage() == "planned"
    story.do(ReleaseRound(**story.who))
    assert story.row(Round).opens_on == date(2023, 6, 28)
    story.tick()
    assert story.stage() == "planned"
    story.verified()


def test_hold_within_one_day_leaves_the_opening_alone_even_on_a_rest_day(story: Story) -> None:
    story.open(opens_on=date(2023, 6, 17))
    story.do(_hold(story))
    story.do(ReleaseRound(**story.who))
    assert story.row(Round).opens_on == date(2023, 6, 17)
