"""A message that has waited says each thing once: the newest to whoever owes work, and to whoever hears of it in two parts both reasons."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.vocabulary import PartyKind
from notifiers.kinds import MessageKind
from states.commands.endorsements import EndorsementRow, RecordEndorsements
from states.commands.qualification import RecordQualification, Verdict, VerdictRow
from states.tables import Notification
from tests.notifiers.rounds import Post, Town, opened

K = MessageKind
UNIT, OFFICE = "changhe@union.example", "office@binjiang.example"
FIRST, SECOND = "BJGJ-2023-0001", "BJGJ-2023-0002"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Tuesday 2023-06-06: one candidate is in, to be endorsed until the 13th, and the unit has heard of nothing yet."""
    town = opened(tmp_path)
    town.submit("张建国")
    yield town
    town.house.store.dispose()


def ticked(town: Town, *days: int) -> None:
    """Let the clock come by at nine on these days of June, without anything leaving."""
    for day in days:
        town.at(f"2023-06-{day:02}T09:00")
        town.tick()


def body_to(town: Town, address: str) -> str:
    post = Post()
    town.post(post)
    return "\n".join(message.body for message in post.to(address))


def test_reminder_stands_for_the_news_of_the_same_work_that_waited_with_it(town: Town) -> None:
    ticked(town, 9, 13)
    town.at("2023-06-19T09:00")
    body = body_to(town, UNIT)
    assert {row.kind for row in town.rows(Notification, recipient="JD01", subject=FIRST)} == {K.SUBMITTED, K.WORK_OPENED, K.REMINDER}
    assert body.count("催办（已逾期4个工作日）：出具推荐意见（BJGJ-2023-0001 张*）") == 2  # in the table and above its text
    assert "前请办理：出具推荐意见" not in body


def test_news_of_work_stands_beside_the_reminder_of_other_work(town: Town) -> None:
    ticked(town, 9)
    town.submit("张建国", "李秀英")
    body = body_to(town, UNIT)
    assert "催办（还有2个工作日）：出具推荐意见（BJGJ-2023-0001 张*）" in body
    assert "前请办理：出具推荐意见（BJGJ-2023-0002 李*）" in body


def test_superior_who_is_the_office_too_hears_of_a_late_item_once_for_both_reasons(town: Town) -> None:
    town.post(Post())
    ticked(town, 14, 16)
    body = body_to(town, OFFICE)
    assert sorted(row.context["audience"] for row in town.rows(Notification, kind="escalation")) == ["district_office", "superior"]
    assert body.count("长河街道总工会的待办还没有办结：出具推荐意见。请督促。") == 1
    office = "区工匠认定工作领导小组办公室"
    assert f"缘由：您是长河街道总工会的上级，按办法逾期事项告知上级，也告知{office}；" in body


def test_late_items_heard_of_for_one_and_for_both_reasons_stand_apart(town: Town) -> None:
    town.post(Post())
    ticked(town, 8)
    town.submit("张建国", "李秀英")  # due two working days after the first
    town.post(Post())
    ticked(town, 14, 16, 19)
    body = body_to(town, OFFICE)
    both, one = body.index("也告知区工匠认定工作领导小组办公室；"), body.index("按办法逾期事项告知上级；")
    assert body.rindex(FIRST, 0, both) > body.rfind(SECOND, 0, both)
    assert body.rindex(SECOND, 0, one) > body.rfind(FIRST, 0, one)


def test_superior_of_another_unit_hears_of_its_own_alone(town: Town) -> None:
    town.submit("王志强", unit="物联网产业园工会联合会", unit_kind=PartyKind.UNION_FEDERATION)
    town.post(Post())
    ticked(town, 14, 16)
    post = Post()
    town.post(post)
    late = "物联网产业园工会联合会的待办还没有办结：出具推荐意见。请督促。"
    assert [message.body.count(late) for message in (*post.to(UNIT), *post.to(OFFICE))] == [1, 1]
    assert [message.body.count("也告知") for message in (*post.to(UNIT), *post.to(OFFICE))] == [0, 1]  # the first candidate's


def test_return_of_a_nomination_stands_for_the_news_of_the_correction_that_is_owed(town: Town) -> None:
    town.act(RecordEndorsements, rows=(EndorsementRow(nomination=FIRST, unit="JD01", agrees=True),))
    town.at("2023-07-06T09:00")
    town.tick()
    town.post(Post())
    back = VerdictRow(nomination=FIRST, verdict=Verdict.RETURN, reason="请补证明", fields=("证明材料",))
    town.act(RecordQualification, rows=(back,))
    body = body_to(town, UNIT)
    told = [row for row in town.rows(Notification, recipient="JD01") if row.at == town.clock.now()]
    assert {row.kind for row in told} == {K.RETURNED, K.WORK_OPENED}
    assert "须补正：证明材料；理由：请补证明" in body
    assert "补正材料" not in body
    assert "件事告知您" not in body
