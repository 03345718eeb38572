from collections import Counter
from datetime import date
from pathlib import Path
from random import Random

import pytest

from config.loader import find_programme, load_programme
from config.vocabulary import RECOMMENDING_KINDS, FindingResult, PartyKind, Role
from flows.workbooks import read, write_rows
from flows.workbooks.rows import ExpertRow, MemberRow, OperatorRow, UnitRow
from flows.workbooks.synthetic import FLAWS, synthetic_candidates
from flows.workbooks.synthetic_roster import synthetic_roster, synthetic_units
from states.candidate import Candidate
from states.eligibility import evaluate, facts_of
from states.idcard import birth_date, gender_of

TODAY = date(2023, 6, 6)


def test_candidates_depend_on_the_seed_alone() -> None:
    assert synthetic_candidates(Random(7), 40) == synthetic_candidates(Random(7), 40)
    assert synthetic_candidates(Random(7), 40) != synthetic_candidates(Random(8), 40)


@pytest.mark.parametrize("seed", range(5))
def test_candidates_pass_the_reader_as_they_are(tmp_path: Path, seed: int) -> None:
    people = synthetic_candidates(Random(seed), 60)
    write_rows("nominations", tmp_path / "a.xlsx", people)
    reading = read("nominations", tmp_path / "a.xlsx", today=TODAY)
    assert reading.problems == ()
    assert list(reading.values(Candidate)) == people


def test_candidates_are_different_people_old_enough_for_their_trade() -> None:
    people = synthetic_candidates(Random(1), 500, flaws=False)
    assert len({person.id_card for person in people}) == len({person.name for person in people}) == 500
    for person in people:
        born = birth_date(person.id_card)
        assert born is not None
        assert gender_of(person.id_card) == person.gender
        assert 5 <= person.years <= TODAY.year - born.year - 18


def test_candidates_reach_nobody() -> None:
    for person in synthetic_candidates(Random(1), 100):
        assert person.phone.startswith("1990000")
        assert person.email.endswith("@example.com")


def test_candidates_without_flaws_all_qualify_and_with_flaws_most() -> None:
    programme = load_programme(find_programme("binjiang-craftsman-2023"))

    def failing(people: list[Candidate]) -> list[bool]:
        bad = (FindingResult.FAILED, FindingResult.WAIVABLE)
        return [any(finding.result in bad for finding in evaluate(programme, facts_of(person))) for person in people]

    assert not any(failing(synthetic_candidates(Random(7), 40, flaws=False)))
    flawed = failing(synthetic_candidates(Random(7), 40))
    assert 8 <= sum(flawed) <= 13


def test_candidates_in_a_round_of_forty_hold_every_flaw() -> None:
    people = synthetic_candidates(Random(7), 40)
    for flaw in FLAWS:
        assert any(all(getattr(person, field) == value for field, value in flaw.items()) for person in people), flaw
    assert any(person.honours == ("杭州工匠提名奖",) for person in people)


def test_candidates_come_from_every_recommending_unit_given() -> None:
    units = synthetic_units()
    people = synthetic_candidates(Random(7), 40, units=units)
    by_name = {unit.name: unit for unit in units}
    assert {person.unit for person in people} == {unit.name for unit in units if unit.kind in RECOMMENDING_KINDS}
    for person in people:
        assert person.unit_kind is by_name[person.unit].kind
        assert by_name[person.employer].superior == by_name[person.unit].id


def test_candidates_need_a_unit_that_may_recommend() -> None:
    office = [unit for unit in synthetic_units() if unit.kind is PartyKind.DISTRICT_OFFICE]
    with pytest.raises(ValueError, match="no unit"):
        synthetic_candidates(Random(7), 1, units=office)


def test_candidates_of_a_unit_without_employers_work_there() -> None:
    unit = UnitRow(id="A", name="滨江区某系统工会", kind=PartyKind.SYSTEM_UNION)
    assert synthetic_candidates(Random(7), 1, units=[unit])[0].employer == "滨江区某系统工会"


def test_candidates_are_not_sought_in_employers_outside_the_tree() -> None:
    union = UnitRow(id="A", name="滨江区某街道总工会", kind=PartyKind.SUBDISTRICT_UNION)
    outside = UnitRow(id="B", name="杭州外面有限公司", kind=PartyKind.EMPLOYER)
    circle = UnitRow(id="C", name="杭州打转有限公司", kind=PartyKind.EMPLOYER, superior="C")
    people = synthetic_candidates(Random(7), 4, units=[outside, circle, union])
    assert {person.employer for person in people} == {"滨江区某街道总工会"}


def test_roster_is_a_tree_with_all_who_take_part() -> None:
    roster = synthetic_roster(Random(7))
    units = {row.id: row for row in roster if isinstance(row, UnitRow)}
    assert Counter(unit.kind for unit in units.values())[PartyKind.SUBDISTRICT_UNION] == 3
    for unit in units.values():
        top = unit.kind in (PartyKind.DISTRICT_OFFICE, PartyKind.GOVERNMENT)
        assert (unit.superior == "") == top
        assert top or unit.superior in units
    assert len([row for row in roster if isinstance(row, ExpertRow)]) == 9
    assert len([row for row in roster if isinstance(row, MemberRow)]) == 9
    roles = {role for row in roster if isinstance(row, OperatorRow) for role in row.roles}
    assert roles == set(Role) - {Role.CLOCK}
    assert len({row.id for row in roster}) == len(roster)
    assert roster == synthetic_roster(Random(7))
