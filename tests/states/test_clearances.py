"""Clearances (联审): asked of each department, one veto is enough, and qualification waits for all of them."""

import json

import pytest

from config.vocabulary import PartyKind, WorkKind
from states.commands.aftermath import ReasonRow, Reopen
from states.commands.clearances import ClearanceRow, RecordClearances
from states.commands.reassigning import ReassignWork
from states.commands.roster import ImportRoster, RosterEntry
from states.commands.rounds import AmendRound, OpenRound
from states.tables import Clearance, VaultText, WorkItem
from tests.states.builders import Story
from tests.states.figures import INTAKE_ENDS, OPENS, ROSTER, clearing, local, number, rules, skipping

TWO = clearing("D1", "D2")


def said(story: Story, *answers: tuple[str, bool, str], ordinal: int = 1) -> RecordClearances:
    rows = tuple(ClearanceRow(nomination=number(ordinal), clearance=name, clear=clear, text=text) for name, clear, text in answers)
    return RecordClearances(**story.who, rows=rows)


def owed(story: Story, ordinal: int = 1) -> list[tuple[str, str, str]]:
    found = [(item.detail, item.owner, item.status) for item in story.rows(WorkItem, kind="clearance", subject=number(ordinal))]
    return sorted(found)


def test_each_department_is_asked_when_qualification_begins_and_no_sooner(story: Story) -> None:
    story.endorsed(2, TWO)
    assert owed(story) == []
    story.tick(INTAKE_ENDS)
    assert owed(story) == owed(story, 2) == [("safety", "D2", "open"), ("tax", "D1", "open")]
    item = story.rows(WorkItem, kind="clearance")[0]
    assert (item.stage, item.due_day.isoformat(), item.opened_at) == ("qualification", "2023-07-17", INTAKE_ENDS)
    story.verified()


def test_qualification_names_every_department_that_is_missing_or_vetoes(story: Story) -> None:
    story.intake_over(1, TWO)
    missing = "① 缺少部门联审意见：依法纳税（区税务部门）；② 缺少部门联审意见：安全生产（区应急部门）"
    assert story.refused(story.verdict(1))[0].sentence == f"{number(1)}：{missing}"
    result = story.do(said(story, ("tax", True, ""), ("安全生产", False, "事故未结案")))
    assert result.outcome.touched[0].note == "1 项同意，一票否决：安全生产"
    assert story.refused(story.verdict(1))[0].sentence == f"{number(1)}：部门联审一票否决：安全生产（区应急部门）"
    assert owed(story) == [("safety", "D2", "done"), ("tax", "D1", "done")]
    text = story.row(VaultText, kind="opinion")
    assert story.vault.open(text.body, f"text {text.id}") == "事故未结案"
    assert "事故未结案" not in "".join(entry.payload for entry in story.entries())
    story.verified()


def test_one_veto_is_ground_enough_for_the_office_to_reject(story: Story) -> None:
    story.intake_over(2, TWO)
    assert "没有不予通过的依据" not in story.refused(story.verdict(2, "reject"))[0].sentence  # attested conditions still need a person
    story.do(said(story, ("tax", False, "欠税未缴")))
    result = story.do(story.verdict(1, "reject", reason="税务部门否决"))
    assert result.outcome.touched[0].note == "部门联审一票否决：依法纳税（区税务部门）"
    (entry,) = story.entries(event="nomination_rejected")
    assert '"failed":[]' in entry.payload
    assert '"vetoed":["tax"]' in entry.payload
    assert (story.state(1), owed(story)) == ("rejected", [("safety", "D2", "dropped"), ("tax", "D1", "done")])
    story.verified()


def test_nomination_that_every_department_clears_is_qualified(story: Story) -> None:
    story.intake_over(1, TWO)
    story.do(said(story, ("D1", True, ""), ("区应急部门", True, "无事故")))
    assert [(row.clearance, row.department, row.clear) for row in story.rows(Clearance)] == [("safety", "D2", True), ("tax", "D1", True)]
    assert story.do(story.verdict(1)).outcome.touched[0].note == "2 个部门联审同意"
    assert "该申报已有资格审核结论" in story.refused(said(story, ("tax", False, "欠税")))[0].sentence
    story.verified()


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (("tax", False, " "), "“依法纳税”不同意的，须写明意见内容"),
        (("公安 13800000000", True, ""), "所填联审事项不在本届办法里，可填：依法纳税（区税务部门）、安全生产（区应急部门）"),
    ],
)
def test_answer_that_does_not_fit_is_refused(story: Story, answer: tuple[str, bool, str], sentence: str) -> None:
    story.intake_over(1, TWO)
    assert story.refused(said(story, answer))[0].sentence == f"{number(1)}：{sentence}"


def test_department_that_answers_for_two_matters_must_say_which(story: Story) -> None:
    story.intake_over(1, clearing("D1", "D1"))
    (refusal,) = story.refused(said(story, ("区税务部门", True, "")))
    assert refusal.sentence.endswith("该部门答复的联审事项不止一项，请写明事项：依法纳税（区税务部门）、安全生产（区税务部门）")
    assert "出现两次" in story.refused(said(story, ("tax", True, ""), ("依法纳税", True, "")))[0].sentence


def test_answer_is_given_once_and_changed_with_a_reason_only(story: Story) -> None:
    story.intake_over(1, TWO)
    story.do(said(story, ("tax", False, "欠税未缴")))
    assert story.refused(said(story, ("tax", False, "再说一次")))[0].sentence == f"{number(1)}：“依法纳税”的联审意见已经登记过"
    assert story.refused(said(story, ("tax", True, "")))[0].sentence == f"{number(1)}：“依法纳税”原已否决，改为同意须写明理由"
    story.do(said(story, ("tax", True, "税款已补缴")))
    assert story.row(Clearance, clearance="tax").clear is True
    story.verified()


def test_returned_nomination_is_answered_meanwhile_and_keeps_what_was_said(story: Story) -> None:
    story.intake_over(1, TWO)
    story.do(said(story, ("tax", True, "")))
    story.do(story.verdict(1, "return", reason="请补证明", fields=("证明材料",)))
    assert owed(story) == [("safety", "D2", "open"), ("tax", "D1", "done")]
    result = story.do(story.resubmission(1, evidence="鉴定书和证明"))
    assert result.outcome.touched[0].note == "已有的 1 项部门联审意见继续有效"
    assert owed(story) == [("safety", "D2", "open"), ("tax", "D1", "done")]
    story.do(said(story, ("safety", True, "")))
    story.do(story.verdict(1))
    assert story.state(1) == "qualified"
    story.verified()


def test_nomination_reopened_is_asked_about_again_where_nothing_was_said(story: Story) -> None:
    story.intake_over(2, TWO)
    story.do(said(story, ("tax", False, "欠税未缴")))
    story.do(story.verdict(1, "reject", reason="税务部门否决"))
    story.do(Reopen(**story.who, rows=(ReasonRow(nomination=number(1), reason="误判"),)))
    assert owed(story) == [("safety", "D2", "dropped"), ("safety", "D2", "open"), ("tax", "D1", "done")]
    story.do(said(story, ("tax", True, "税款已补缴"), ("safety", True, "")))
    story.do(story.verdict(1))
    assert story.state(1) == "qualified"


def test_round_whose_department_is_not_in_the_roster_is_not_opened(story: Story) -> None:
    gone = RosterEntry(id="D3", kind=PartyKind.DEPARTMENT, name="区人社部门", valid_to=OPENS.replace(day=5))
    story.do(ImportRoster(operator="op1", entries=(*ROSTER, gone)))
    for stranger, near in (("D9", "；现有：D1、D2"), ("U1", "；现有：D1、D2"), ("D3", "；现有：D1、D2")):
        (refusal,) = story.refused(OpenRound(**story.who, rules=clearing("D1", stranger), opens_on=OPENS))
        assert refusal.sentence == f"联审事项“安全生产”的部门编号 {stranger} 不在名册的在任部门里，请先导入名册，或改正办法{near}"


def test_amended_rules_ask_for_more_or_for_less(story: Story) -> None:
    story.intake_over(1, clearing("D1"))
    assert story.codes(said(story, ("safety", True, ""))) == ["none"]
    story.do(AmendRound(**story.who, rules=TWO, reason="增加安全生产"))
    assert owed(story) == [("safety", "D2", "open"), ("tax", "D1", "open")]
    assert story.codes(AmendRound(**story.who, rules=clearing("D9"), reason="换部门")) == ["no-department"]
    story.do(AmendRound(**story.who, rules=rules(), reason="不再联审"))
    assert owed(story) == [("safety", "D2", "dropped"), ("tax", "D1", "dropped")]
    assert story.codes(said(story, ("tax", True, ""))) == ["no-clearances"]
    story.do(story.verdict(1))
    story.verified()


def test_skipped_qualification_asks_no_department(story: Story) -> None:
    asked = skipping("qualification").replace("clearances: []", "clearances: [{id: tax, title: 依法纳税, department: D1, ours: true}]")
    story.intake_over(1, asked)
    assert (story.rows(WorkItem, kind="clearance"), story.state(1)) == ([], "qualified")


def test_departments_are_reminded_and_reported_until_they_answer(story: Story) -> None:
    story.intake_over(1, TWO)
    story.do(said(story, ("tax", True, "")))
    story.tick(local(7, 17, 9))
    assert [entry.payload.count("D2") for entry in story.entries(event="work_item_reminded")] == [1]


def test_nothing_is_recorded_while_the_round_is_on_hold(story: Story) -> None:
    story.intake_over(1, TWO)
    story.hold()
    assert "本届已暂停" in story.refused(said(story, ("tax", True, "")))[0].sentence


# --- departments that change


def test_open_answers_go_to_the_department_that_an_amendment_names(story: Story) -> None:
    story.intake_over(2, TWO)
    story.do(said(story, ("tax", True, ""), ordinal=2))
    before = story.row(WorkItem, subject=number(1), detail="tax")
    result = story.do(AmendRound(**story.who, rules=clearing("D2", "D2"), reason="机构改革"))
    assert [(touch.subject, touch.note) for touch in result.outcome.touched[1:]] == [(number(1), "未答复的联审意见改由新的部门答复")]
    item = story.row(WorkItem, subject=number(1), detail="tax")
    assert (item.owner, item.status, item.due_day, item.next_step_at) == ("D2", "open", before.due_day, before.next_step_at)
    assert item.due_version == before.due_version + 1
    assert owed(story, 2) == [("safety", "D2", "open"), ("tax", "D1", "done")]
    (entry,) = story.entries(event="work_item_reassigned")
    assert json.loads(entry.payload) | {"changes": 0} == {"kind": "clearance", "owner": "D2", "former": "D1", "detail": "tax", "changes": 0}
    story.verified()
    mend = "所填部门的联审事项已改由其他部门答复，请填事项或现在的部门：依法纳税（区应急部门）"
    for old in ("D1", "区税务部门"):
        assert story.refused(said(story, (old, True, "")))[0].sentence == f"{number(1)}：{mend}"
    assert "缺少部门联审意见：依法纳税（区应急部门）" in story.refused(story.verdict(1))[0].sentence
    story.do(said(story, ("tax", True, ""), ("safety", True, "")))
    assert [row.department for row in story.rows(Clearance, nomination=number(1))] == ["D2", "D2"]
    story.do(story.verdict(1))
    story.verified()


def test_departments_that_swap_their_matters_answer_each_for_its_own(story: Story) -> None:
    story.intake_over(1, TWO)
    story.do(AmendRound(**story.who, rules=clearing("D2", "D1"), reason="职责调整"))
    assert owed(story) == [("safety", "D1", "open"), ("tax", "D2", "open")]
    story.do(said(story, ("D1", True, ""), ("区应急部门", True, "")))
    assert [(row.clearance, row.department) for row in story.rows(Clearance)] == [("safety", "D1"), ("tax", "D2")]
    story.verified()


def test_amendment_decides_anew_after_a_handover_and_leaves_what_it_does_not_name(story: Story) -> None:
    story.intake_over(1, TWO)
    story.do(ReassignWork(**story.who, source="D1", target="D2", reason="合并"))
    story.do(AmendRound(**story.who, rules=f"{TWO}\n", reason="仅文字"))
    assert owed(story) == [("safety", "D2", "open"), ("tax", "D2", "open")]
    story.do(AmendRound(**story.who, rules=clearing("D2", "D1"), reason="职责调整"))
    story.do(AmendRound(**story.who, rules=TWO, reason="职责再调整"))
    assert owed(story) == [("safety", "D2", "open"), ("tax", "D1", "open")]
    story.do(said(story, ("D1", True, "")))
    assert story.row(Clearance).department == "D1"
    story.verified()


def reopened(story: Story, ordinal: int = 1) -> None:
    story.do(story.verdict(ordinal, "reject", reason="不合适"))
    story.do(Reopen(**story.who, rows=(ReasonRow(nomination=number(ordinal), reason="误判"),)))


def test_department_that_took_everything_over_is_asked_from_then_on(story: Story) -> None:
    story.intake_over(2, clearing("D1"))
    story.do(said(story, ("tax", True, ""), ordinal=2))
    story.do(ReassignWork(**story.who, source="D1", target="D2", reason="机构改革", kinds=(WorkKind.CLEARANCE,)))
    reopened(story)
    assert owed(story) == [("tax", "D2", "dropped"), ("tax", "D2", "open")]
    (refusal,) = story.refused(said(story, ("区税务部门", True, "")))
    assert refusal.sentence.endswith("请填事项或现在的部门：依法纳税（区应急部门）")
    story.do(said(story, ("区应急部门", True, "")))
    story.do(said(story, ("D2", False, "欠税未缴"), ordinal=2))
    assert [row.department for row in story.rows(Clearance)] == ["D2", "D2"]
    story.verified()


def test_department_that_took_one_nomination_over_is_asked_about_that_one_alone(story: Story) -> None:
    story.intake_over(2, clearing("D1"))
    story.do(ReassignWork(**story.who, source="D1", target="D2", reason="回避", subject=number(1)))
    for each in (1, 2):
        reopened(story, each)
    assert owed(story) == [("tax", "D2", "dropped"), ("tax", "D2", "open")]
    assert owed(story, 2) == [("tax", "D1", "dropped"), ("tax", "D1", "open")]
    story.do(said(story, ("D1", True, ""), ordinal=2))
    story.do(said(story, ("D2", True, "")))
    story.do(story.verdict(1))
    story.do(story.verdict(2))
    story.verified()


def test_everything_handed_over_and_back_is_asked_of_the_first_department_again(story: Story) -> None:
    story.intake_over(1, clearing("D1"))
    story.do(ReassignWork(**story.who, source="D1", target="D2", reason="借调"))
    story.do(ReassignWork(**story.who, source="D2", target="D1", reason="归还"))
    reopened(story)
    assert owed(story) == [("tax", "D1", "dropped"), ("tax", "D1", "open")]
    story.do(said(story, ("区税务部门", True, "")))
    story.verified()
