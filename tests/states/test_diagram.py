"""The drawn machine: its page is current, every move is on it, and counts stand at their states."""

import re
import runpy
from itertools import chain
from pathlib import Path

import pytest

from config.labels import label
from config.vocabulary import NominationState, RoundState, RoundTrigger, Trigger
from states.diagram import MILESTONES, machine_page, nomination_diagram, progress_diagram, round_diagram
from tests.states.test_machine import TABLE
from tests.states.test_round_machine import TABLE as ROUND_TABLE

PAGE = Path(__file__).parents[2] / "docs" / "machine.md"


def arrows(diagram: str) -> dict[tuple[str, str], list[str]]:
    found = re.findall(r"^    (\w+) --> (\w+) : (.+)$", diagram, re.MULTILINE)
    return {(source, target): names.split("／") for source, target, names in found}


def notes(diagram: str) -> dict[str, str]:
    return dict(re.findall(r"^    note right of (\w+) : (.+)$", diagram, re.MULTILINE))


def test_page_is_current() -> None:
    """Regenerate it with: python -m states.diagram > docs/machine.md."""
    assert PAGE.read_text(encoding="utf-8") == machine_page()


def test_every_move_is_drawn_or_said() -> None:
    drawn, said = arrows(nomination_diagram()), notes(nomination_diagram())
    in_notes = {"withdraw": "withdrawn", "disqualify": "rejected", "reopen": "not_selected"}
    for state, trigger, target, _, _ in TABLE:
        if trigger in in_notes:
            note = said[in_notes[trigger]]
            assert f"“{label(Trigger(trigger))}”" in note
            assert label(NominationState(state)) in note
        else:
            assert label(Trigger(trigger)) in drawn[state, target]
    assert sum(len(names) for names in drawn.values()) == sum(row[1] not in in_notes for row in TABLE)


def test_every_move_of_the_round_is_drawn_or_said() -> None:
    drawn, said = arrows(round_diagram()), notes(round_diagram())
    for (state, trigger), (target, _) in ROUND_TABLE.items():
        if trigger in ("hold", "release", "cancel"):
            assert label(RoundTrigger(trigger)) in said["cancelled"]
        else:
            assert drawn[state, target] == [label(RoundTrigger(trigger))]
    assert len(drawn) == 8


def test_states_carry_their_chinese_names_and_no_counts() -> None:
    for state in NominationState:
        assert f'    state "{label(state)}" as {state.value}\n' in nomination_diagram()
    for stage in RoundState:
        assert f'    state "{label(stage)}" as {stage.value}\n' in round_diagram()


def test_counts_stand_at_their_states_and_missing_ones_are_none() -> None:
    diagram = nomination_diagram({NominationState.SUBMITTED: 3, NominationState.QUALIFIED: 12})
    assert 'state "已申报 3" as submitted' in diagram
    assert 'state "资格审核通过 12" as qualified' in diagram
    assert 'state "区政府认定 0" as government_certified' in diagram
    assert arrows(diagram) == arrows(nomination_diagram())


def test_boards_diagram_has_every_count_and_the_same_ways_without_words() -> None:
    diagram = progress_diagram({NominationState.SUBMITTED: 3})
    assert 'state "已申报 3" as submitted' in diagram
    assert 'state "已撤销认定 0" as revoked' in diagram
    drawn = re.findall(r"^    (\w+) --> (\w+)$", diagram, re.MULTILINE)
    assert drawn == list(arrows(nomination_diagram()))
    assert ":" not in diagram.replace("fill:", "").replace("color:", "").replace("stroke:", "").replace("width:", "").replace("weight:", "")


def test_page_is_written_by_running_the_module(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(PAGE.parents[1] / "states" / "diagram.py"), run_name="__main__")
    assert capsys.readouterr().out == machine_page()


def test_milestones_stand_out() -> None:
    styled = dict(re.findall(r"^    class ([\w, ]+) (\w+)$", nomination_diagram(), re.MULTILINE))
    classes = {name: states.split(", ") for states, name in styled.items()}
    assert classes["milestone"] == [state.value for state in MILESTONES]
    assert sorted(chain.from_iterable(classes.values())) == sorted(state.value for state in NominationState)


def test_page_tells_who_decides_and_what_is_asked() -> None:
    row = next(line for line in machine_page().splitlines() if line.startswith("| certify 认定 "))
    assert row == (
        "| certify 认定 | `publicly_noticed` 社会公示完成 | `government_certified` 区政府认定 | government 区政府 | office 办公室经办 |"
        " Refuse without the government document's number and date, and one dated before the notice's last day (notice, N20-N21)."
        " Refuse while an objection is open."
        " Refuse what would exceed the tier's quota, counting the moves before it in the same batch (notice, N3). |"
        " `nomination_certified` |"
    )
