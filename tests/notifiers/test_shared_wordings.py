"""Letters that are written at one look share their wordings, and still each says what is its own."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from config.loader import parse_programme
from config.vocabulary import PartyKind
from notifiers.kinds import MessageKind
from notifiers.letters import Writer
from notifiers.rendering import Common, Part, Wordings, render_parts
from notifiers.sections import Section
from notifiers.wording import Line
from states.records import Records
from states.tables import Delivery
from tests.notifiers.rounds import RULES, SLUG, Post, Town, letter_of, opened


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town in which everybody is told of the opening, and two units of their candidates."""
    town = opened(tmp_path)
    town.submit("张建国")
    town.submit("李援朝", "王秀英", unit="物联网产业园工会联合会", unit_kind=PartyKind.UNION_FEDERATION)
    town.tell()
    yield town
    town.house.store.dispose()


def test_letters_of_one_look_read_as_each_by_itself(town: Town) -> None:
    rows = town.rows(Delivery)
    with town.house.store.read() as connection:
        writer = Writer(town.house, Records(connection), "", Post())
        together = [letter_of(writer, row) for row in rows]
    with town.house.store.read() as connection:
        alone = [letter_of(Writer(town.house, Records(connection), "", Post()), row) for row in rows]
    texts = [letter.text.body for letter in together]
    assert texts == [letter.text.body for letter in alone]
    assert len(set(texts)) == len(rows) > 2


def test_what_many_are_told_alike_is_worded_once_and_greets_each_by_name() -> None:
    programme, today = parse_programme(RULES, "rules"), date(2023, 6, 6)
    known: Wordings = {}
    told = Section(MessageKind.QUALIFIED, facts={"document": ""}, lines=(Line("BJGJ-2023-0001", "张建国"),))
    other = Section(MessageKind.QUALIFIED, facts={"document": ""}, lines=(Line("BJGJ-2023-0002", "李援朝"),))
    for name, section in (("长河街道总工会", told), ("区总工会", told), ("城建集团", other)):
        text = render_parts([Part([section], Common(programme, SLUG, name, "", today, f"id of {name}"))], known)
        assert text.body.startswith(f"{name}：\n")
        assert f"id of {name}" in text.body
        assert section.lines[0].name in text.body
    assert len(known) == 2
