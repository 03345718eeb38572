"""Public notice and objections: windows to the second, postmarks, reserves with a batch of their own (N20)."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

from config.vocabulary import WorkKind
from states.commands.aftermath import Disqualify, ReasonRow
from states.commands.notice import AnswerRow, FileObjection, PublishNotice, ResolveObjection
from states.commands.timing import ExtendDeadline
from states.tables import Nomination, NoticeBatch, Objection, VaultText, WorkItem
from tests.states.builders import NOTICE_ENDS, Story
from tests.states.figures import local, number, rules

SECOND = timedelta(seconds=1)
Y1 = "BJGJ-2023-Y001"


def publish(story: Story, *ordinals: int, first_day: date = date(2023, 7, 6), **changes: Any) -> PublishNotice:
    return PublishNotice(**story.who, nominations=tuple(number(each) for each in ordinals), first_day=first_day, **changes)


def answer(story: Story, upheld: bool, report: str = "调查报告1", objection: str = Y1, reason: str = "") -> ResolveObjection:
    return ResolveObjection(**story.who, rows=(AnswerRow(objection=objection, upheld=upheld, report=report, reason=reason),))


# --- the window


def test_notice_runs_five_working_days_its_first_day_counted(story: Story) -> None:
    story.approved(2)
    result = story.do(publish(story, document="滨工匠公示1号"))
    assert result.outcome.summary == "公示 2 人，公示期 2023-07-06 至 2023-07-12"
    assert result.outcome.data == {"batch": "bjgj-2023-n1"}
    batch = story.row(NoticeBatch)
    assert (batch.first_day, batch.last_day, batch.starts_at, batch.ends_at) == (
        date(2023, 7, 6),
        date(2023, 7, 12),
        local(7, 6, 0),
        NOTICE_ENDS,
    )
    assert {row.batch for row in story.rows(Nomination)} == {"bjgj-2023-n1"}
    assert story.row(WorkItem, kind="notice_completion").due_day == date(2023, 7, 12)
    assert story.row(WorkItem, kind="publication").status == "done"
    story.verified()


def test_notice_into_a_year_not_yet_announced_is_provisional(story: Story) -> None:
    story.approved(1)
    result = story.do(publish(story, first_day=date(2099, 12, 30)))
    assert "（暂定）" in result.outcome.summary
    assert story.row(NoticeBatch).provisional is True


def test_notice_ends_by_the_clock_to_the_second(story: Story) -> None:
    story.on_notice(2)
    story.tick(NOTICE_ENDS - SECOND)
    assert story.states() == ["leadership_approved", "leadership_approved"]
    story.tick(NOTICE_ENDS)
    assert story.states() == ["publicly_noticed", "publicly_noticed"]
    assert story.row(NoticeBatch).completed_at == NOTICE_ENDS
    assert story.row(WorkItem, kind="notice_completion").status == "done"
    assert story.stage() == "certification"
    assert story.tick().happened == ()
    story.verified()


def test_notice_days_late_loses_nothing(story: Story) -> None:
    story.on_notice(2)
    story.tick(NOTICE_ENDS + timedelta(days=3))
    assert story.states() == ["publicly_noticed", "publicly_noticed"]


def test_notice_names_only_who_is_approved_and_not_noticed_yet(story: Story) -> None:
    story.approved(1, reserves=1)
    assert [str(each) for each in story.refused(publish(story, 2, 99))] == [
        f"{number(2)} 不是已审定而未公示的人选",
        f"{number(99)} 不是已审定而未公示的人选",
    ]
    story.do(publish(story, 1, 1))
    assert story.row(Nomination, number=number(1)).batch == "bjgj-2023-n1"
    assert [str(each) for each in story.refused(publish(story))] == ["没有已审定而未公示的人选"]


def test_notice_does_not_begin_before_the_sitting(story: Story) -> None:
    story.approved(1)
    (refusal,) = story.refused(publish(story, first_day=date(2023, 7, 5)))
    assert refusal.sentence == "公示首日早于审定会议（2023-07-06）"


def test_notice_does_not_begin_before_the_sitting_that_approved_its_nominee(story: Story) -> None:
    """The reserve was approved on 07-13: the first notice's days, long over, told nobody of them."""
    story.noticed(2, reserves=1)
    story.do(Disqualify(**story.who, rows=(ReasonRow(nomination=number(1), reason="造假", document="报告1"),)))
    story.do(story.resolution(story.vote(3), document="纪要2"))
    (refusal,) = story.refused(publish(story, 3, first_day=date(2023, 7, 6)))
    assert refusal.sentence == "公示首日早于审定会议（2023-07-13）"
    story.do(publish(story, 3, first_day=date(2023, 7, 13)))
    story.verified()


def test_notice_of_some_leaves_the_others_waiting(story: Story) -> None:
    story.approved(2)
    story.do(publish(story, 2))
    assert [row.batch for row in story.rows(Nomination)] == [None, "bjgj-2023-n1"]
    story.do(publish(story, first_day=date(2023, 7, 7)))
    assert [row.batch for row in story.rows(Nomination)] == ["bjgj-2023-n2", "bjgj-2023-n1"]
    story.tick(NOTICE_ENDS)
    assert story.states() == ["leadership_approved", "publicly_noticed"]
    assert story.stage() == "notice"
    story.tick(local(7, 14, 0))
    assert story.stage() == "certification"


def test_reserve_runs_a_notice_of_its_own_while_the_others_go_on(story: Story) -> None:
    story.noticed(2, reserves=1)
    story.do(Disqualify(**story.who, rows=(ReasonRow(nomination=number(1), reason="造假", document="报告1"),)))
    story.clock.move_to(local(7, 13))
    story.do(story.resolution(story.vote(3), document="纪要2"))
    story.do(publish(story, 3, first_day=date(2023, 7, 13)))
    story.do(story.certify(2))
    assert story.states() == ["rejected", "government_certified", "leadership_approved"]
    assert story.stage() == "certification"
    story.tick(local(7, 20, 0))
    assert story.states() == ["rejected", "government_certified", "publicly_noticed"]
    story.do(story.certify(3, document="滨政发〔2023〕12号", document_date=date(2023, 7, 20)))
    assert story.stage() == "fulfilment"
    story.verified()


# --- objections


def test_signed_objection_stops_its_nominee_and_nobody_else(story: Story) -> None:
    story.on_notice(2)
    result = story.do(story.objection(1))
    assert result.outcome.touched[0].note == f"异议 {Y1}"
    assert story.row(Objection).status == "open"
    assert story.row(WorkItem, kind="objection_answer").detail == Y1
    story.tick(NOTICE_ENDS)
    assert story.states() == ["leadership_approved", "publicly_noticed"]
    assert story.row(NoticeBatch).completed_at is None
    assert story.stage() == "notice"
    story.do(answer(story, upheld=False, reason="查无实据"))
    assert story.state(1) == "leadership_approved"
    story.tick()
    assert story.states() == ["publicly_noticed", "publicly_noticed"]
    assert story.row(NoticeBatch).completed_at == NOTICE_ENDS
    assert story.row(WorkItem, kind="objection_answer").status == "done"
    story.verified()


def test_objection_and_objector_are_in_the_vault_alone(story: Story) -> None:
    story.on_notice(1)
    story.do(story.objection(1, objector="钱某某", phone="13700000000", text="业绩不实"))
    text = story.row(VaultText, id=story.row(Objection).text)
    assert story.vault.open(text.body, f"text {text.id}") == "钱某某\n13700000000\n业绩不实"
    assert "钱某某" not in "".join(entry.payload for entry in story.entries())


def test_upheld_objection_rejects_with_its_report(story: Story) -> None:
    story.on_notice(2)
    story.do(story.objection(1))
    story.do(answer(story, upheld=True).model_copy(update={"operator": "sec"}))
    row = story.row(Nomination, number=number(1))
    assert (row.state, row.came_from, row.closed_by) == ("rejected", "leadership_approved", "leading_group")
    entry = story.entries(event="nomination_rejected_on_objection")[0]
    assert (entry.on_behalf_of, entry.document) == ("leading_group", "调查报告1")
    assert story.row(WorkItem, kind="objection_answer").status == "done"
    story.tick(NOTICE_ENDS)
    assert story.states() == ["rejected", "publicly_noticed"]
    story.verified()


def test_notice_whose_nominees_are_all_rejected_is_completed_too(story: Story) -> None:
    story.on_notice(1, reserves=1)
    story.do(story.objection(1))
    story.do(answer(story, upheld=True))
    story.tick(NOTICE_ENDS)
    assert story.row(NoticeBatch).completed_at == NOTICE_ENDS


def test_unsigned_objection_is_noted_and_stops_nobody(story: Story) -> None:
    story.on_notice(1)
    story.do(story.objection(1, signed=False, objector=""))
    assert (story.row(Objection).status, story.rows(WorkItem, kind="objection_answer")) == ("noted", [])
    assert story.refused(answer(story, upheld=True))[0].sentence == f"{Y1}：本届没有这件在办的异议"
    story.tick(NOTICE_ENDS)
    assert story.states() == ["publicly_noticed"]


@pytest.mark.parametrize(
    ("received", "postmarked", "reason"),
    [
        (date(2023, 7, 12), None, ""),
        (date(2023, 7, 13), date(2023, 7, 12), ""),
        (date(2023, 7, 13), date(2023, 7, 6), ""),
        (date(2023, 7, 13), None, "异议日期 2023-07-13 不在公示期（07-06 至 07-12）内"),
        (date(2023, 7, 13), date(2023, 7, 13), "异议日期 2023-07-13 不在公示期（07-06 至 07-12）内"),
        (date(2023, 7, 12), date(2023, 7, 5), "异议日期 2023-07-05 不在公示期（07-06 至 07-12）内"),
        (date(2023, 7, 14), date(2023, 7, 12), "收到日期还没有到"),
    ],
)
def test_letter_counts_by_its_postmark(story: Story, received: date, postmarked: date | None, reason: str) -> None:
    story.on_notice(1)
    story.clock.move_to(local(7, 13))
    command = story.objection(1, received_on=received, postmarked_on=postmarked)
    if reason:
        assert story.refused(command)[0].sentence == f"{number(1)}：{reason}"
    else:
        story.do(command)


def test_late_letter_with_a_good_postmark_stops_the_certificate(story: Story) -> None:
    story.noticed(2)
    story.clock.move_to(local(7, 13))
    story.do(story.objection(1, received_on=date(2023, 7, 13), postmarked_on=date(2023, 7, 12)))
    assert story.state(1) == "publicly_noticed"
    assert [str(each) for each in story.refused(story.certify())] == [f"{number(1)} 异议 {Y1} 未办结"]
    story.do(answer(story, upheld=True))
    row = story.row(Nomination, number=number(1))
    assert (row.state, row.came_from) == ("rejected", "publicly_noticed")
    story.do(story.certify())
    assert story.states() == ["rejected", "government_certified"]


def test_objections_to_several_go_in_and_the_others_come_back(story: Story) -> None:
    story.on_notice(1, reserves=1)
    rows = (*story.objection(1).rows, *story.objection(2).rows, *story.objection(99).rows)
    result = story.do(FileObjection(**story.who, rows=rows))
    assert result.outcome.summary == "登记异议 1 件，略过 2 件"
    assert {skip.reason for skip in result.outcome.skipped} == {"该编号不在公示人选之列"}


def test_answer_needs_an_open_objection_and_a_report(story: Story) -> None:
    story.on_notice(1)
    story.do(story.objection(1))
    assert story.refused(answer(story, upheld=False, report=" "))[0].sentence == f"{Y1}：须附调查报告的文号"
    unknown = story.refused(answer(story, upheld=False, objection="BJGJ-2023-Y002"))[0]
    assert unknown.sentence == f"BJGJ-2023-Y002：本届没有这件在办的异议；最接近的是“{Y1}”"
    story.do(answer(story, upheld=False))
    assert story.codes(answer(story, upheld=True, report="调查报告2")) == ["none"]
    both = (*answer(story, upheld=False).rows, *answer(story, upheld=False, objection="X").rows)
    assert story.codes(ResolveObjection(**story.who, rows=both)) == ["none", "none"]


def test_second_objection_keeps_the_nominee_waiting(story: Story) -> None:
    story.on_notice(1)
    story.do(story.objection(1))
    story.do(story.objection(1, objector="吴某某"))
    result = story.do(
        ResolveObjection(**story.who, rows=(*answer(story, upheld=False).rows, *answer(story, upheld=True, objection="X").rows))
    )
    assert result.outcome.summary == "办结异议 1 件，略过 1 件"
    story.tick(NOTICE_ENDS)
    assert story.states() == ["leadership_approved"]


def test_both_objections_upheld_are_both_recorded(story: Story) -> None:
    story.on_notice(1, reserves=1)
    story.do(story.objection(1))
    story.do(story.objection(1, objector="吴某某"))
    story.do(answer(story, upheld=True))
    story.do(answer(story, upheld=False, objection="BJGJ-2023-Y002"))
    assert [(row.status, row.report) for row in story.rows(Objection)] == [("upheld", "调查报告1"), ("dismissed", "调查报告1")]
    story.verified()


# --- a notice that has run out and waits for an answer


def objected(story: Story) -> Story:
    """On the notice's last day, 07-12, somebody objects: the answer is due on 07-19."""
    story.on_notice(2)
    story.clock.move_to(local(7, 12))
    story.do(story.objection(received_on=date(2023, 7, 12)))
    return story


def steps(story: Story) -> list[tuple[str, str]]:
    """Every step that fired: of which work, and to whom how far from its due day."""
    told = [json.loads(entry.payload) for entry in story.entries(event="work_item_reminded")]
    return [
        (each["kind"], step["key"]) for each in told for step in each["fired"] if each["kind"] in ("notice_completion", "objection_answer")
    ]


def completion(story: Story) -> date:
    return story.row(WorkItem, kind="notice_completion").due_day


def test_notice_that_waits_for_an_answer_calls_nobody_late_but_for_that_answer(story: Story) -> None:
    objected(story)
    for day in (12, 13, 17, 19, 20, 21, 24):
        story.tick(local(7, day))
    late = [("objection_answer", "r-2"), ("objection_answer", "r0"), ("objection_answer", "e+1:leading_group")]
    anew = ("notice_completion", "r0")  # no message was made of the first
    assert sorted(steps(story)) == sorted([anew, anew, *late])
    story.do(answer(story, upheld=False))
    story.tick()
    assert story.row(WorkItem, kind="notice_completion").status == "done"
    story.verified()


@pytest.mark.parametrize("complete", ["automatic", "office"])
def test_completion_is_due_with_the_last_open_answer(story: Story, complete: str) -> None:
    """While the notice runs it is due with that; then nobody is late with it before its answers are, whoever completes it."""
    story.on_notice(2, text=rules((" complete: automatic", f" complete: {complete}")))
    story.clock.move_to(local(7, 10))
    story.do(story.objection(2, received_on=date(2023, 7, 10)))
    story.clock.move_to(local(7, 12))
    story.do(story.objection(received_on=date(2023, 7, 12)))
    assert completion(story) == date(2023, 7, 12)
    story.tick(NOTICE_ENDS)
    assert completion(story) == date(2023, 7, 19)
    story.tick(local(7, 13))
    assert steps(story) == [("objection_answer", "r-2")]
    more = ExtendDeadline(**story.who, due_day=date(2023, 7, 21), reason="调查需要", kind=WorkKind.OBJECTION_ANSWER, subject=number(1))
    story.do(more)
    story.tick(local(7, 14))
    assert completion(story) == date(2023, 7, 21)
    story.do(answer(story, upheld=False))
    story.do(answer(story, upheld=False, objection="BJGJ-2023-Y002"))
    assert story.tick().outcome.data["reminded"] == 0
    assert story.row(WorkItem, kind="notice_completion").status == ("done" if complete == "automatic" else "open")
    story.verified()
