"""roster: everybody's id, and no person's name."""

from pathlib import Path

from config.settings import Settings
from flows.bootstrap import build
from flows.demo import demo_settings
from flows.reading.naming import PERSONS
from states.records import Records
from states.tables import Party
from tests.flows.cli.conftest import Hallmark


def test_roster_lists_every_party_with_its_id_and_masks_persons(hallmark: Hallmark, demo: str, home: Path) -> None:
    app = build(demo_settings(Settings(home=home)))
    with app.house.store.read() as connection:
        parties = {party.id: party for party in Records(connection).where(Party)}
    app.house.store.dispose()
    lines = hallmark("roster", demo, "--json").json
    assert sorted(line["id"] for line in lines) == sorted(parties)
    for line in lines:
        person = parties[line["id"]].kind in PERSONS
        assert (line["name"] == parties[line["id"]].name) != person
    shown = hallmark("roster").out
    assert all(party.id in shown and ((party.name in shown) != (party.kind in PERSONS)) for party in parties.values())


def test_roster_counts_what_everybody_owes(hallmark: Hallmark, demo: str) -> None:
    owed = {line["id"]: line["open_work"] for line in hallmark("roster", demo, "--json").json}
    board = hallmark("board", demo, "--json").json
    assert sum(owed.values()) == board["open_work"] > 0
    assert owed == {line["id"]: line["open_work"] for line in hallmark("roster", "--json").json}


def test_roster_of_an_empty_house_says_what_to_do(hallmark: Hallmark, empty_house: Path) -> None:
    answer = hallmark("roster")
    assert (answer.status, "hallmark import roster" in answer.out) == (0, True)
    assert hallmark("roster", "--json").json == []


def test_roster_of_a_round_that_is_not_there_names_the_nearest(hallmark: Hallmark, demo: str) -> None:
    answer = hallmark("roster", demo[:-1])
    assert (answer.status, demo in answer.err) == (1, True)


def test_every_column_of_a_table_has_a_heading(hallmark: Hallmark, demo: str) -> None:
    number = hallmark("board", demo, "--json").json["overdue"][0]["subject"]
    tables = "".join(hallmark(*command).out for command in (("roster",), ("board", demo), ("show", number)))
    headings = [cell for line in tables.splitlines() if line.startswith("┃") for cell in line.strip("┃").split("┃")]
    assert len(headings) > 30
    assert all(heading.strip() for heading in headings)
