"""What time alone decides, done by the clock or by the office: each by the programme's policy."""

from datetime import date, timedelta

from config.vocabulary import WorkKind
from states.commands.aftermath import ReasonRow, Reopen, Withdraw
from states.commands.expiry import CompleteNotices, LapseCorrections
from states.commands.intake import CloseIntake
from states.commands.notice import AnswerRow, PublishNotice, ResolveObjection
from states.commands.rounds import ConcludeStage
from states.commands.timing import ExtendDeadline
from states.tables import NoticeBatch, WorkItem
from tests.states.builders import NOTICE_ENDS, Story
from tests.states.figures import INTAKE_ENDS, SLUG, number, rules

LAPSE_BY_OFFICE = rules(("lapse: automatic", "lapse: office"))
NOTICE_BY_OFFICE = rules(("complete: automatic", "complete: office"))
ALL_BY_OFFICE = rules(("conclude: automatic", "conclude: office"))


def test_slip_in_a_notices_number_is_answered_with_the_nearest(story: Story) -> None:
    story.on_notice(1)
    (refusal,) = story.refused(CompleteNotices(**story.who, batches=(f"{SLUG}-1",)))
    assert refusal.sentence == f"本届没有公示批次“{SLUG}-1”；最接近的是“{SLUG}-n1”"


def _open(story: Story, kind: str) -> list[tuple[str, str]]:
    return [(item.subject, item.owner) for item in story.rows(WorkItem, kind=kind, status="open")]


def test_overdue_correction_becomes_work_for_the_office_once(story: Story) -> None:
    story.returned(LAPSE_BY_OFFICE)
    due = story.row(WorkItem, kind="correction").due_at
    story.tick(due - timedelta(seconds=1))
    assert _open(story, "overdue_correction") == []
    story.tick(due)
    story.tick(due + timedelta(seconds=1))
    assert _open(story, "overdue_correction") == [(number(1), "office")]
    assert story.state(1) == "returned"
    story.do(LapseCorrections(**story.who))
    assert story.state(1) == "lapsed"
    entry = story.entries(event="nomination_lapsed")[-1]
    assert (entry.on_behalf_of, entry.operator) == ("clock", "op1")
    assert [item.status for item in story.rows(WorkItem, kind="overdue_correction")] == ["done"]
    story.verified()


def test_overdue_correction_reminds_the_office(story: Story) -> None:
    story.returned(LAPSE_BY_OFFICE)
    story.tick(story.row(WorkItem, kind="correction").due_at)
    item = story.row(WorkItem, kind="overdue_correction")
    story.tick(item.next_step_at)
    assert story.row(WorkItem, kind="overdue_correction").steps_done == ["r0"]


def test_nothing_lapses_before_it_is_overdue_whoever_does_it(story: Story) -> None:
    story.returned(LAPSE_BY_OFFICE)
    assert story.codes(LapseCorrections(**story.who)) == ["none-overdue"]
    refusals = story.refused(LapseCorrections(**story.who, nominations=(number(1),)))
    assert [each.sentence for each in refusals] == [f"{number(1)}：补正期限未到"]


def test_longer_correction_takes_the_offices_work_away(story: Story) -> None:
    story.returned(LAPSE_BY_OFFICE)
    due = story.row(WorkItem, kind="correction").due_day
    story.tick(story.row(WorkItem, kind="correction").due_at)
    later = story.house.calendar("Asia/Shanghai").shift(due, 2)
    story.do(ExtendDeadline(**story.who, due_day=later, reason="材料在途", kind=WorkKind.CORRECTION))
    assert [item.status for item in story.rows(WorkItem, kind="overdue_correction")] == ["dropped"]
    story.tick(story.row(WorkItem, kind="correction").due_at)
    assert _open(story, "overdue_correction") == [(number(1), "office")]
    story.verified()


def test_clock_lapses_by_itself_where_the_programme_says_so(story: Story) -> None:
    story.returned()
    story.tick(story.row(WorkItem, kind="correction").due_at)
    assert (story.state(1), story.rows(WorkItem, kind="overdue_correction")) == ("lapsed", [])


def test_notice_waits_for_the_office(story: Story) -> None:
    story.on_notice(2, text=NOTICE_BY_OFFICE)
    story.do(story.objection(1))
    story.tick(NOTICE_ENDS - timedelta(seconds=1))
    assert story.codes(CompleteNotices(**story.who)) == ["none-over"]
    assert story.codes(CompleteNotices(**story.who, batches=("bjgj-2023-n1",))) == ["notice-running"]
    story.tick(NOTICE_ENDS)
    assert story.states() == ["leadership_approved", "leadership_approved"]
    result = story.do(CompleteNotices(**story.who))
    assert [(skip.subject, "未办结" in skip.reason) for skip in result.outcome.skipped] == [(number(1), True)]
    assert story.states() == ["leadership_approved", "publicly_noticed"]
    assert _open(story, "notice_completion") == [("bjgj-2023-n1", "office")]
    assert story.codes(CompleteNotices(**story.who, again=True)) == ["none"]
    story.do(ResolveObjection(**story.who, rows=(AnswerRow(objection="BJGJ-2023-Y001", upheld=False, report="核〔2023〕1号"),)))
    story.do(CompleteNotices(**story.who, again=True))
    assert story.states() == ["publicly_noticed", "publicly_noticed"]
    assert story.row(NoticeBatch).completed_at == NOTICE_ENDS
    assert story.codes(CompleteNotices(**story.who, batches=("bjgj-2023-n1", "n9"))) == ["notice-done", "no-such-notice"]
    story.verified()


def test_notice_without_anybody_left_is_completed_all_the_same(story: Story) -> None:
    story.approved(2, text=NOTICE_BY_OFFICE)
    story.do(PublishNotice(**story.who, nominations=(number(1),), first_day=date(2023, 7, 6)))
    story.do(Withdraw(**story.who, rows=(ReasonRow(nomination=number(1), reason="调离"),)))
    story.clock.move_to(NOTICE_ENDS)
    result = story.do(CompleteNotices(**story.who))
    assert [touch.subject for touch in result.outcome.touched] == ["bjgj-2023-n1"]
    assert story.row(NoticeBatch).completed_at == NOTICE_ENDS


def test_stage_with_nothing_left_becomes_work_for_the_office(story: Story) -> None:
    story.endorsed(2, ALL_BY_OFFICE)
    story.tick(INTAKE_ENDS)
    assert story.stage() == "intake"
    story.do(CloseIntake(**story.who))
    story.do(story.verdict(1))
    assert _open(story, "stage_conclusion") == []
    story.do(story.verdict(2))
    story.tick()
    assert _open(story, "stage_conclusion") == [(SLUG, "office")]
    story.do(ConcludeStage(**story.who))
    assert [(item.stage, item.status) for item in story.rows(WorkItem, kind="stage_conclusion")] == [("qualification", "done")]
    assert story.stage() == "expert_review"
    story.verified()


def test_stage_is_not_concluded_any_more_when_somebody_comes_back(story: Story) -> None:
    story.endorsed(1, ALL_BY_OFFICE)
    story.clock.move_to(INTAKE_ENDS)
    story.do(CloseIntake(**story.who))
    story.do(story.verdict(1, "return", reason="请补证明", fields=("证明材料",)))
    story.tick(story.row(WorkItem, kind="correction").due_at)
    assert _open(story, "stage_conclusion") == [(SLUG, "office")]
    story.do(Reopen(**story.who, rows=(ReasonRow(nomination=number(1), reason="误计期限"),)))
    assert [item.status for item in story.rows(WorkItem, kind="stage_conclusion")] == ["dropped"]
    story.verified()
