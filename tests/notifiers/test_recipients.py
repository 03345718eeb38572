"""Previews foretell just those who are told then, and name no person."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.vocabulary import PartyKind
from notifiers.outbox import notify
from states.commands.endorsements import EndorsementRow, RecordEndorsements
from states.commands.rounds import CancelRound
from states.tables import Notification
from tests.notifiers.rounds import SLUG, Town, opened


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
