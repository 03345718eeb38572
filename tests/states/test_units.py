"""Recommending units in and out of office: only one in office may recommend (notice, N18)."""

from datetime import timedelta
from typing import Any

import pytest

from config.vocabulary import PartyKind
from states.commands.roster import ImportRoster, RosterEntry
from states.tables import Nomination
from tests.states.builders import Story
from tests.states.figures import OPENS, TOWN, UNIT, candidate

DAY = timedelta(days=1)


def enlist(story: Story, name: str, party: str = "U1", **days: Any) -> None:
    story.do(ImportRoster(operator="op1", entries=(RosterEntry(id=party, kind=PartyKind.SUBDISTRICT_UNION, name=name, **days),)))


def refused(story: Story, name: str = UNIT) -> list[str]:
    return [each["reason"] for each in story.submit(candidate(1, unit=name)).outcome.data["refused"]]


def test_unit_that_left_office_recommends_nobody_any_more(story: Story) -> None:
    enlist(story.open(), UNIT, valid_to=OPENS - DAY)
    assert refused(story) == ["按名册，该推荐单位已于 2023-06-05 期满，不能再推荐；请改填接替它的单位，或先在名册里改正失效日期（N18）"]
    assert story.states() == []


def test_unit_that_is_not_in_office_yet_recommends_nobody(story: Story) -> None:
    enlist(story.open(), UNIT, valid_from=OPENS + DAY)
    assert refused(story) == ["按名册，该推荐单位自 2023-06-07 起才能推荐；请到时再报送，或先在名册里改正生效日期（N18）"]


@pytest.mark.parametrize("days", [{"valid_from": OPENS}, {"valid_to": OPENS}], ids=["first", "last"])
def test_unit_recommends_on_its_first_and_on_its_last_day(story: Story, days: Any) -> None:
    enlist(story.open(), UNIT, **days)
    assert refused(story) == []
    assert story.states() == ["submitted"]


def test_unit_in_office_goes_before_a_former_one_of_its_name(story: Story) -> None:
    enlist(story.open(), UNIT, valid_to=OPENS - DAY)
    enlist(story, UNIT, party="U9")
    assert refused(story) == []
    assert story.row(Nomination).unit == "U9"


def test_unit_that_left_office_is_suggested_to_nobody(story: Story) -> None:
    enlist(story.open(), UNIT, valid_to=OPENS - DAY)
    (reason,) = refused(story, "长和街道总工会")
    assert f"“{UNIT}”" not in reason
    assert f"“{TOWN}”" in reason
