"""Endorsements: bottom-up, layer by layer, once each; a no closes the nomination (N18)."""

from typing import Any

import pytest

from config.vocabulary import PartyKind
from states.commands.endorsements import EndorsementRow, RecordEndorsements
from states.commands.intake import CloseIntake
from states.tables import Endorsement, Nomination, VaultText, WorkItem
from tests.states.builders import Story
from tests.states.figures import FEDERATION, INTAKE_ENDS, TOWN, UNIT, number

TWO_LAYERS: dict[str, Any] = {"unit": FEDERATION, "unit_kind": PartyKind.UNION_FEDERATION}


def rows(story: Story, *said: tuple[str, bool, str], ordinal: int = 1) -> RecordEndorsements:
    found = tuple(EndorsementRow(nomination=number(ordinal), unit=unit, agrees=agrees, text=text) for unit, agrees, text in said)
    return RecordEndorsements(**story.who, rows=found)


def test_layers_endorse_in_their_order_each_with_its_own_work(story: Story) -> None:
    story.submitted(**TWO_LAYERS)
    assert [item.owner for item in story.rows(WorkItem, kind="endorsement")] == ["U3"]
    result = story.do(rows(story, (FEDERATION, True, "技艺精湛")))
    assert result.outcome.touched[0].note == "1 级同意推荐"
    assert [(item.owner, item.status) for item in story.rows(WorkItem, kind="endorsement")] == [("U3", "done"), ("U2", "open")]
    story.do(rows(story, ("U2", True, "")))
    assert [(row.unit, row.layer, row.agrees) for row in story.rows(Endorsement)] == [("U2", 2, True), ("U3", 1, True)]
    assert {item.status for item in story.rows(WorkItem, kind="endorsement")} == {"done"}
    story.verified()


def test_both_layers_at_once_in_any_order_open_no_work_between(story: Story) -> None:
    story.submitted(**TWO_LAYERS)
    result = story.do(rows(story, (TOWN, True, ""), (FEDERATION, True, "")))
    assert result.outcome.touched[0].note == "2 级同意推荐"
    assert [(item.owner, item.status) for item in story.rows(WorkItem, kind="endorsement")] == [("U3", "done")]
    assert [entry.document for entry in story.entries(event="endorsement_recorded")] == ["", ""]


def test_upper_layer_does_not_endorse_before_the_lower(story: Story) -> None:
    story.submitted(**TWO_LAYERS)
    (refusal,) = story.refused(rows(story, (TOWN, True, "")))
    assert refusal.sentence == f"{number(1)}：{FEDERATION} 尚未出具意见，{TOWN} 不能先行推荐（N18 自下而上、层层推荐）"


def test_layer_says_its_opinion_once(story: Story) -> None:
    story.submitted()
    story.do(rows(story, (UNIT, True, "")))
    assert story.refused(rows(story, (UNIT, True, "再说一次")))[0].sentence == f"{number(1)}：{UNIT} 的推荐意见已经登记过"


def test_layer_twice_in_one_command_is_refused(story: Story) -> None:
    story.submitted()
    assert "的推荐意见已经登记过" in story.refused(rows(story, (UNIT, True, ""), ("U1", True, "")))[0].sentence


def test_unit_outside_the_layers_is_refused_with_the_layers_named(story: Story) -> None:
    story.submitted(**TWO_LAYERS)
    for given in (UNIT, "王建国 13800000000"):
        (refusal,) = story.refused(rows(story, (given, True, "")))
        assert refusal.sentence == f"{number(1)}：所填推荐单位不是该申报的推荐层级（{FEDERATION} → {TOWN}）"


def test_layer_that_declines_closes_the_nomination(story: Story) -> None:
    story.submitted(**TWO_LAYERS)
    story.do(rows(story, (FEDERATION, True, ""), (TOWN, False, "名额所限")))
    row = story.row(Nomination)
    assert (row.state, row.came_from, row.closed_by) == ("rejected", "submitted", "layer")
    assert story.row(Endorsement, unit="U2").agrees is False
    text = story.row(VaultText, kind="opinion")
    assert story.vault.open(text.body, f"text {text.id}") == "名额所限"
    assert story.rows(WorkItem, status="open", subject=number(1)) == []
    story.verified()


def test_layer_that_declines_must_say_why(story: Story) -> None:
    story.submitted()
    assert story.refused(rows(story, (UNIT, False, " ")))[0].sentence == f"{number(1)}：{UNIT} 不同意推荐，须写明推荐意见内容"


def test_layer_may_agree_but_not_decline_while_the_nomination_is_being_mended(story: Story) -> None:
    story.submitted(2)
    story.do(story.verdict(1, "return", reason="请补证明", fields=("证明材料",)))
    both = (*rows(story, (UNIT, False, "不同意")).rows, *rows(story, (UNIT, True, ""), ordinal=2).rows)
    result = story.do(RecordEndorsements(**story.who, rows=both))
    assert [skip.reason for skip in result.outcome.skipped] == [f"该申报正在补正，待重新申报后再登记 {UNIT} 的不同意见"]
    assert [row.nomination for row in story.rows(Endorsement)] == [number(2)]
    story.do(rows(story, (UNIT, True, "")))
    story.verified()


def test_endorsement_comes_too_late_once_the_nomination_is_qualified(story: Story) -> None:
    story.intake_over()
    story.do(story.verdict(1))
    codes = story.refused(rows(story, (UNIT, True, "")))
    assert "该申报已过推荐环节，不再登记推荐意见" in codes[0].sentence


def test_qualification_waits_for_every_layer(story: Story) -> None:
    story.submitted(**TWO_LAYERS)
    story.do(rows(story, (FEDERATION, True, "")))
    assert "申报推荐尚未结束" in story.refused(story.verdict(1))[0].sentence
    story.clock.move_to(INTAKE_ENDS)
    story.do(CloseIntake(**story.who))
    (refusal,) = story.refused(story.verdict(1))
    assert refusal.sentence == f"{number(1)}：缺少 {TOWN} 的推荐意见（N18 自下而上、层层推荐）"
    story.do(rows(story, (TOWN, True, "")))
    story.do(story.verdict(1, reason="材料齐备"))
    assert story.state(1) == "qualified"


@pytest.mark.parametrize("given", ["U1", UNIT, f" {UNIT} "])
def test_layer_is_named_by_id_or_name(story: Story, given: str) -> None:
    story.submitted()
    story.do(rows(story, (given, True, "")))
    assert story.row(Endorsement).unit == "U1"
