"""Corrections: what a unit may change of a nomination that was returned, and until when."""

from datetime import date, timedelta

from config.vocabulary import PartyKind
from states.commands.corrections import CorrectionRow, Resubmit
from states.tables import Finding, Nomination, Person, WorkItem
from tests.states.builders import Story
from tests.states.figures import TOWN, candidate, local, number

SECOND = timedelta(seconds=1)


def test_correction_comes_back_with_new_findings(story: Story) -> None:
    story.intake_over(1, front_line=False)
    story.do(story.verdict(1, "return", reason="岗位有误", fields=("是否仍在一线从事技能工作",)))
    assert story.row(Finding, nomination=number(1), condition="front_line").result == "failed"
    item = story.row(WorkItem, kind="correction")
    assert (item.owner, item.due_day, item.status) == ("U1", date(2023, 7, 13), "open")
    result = story.do(story.resubmission(1))
    assert result.outcome.summary == "补正后重新申报：办理 1 份，略过 0 份"
    assert story.row(Finding, nomination=number(1), condition="front_line").result == "passed"
    row = story.row(Nomination)
    assert (row.state, row.corrections, row.correction_due_at) == ("submitted", 1, None)
    assert story.row(WorkItem, kind="correction").status == "done"
    assert [item.status for item in story.rows(WorkItem, kind="qualification")] == ["done", "open"]
    story.verified()


def test_correction_during_intake_waits_for_its_end(story: Story) -> None:
    story.submitted()
    story.do(story.verdict(1, "return", reason="请补证明", fields=("证明材料",)))
    story.do(story.resubmission(1, evidence="新证明"))
    assert story.rows(WorkItem, kind="qualification") == []


def test_correction_is_refused_at_its_due_and_lapses(story: Story) -> None:
    story.returned()
    due = story.row(Nomination).correction_due_at
    assert due == local(7, 14, 0)
    story.clock.move_to(due - SECOND)
    story.house.preview(story.resubmission(1))
    story.tick()
    assert story.state(1) == "returned"
    story.clock.move_to(due)
    refusals = story.refused(story.resubmission(1))
    assert [each.code for each in refusals] == ["none", "time-over"]
    assert f"{number(1)} 退回补正→逾期失效" in refusals[1].sentence
    story.tick()
    row = story.row(Nomination)
    assert (row.state, row.came_from, row.closed_by, row.correction_due_at) == ("lapsed", "returned", "clock", None)
    assert story.row(WorkItem, kind="correction").status == "dropped"
    story.verified()


def test_correction_one_second_before_its_due_is_in_time(story: Story) -> None:
    story.returned()
    story.clock.move_to(local(7, 14, 0) - SECOND)
    story.do(story.resubmission(1))
    assert story.state(1) == "submitted"


def test_correction_may_not_become_somebody_else(story: Story) -> None:
    story.intake_over(2)
    story.do(story.verdict(1, "return", reason="请补证明", fields=("证明材料",)))
    taken = CorrectionRow(place="第2行", nomination=number(1), candidate=candidate(2))
    assert [str(each) for each in story.refused(Resubmit(**story.who, rows=(taken,)))] == [
        f"{number(1)}：补正后的身份证号已属于本届另一份申报"
    ]
    other = CorrectionRow(place="第2行", nomination=number(1), candidate=candidate(1, unit=TOWN))
    assert [str(each) for each in story.refused(Resubmit(**story.who, rows=(other,)))] == [f"{number(1)}：补正不能更换推荐单位"]
    unknown = CorrectionRow(place="第2行", nomination="BJGJ-2023-0099", candidate=candidate(3))
    assert [str(each) for each in story.refused(Resubmit(**story.who, rows=(unknown,)))] == [
        f"BJGJ-2023-0099：本届没有这个申报编号；最接近的是“{number(2)}”、“{number(1)}”"
    ]
    assert [str(each) for each in story.refused(Resubmit(**story.who, rows=()))] == ["没有给出任何申报编号"]


def test_correction_of_a_slip_in_the_identity_number_is_taken_where_it_was_asked_for(story: Story) -> None:
    story.intake_over()
    story.do(story.verdict(1, "return", reason="号码有误", fields=("身份证号",)))
    story.do(story.resubmission(1, id_card=candidate(5).id_card))
    assert story.row(Person).identity == story.vault.lookup(candidate(5).id_card)
    story.verified()


def test_correction_may_not_put_another_person_in(story: Story) -> None:
    story.returned()
    row = CorrectionRow(place="第2行", nomination=number(1), candidate=candidate(5))
    (refusal,) = story.refused(Resubmit(**story.who, rows=(row,)))
    assert refusal.sentence == f"{number(1)}：只能补正退回时写明的栏目（证明材料），以下栏目也有改动：姓名、身份证号、主要事迹"
    assert candidate(5).name not in refusal.sentence


def test_correction_changes_what_the_newest_return_named_and_nothing_else(story: Story) -> None:
    story.returned(front_line=False)
    assert "以下栏目也有改动：是否仍在一线从事技能工作" in story.refused(story.resubmission(1))[0].sentence
    story.do(story.resubmission(1, front_line=False, evidence="补充证书"))
    story.do(story.verdict(1, "return", reason="再补", fields=("职务",)))
    kept = {"front_line": False, "evidence": "补充证书"}
    refused = story.refused(story.resubmission(1, front_line=False, evidence="又换", post="技师"))[0].sentence
    assert refused.endswith("只能补正退回时写明的栏目（职务），以下栏目也有改动：证明材料")
    story.do(story.resubmission(1, **kept, post="技师"))
    story.verified()


def test_correction_may_be_spaced_otherwise_and_name_another_contact_of_the_unit(story: Story) -> None:
    story.returned()
    story.do(story.resubmission(1, employer="杭州 乙公司", unit="长河 街道总工会", contact="周联系", phone="0571-87000000", evidence="新"))
    assert story.state(1) == "submitted"


def test_correction_may_not_change_the_units_kind(story: Story) -> None:
    story.returned()
    other = story.resubmission(1, unit_kind=PartyKind.SYSTEM_UNION)
    assert [str(each) for each in story.refused(other)] == [f"{number(1)}：补正不能更换推荐单位"]


def test_one_number_twice_in_a_command_is_done_once(story: Story) -> None:
    story.returned()
    row = CorrectionRow(place="第2行", nomination=number(1), candidate=candidate(1))
    result = story.do(Resubmit(**story.who, rows=(row, row)))
    assert [(skip.subject, skip.reason) for skip in result.outcome.skipped] == [(number(1), "同一编号出现两次，只办第一次")]
