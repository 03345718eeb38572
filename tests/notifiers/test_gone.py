"""Recipients who left: whoever stands in their place reads; where nobody does, open work is told of to the superior and the office."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from config.vocabulary import PartyKind
from notifiers.answers import GONE
from notifiers.kinds import MessageKind
from notifiers.messages import as_told
from notifiers.relevance import still_matters
from notifiers.scene import Scene
from notifiers.settling import settle_all
from notifiers.verdicts import POINTLESS
from states.commands.endorsements import EndorsementRow, RecordEndorsements
from states.commands.reassigning import ReassignWork
from states.commands.roster import ImportRoster
from states.records import Records
from states.tables import Delivery, Notification
from tests.notifiers.rounds import ROSTER, SLUG, Post, Town, opened

NUMBER = "BJGJ-2023-0001"
LEFT = date(2023, 6, 5)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town with one new message to the federation LH01 waiting, whose superior is the union JD01."""
    town = opened(tmp_path)
    town.post(Post())
    settle_all(town.house)
    town.tell()
    town.submit("张建国", unit="物联网产业园工会联合会", unit_kind=PartyKind.UNION_FEDERATION)
    town.tell()
    yield town
    town.house.store.dispose()


def change(town: Town, party: str, **values: Any) -> None:
    entry = next(entry for entry in ROSTER if entry.id == party).model_copy(update=values)
    town.do(ImportRoster(operator="OP01", entries=(entry,)))


def carried_on(town: Town) -> Post:
    post = Post()
    for _ in range(2):
        town.post(post)
        settle_all(town.house)
    return post


def waiting(town: Town) -> Delivery:
    """Give the message about the new nomination."""
    told = town.rows(Notification, kind=MessageKind.WORK_OPENED.value, recipient="LH01")
    (row,) = town.rows(Delivery, id=[each.delivery for each in told])
    found: Delivery = row
    return found


def failures(town: Town, key: str) -> set[str]:
    """Give who was told that a message reached nobody."""
    rows = town.rows(Notification, kind=MessageKind.DELIVERY_FAILED.value)
    return {row.recipient for row in rows if key in row.context["undelivered"]}


def test_open_work_of_somebody_who_left_is_told_of_to_the_superior_and_the_office(town: Town) -> None:
    change(town, "LH01", valid_to=LEFT)
    post = carried_on(town)
    row = waiting(town)
    assert (row.status, row.answer) == ("refused_for_good", GONE)
    assert post.to("iot@union.example") == []
    assert failures(town, row.id) == {"JD01", "QB01"}
    (told,) = [each for each in post.to("changhe@union.example") if "未能送达" in each.subject]
    assert f"物联网产业园工会联合会：{GONE}" in told.body
    assert "缘由：您是其上级；" in told.body
    assert "办法：已不在任的，请报区工匠认定工作领导小组办公室把没办完的移交他人（reassign-work），或在名册里填上代理人。\n" in told.body
    office = "".join(each.body for each in post.to("office@binjiang.example") if GONE in each.body)
    assert "缘由：您负责本届的办理；" in office
    assert "已不在任的，请把没办完的移交他人（reassign-work）" in office
    assert "请报" not in office


def test_deputy_of_somebody_who_left_reads_what_is_open_and_what_was_decided(town: Town) -> None:
    change(town, "LH01", valid_to=LEFT, deputy="CY01")
    change(town, "CY01", contacts={"mail": "build@city.example"})
    (read,) = carried_on(town).to("build@city.example")
    assert "代理物联网产业园工会联合会" in read.body
    assert waiting(town).status == "sent"
    assert failures(town, waiting(town).id) == set()
    town.at("2023-06-09T09:00")
    town.tick()
    (reminded,) = carried_on(town).to("build@city.example")
    assert "出具推荐意见" in reminded.body


def test_deputy_without_an_address_leaves_nobody_and_the_one_who_left_is_not_written_to(town: Town) -> None:
    change(town, "LH01", valid_to=LEFT, deputy="CY01")
    assert carried_on(town).to("iot@union.example") == []
    assert waiting(town).answer == GONE


@pytest.mark.parametrize("over", ["done", "handed over"])
def test_work_that_is_done_or_handed_over_needs_nobody(town: Town, over: str) -> None:
    if over == "done":
        town.act(RecordEndorsements, rows=(EndorsementRow(nomination=NUMBER, unit="LH01", agrees=True),))
    else:
        town.act(ReassignWork, source="LH01", target="JD01", reason="机构合并")
    change(town, "LH01", valid_to=LEFT)
    carried_on(town)
    assert waiting(town).answer == POINTLESS
    assert failures(town, waiting(town).id) == set()


@pytest.mark.parametrize(("left", "matters"), [((), True), (("LD01",), False), (("LD01", "LD02"), True)])
def test_one_of_a_body_who_left_is_missed_only_where_nobody_of_it_remains(town: Town, left: tuple[str, ...], *, matters: bool) -> None:
    town.at("2023-07-06T09:00")
    town.tick()
    town.at("2023-07-28T09:00")
    town.tick()
    town.tell()
    for party in left:
        change(town, party, valid_to=LEFT)
    with town.house.store.read() as connection:
        records = Records(connection)
        (row,) = records.where(Notification, kind=MessageKind.ESCALATION.value, recipient="LD01")
        assert still_matters(Scene(records, SLUG, date(2023, 7, 28)), as_told(row)) is matters


def test_what_is_asked_of_somebody_who_left_before_is_told_to_those_above_and_announced_to_nobody(town: Town) -> None:
    """The federation's superior has left, and is asked for its opinion now: the office alone stands above it."""
    change(town, "JD01", valid_to=LEFT)
    asked = RecordEndorsements(round=SLUG, operator="OP01", rows=(EndorsementRow(nomination=NUMBER, unit="LH01", agrees=True),))
    result = town.do(asked)
    assert "长河街道总工会" not in result.told
    post = carried_on(town)
    (row,) = town.rows(Notification, kind=MessageKind.WORK_OPENED.value, recipient="JD01")
    (delivery,) = town.rows(Delivery, id=[row.delivery])
    assert (delivery.status, delivery.answer) == ("refused_for_good", GONE)
    assert failures(town, delivery.id) == {"QB01"}
    assert post.to("changhe@union.example") == []
    assert [each.subject for each in post.to("office@binjiang.example") if "未能送达" in each.subject] != []
