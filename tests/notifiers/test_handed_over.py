"""Work handed over (移交): the new owner is told what and by when, the old one that it is no more their affair, each once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from states.commands.reassigning import ReassignWork
from states.commands.review import AssignExperts, SeatRow
from states.commands.rounds import AmendRound
from states.store import Store
from tests.notifiers.rounds import migrated
from tests.notifiers.test_letters import Told
from tests.states.figures import TOWN, UNIT, clearing, local, number


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Told]:
    (tmp_path / "house.db").write_bytes(migrated())
    store = Store(f"sqlite:///{tmp_path / 'house.db'}")
    yield Told(store)
    store.dispose()


def handed(story: Told, source: str, target: str, subject: str = "") -> dict[str, str]:
    """Hand over and give the new letters, by the first line of their bodies."""
    story.do(ReassignWork(**story.who, source=source, target=target, reason="孙专家住院", subject=subject))
    letters = story.news()
    assert not any("住院" in letter.body for letter in letters)
    return {letter.body.splitlines()[0].rstrip("："): letter.body for letter in letters}


def test_both_units_are_told_once_with_the_due_day_for_the_new_one(story: Told) -> None:
    story.submitted()
    story.news()
    letters = handed(story, "U1", "U2")
    assert set(letters) == {UNIT, TOWN}
    assert "6月13日（含）前请办理：出具推荐意见（BJGJ-2023-0001 孙*）" in letters[TOWN]
    assert "期限：2023年6月13日" in letters[TOWN]
    assert "已移交他人：出具推荐意见（BJGJ-2023-0001 孙*）" in letters[UNIT]
    assert TOWN not in letters[UNIT]
    assert story.news() == []


def test_reminder_that_still_waited_for_the_old_unit_is_not_sent(story: Told) -> None:
    story.submitted()
    story.news()
    story.tick(local(6, 9, 21))  # in quiet hours: the reminder of 09:00 waits for the morning
    letters = handed(story, "U1", "U2")
    assert "催办" not in letters[UNIT]


def test_experts_are_told_seat_by_seat_and_not_who_the_other_is(story: Told) -> None:
    story.qualified(2)
    story.do(AssignExperts(**story.who, rows=tuple(SeatRow(nomination=number(each), expert="E1") for each in (1, 2))))
    story.news()
    letters = handed(story, "E1", "E2", subject=number(2))
    assert "前请办理：提交评分表（BJGJ-2023-0002 孙*）" in letters["专家二"]
    assert "已移交他人：提交评分表（BJGJ-2023-0002 孙*）" in letters["专家一"]
    letters = handed(story, "E1", "E2")
    assert "提交评分表（2项）" in letters["专家二"]
    assert "已移交他人：提交评分表（BJGJ-2023-0001 孙*）" in letters["专家一"]
    assert not any(other in letters[mine] for mine, other in (("专家一", "专家二"), ("专家二", "专家一")))


def test_both_departments_are_told_once_when_an_amendment_names_another(story: Told) -> None:
    story.intake_over(1, clearing("D1"))
    story.tick(local(7, 6))
    story.news()
    story.do(AmendRound(**story.who, rules=clearing("D2"), reason="机构改革"))
    bodies = [letter.body for letter in story.news()]
    letters = {body.splitlines()[0].rstrip("："): body for body in bodies if "联审" in body}
    assert set(letters) == {"区税务部门", "区应急部门"}
    assert "期限：2023年7月17日" in letters["区应急部门"]
    assert "已移交他人" in letters["区税务部门"]
    assert story.news() == []
