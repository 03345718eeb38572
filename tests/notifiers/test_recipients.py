"""Previews foretell just those who are told then, and name no person."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from config.vocabulary import PartyKind, WorkKind
from notifiers.outbox import notify
from states.commands.endorsements import EndorsementRow, RecordEndorsements
from states.commands.rounds import CancelRound
from states.commands.timing import ExtendDeadline, HoldRound, ReleaseRound
from states.tables import Delivery, Notification
from tests.notifiers.rounds import SLUG, Post, Town, opened


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = opened(tmp_path)
    yield town
    town.house.store.dispose()


def test_preview_names_units_and_masks_people(town: Town) -> None:
    town.submit("张建国")
    preview = town.house.preview(CancelRound(round=SLUG, operator="OP01", reason="上级统一安排"))
    assert preview.told == (
        "LD01 吴*",
        "LD02 吴*",
        "区工匠认定工作领导小组办公室",
        "城市建设投资集团",
        "物联网产业园工会联合会",
        "长河街道总工会",
    )


def test_preview_names_just_those_who_are_told_then(town: Town) -> None:
    town.submit("张建国", unit="物联网产业园工会联合会", unit_kind=PartyKind.UNION_FEDERATION)
    notify(town.house)
    before = {row.key for row in town.rows(Notification)}
    result = town.act(RecordEndorsements, rows=(EndorsementRow(nomination="BJGJ-2023-0001", unit="LH01", agrees=True),))
    assert result.told == ("长河街道总工会",)
    notify(town.house)
    assert {row.recipient for row in town.rows(Notification) if row.key not in before} == {"JD01"}


def test_preview_leaves_out_work_that_is_done_in_the_same_breath(town: Town) -> None:
    town.submit("张建国", unit="物联网产业园工会联合会", unit_kind=PartyKind.UNION_FEDERATION)
    both = (
        EndorsementRow(nomination="BJGJ-2023-0001", unit="LH01", agrees=True),
        EndorsementRow(nomination="BJGJ-2023-0001", unit="JD01", agrees=True),
    )
    assert town.act(RecordEndorsements, rows=both).told == ()


@pytest.mark.parametrize("read", [False, True])
def test_preview_of_a_release_tells_nobody_where_its_hold_has_not_been_told_and_moved_nothing(town: Town, read: bool) -> None:
    town.post(Post())
    town.at("2023-06-06T21:00")  # in the quiet hours
    town.act(HoldRound, reason="等待批复")
    town.tell() if read else None
    released = town.act(ReleaseRound)
    assert released.told == ()
    assert town.tell() == 0
    town.at("2023-06-07T09:00")
    assert town.tell() == 0


def test_preview_of_a_release_tells_nobody_where_its_hold_waits_for_a_channel(town: Town) -> None:
    town.post(Post())
    town.act(HoldRound, reason="等待批复")
    town.tell()
    assert town.rows(Delivery, status="queued")
    assert town.act(ReleaseRound).told == ()
    town.tell()
    assert not town.rows(Delivery, status="queued")


def test_preview_of_a_release_names_whoever_was_told_of_its_hold(town: Town) -> None:
    town.act(HoldRound, reason="等待批复")
    town.post(Post())
    released = town.act(ReleaseRound)
    assert len(released.told) == town.tell() > 0


def test_preview_of_an_extension_taken_back_tells_nobody_who_has_not_heard_of_it(town: Town) -> None:
    town.submit("张建国")
    town.post(Post())
    town.at("2023-06-06T21:00")
    later, back = (
        ExtendDeadline(round=SLUG, operator="OP01", due_day=date(2023, 6, day), kind=WorkKind.ENDORSEMENT, reason="台风停工")
        for day in (14, 13)
    )
    assert (town.do(later).told, town.do(back).told) == (("长河街道总工会",), ())
    town.at("2023-06-07T09:00")
    assert town.tell() == 0
