"""A roster by which nobody could enter a roster any more is refused; who puts himself out is told."""

from datetime import date, timedelta

import pytest

from config.vocabulary import PartyKind, Role
from states.commands.roster import ImportRoster, RosterEntry
from states.tables import Party
from tests.states.builders import Story

OFFICE, FINANCE = (Role.OFFICE,), (Role.FINANCE,)


def operator(party: str, roles: tuple[Role, ...] = OFFICE, **more: object) -> RosterEntry:
    return RosterEntry.model_validate({"id": party, "kind": PartyKind.OPERATOR, "name": f"经办{party}", "roles": roles, **more})


def enter(*entries: RosterEntry, by: str = "a") -> ImportRoster:
    return ImportRoster(operator=by, entries=entries, again=True)


@pytest.fixture
def two(story: Story) -> Story:
    """A house with two operators of the office, and one of finance."""
    story.do(enter(operator("a"), operator("b"), operator("f", FINANCE)))
    return story


def days(story: Story, ahead: int) -> date:
    return story.clock.now().date() + timedelta(days=ahead)


def lost(story: Story) -> list[RosterEntry]:
    """Ways of an operator out of the office."""
    return [
        operator("a", FINANCE),
        operator("a", valid_to=days(story, -1)),
        operator("a", valid_from=days(story, 2)),
        RosterEntry(id="a", kind=PartyKind.MEMBER_UNIT, name="单位"),
    ]


@pytest.mark.parametrize("way", range(4))
def test_last_operator_of_the_office_may_not_be_lost(two: Story, way: int) -> None:
    refusals = two.refused(enter(lost(two)[way], operator("b", FINANCE)))
    assert [each.code for each in refusals] == ["nobody-left"]
    assert str(refusals[0]) == (
        "照此导入，名册里再没有在任的“办公室经办”，以后谁也不能导入名册、办理业务；请至少给一位在任的经办人保留这一角色"
    )
    assert {row.id: row.roles for row in two.rows(Party)}["a"] == ["office"]


@pytest.mark.parametrize("way", range(4))
def test_operator_who_puts_himself_out_is_told_who_is_left(two: Story, way: int) -> None:
    preview = two.house.preview(enter(lost(two)[way]))
    outcome = two.do(enter(lost(two)[way])).outcome
    assert outcome.data["remarks"] == preview.outcome.data["remarks"]
    (remark,) = outcome.data["remarks"]
    assert remark["subject"] == "a"
    assert remark["reason"] == "这是本次的经办人自己，导入后不再是在任的“办公室经办”，下次导入名册、办理业务须由 b 来办"
    assert two.codes(enter(operator("c"))) in (["no-operator"], ["wrong-role"])


def test_others_may_be_put_out_without_a_word(two: Story) -> None:
    assert two.do(enter(operator("b", FINANCE))).outcome.data == {"remarks": []}
    assert two.do(enter(RosterEntry(id="u", kind=PartyKind.MEMBER_UNIT, name="单位"))).outcome.data == {"remarks": []}


def test_first_roster_whose_only_operator_is_out_of_office_is_refused(story: Story) -> None:
    assert story.codes(enter(operator("a", valid_to=days(story, -1)))) == ["nobody-left"]


def test_last_day_of_the_whole_office_is_remarked_on(two: Story) -> None:
    last, later = days(two, 0), days(two, 9)
    (remark,) = two.do(enter(operator("a", valid_to=last), operator("b", valid_to=last))).outcome.data["remarks"]
    assert remark == {
        "subject": "a",
        "reason": f"在任的“办公室经办”的失效日期最晚是 {last}，此后谁也不能导入名册、办理业务；请在此之前导入接任的经办人",
    }
    (remark,) = two.do(enter(operator("c", valid_from=later, valid_to=later))).outcome.data["remarks"]
    assert (remark["subject"], f"最晚是 {later}，" in remark["reason"]) == ("c", True)
    assert two.do(enter(operator("d", valid_from=later), operator("f", FINANCE))).outcome.data["remarks"] == []


def test_many_who_are_left_are_not_all_named(two: Story) -> None:
    two.do(enter(*(operator(f"x{each:02}") for each in range(12))))
    (remark,) = two.do(enter(operator("a", FINANCE))).outcome.data["remarks"]
    assert remark["reason"].endswith("须由 b、x00、x01、x02、x03、x04、x05、x06、x07、x08 等 13 个 来办")
