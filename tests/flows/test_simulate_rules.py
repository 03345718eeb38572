"""Rounds of every size, and programmes that ask for something else, run to their end or say where they are stuck."""

from datetime import date
from pathlib import Path

import pytest

from flows.simulation.course import SimulationStuck
from tests.flows import simulated


def test_round_without_candidates_closes() -> None:
    figures = simulated.run(synthetic=0)
    assert (figures["nominations"], figures["states"], figures["certified"], figures["transitions"]) == (0, {}, [], 0)
    assert figures["closed_at"] is not None
    assert figures["ledger"]["verified"] is True


@pytest.mark.parametrize("count", [1, 3])
def test_small_round_closes_with_somebody_certified(count: int) -> None:
    figures = simulated.run(synthetic=count)
    assert sum(figures["states"].values()) == count
    assert len(figures["certified"]) >= 1
    assert figures["notifications"]["failed"] == figures["notifications"]["unknown"] == 0
    assert figures["ledger"]["verified"] is True


def test_programme_with_signatures_is_signed_by_every_operator() -> None:
    figures = simulated.run(simulated.rules(("signatures: false", "signatures: true")))
    assert len(figures["certified"]) >= 1
    assert figures["ledger"]["verified"] is True


def test_departments_clear_everybody_but_the_one_they_veto(tmp_path: Path) -> None:
    asked = "[{id: tax, title: 依法纳税, department: BM01, ours: true}, {id: land, title: 用地, department: XB01, ours: true}]"
    figures = simulated.run(simulated.rules(("clearances: []", f"clearances: {asked}")), synthetic=12, out=tmp_path)
    assert figures["closed_at"] is not None
    ledger = "".join(path.read_text(encoding="utf-8") for path in tmp_path.glob("*.jsonl"))
    assert ledger.count("vetoed") == 1
    assert ledger.count("clearance_recorded") > figures["nominations"]
    assert figures["ledger"]["verified"] is True


def test_stages_that_the_office_concludes_are_concluded() -> None:
    figures = simulated.run(simulated.rules(("conclude: automatic", "conclude: office")))
    assert figures["closed_at"] is not None
    assert len(figures["certified"]) >= 1


def test_round_in_which_the_clock_decides_nothing_comes_to_its_end() -> None:
    office = (
        ("conclude: automatic", "conclude: office"),
        ("lapse: automatic", "lapse: office"),
        ("complete: automatic", "complete: office"),
    )
    figures = simulated.run(simulated.rules(*office), synthetic=8)
    assert figures["closed_at"] is not None
    assert {"lapsed", "government_certified"} <= set(figures["states"])
    assert figures["ledger"]["verified"] is True


def test_programme_that_wants_more_sheets_than_experts_gets_more_experts(tmp_path: Path) -> None:
    figures = simulated.run(simulated.rules(("sheets_per_nomination: 5", "sheets_per_nomination: 11")), synthetic=1)
    assert len(figures["certified"]) == 1


def test_units_that_may_not_recommend_send_nobody() -> None:
    kinds = ("subdistrict_union", "union_federation", "system_union")
    told: list[str] = []
    figures = simulated.run(simulated.rules(*((f"    - {kind}", "    #") for kind in kinds)), synthetic=2, tell=told.append)
    assert told == []
    assert figures["nominations"] == 2


def test_opening_in_a_year_not_announced_marks_dates_provisional(tmp_path: Path) -> None:
    figures = simulated.run(synthetic=1, opens=date(2031, 3, 3), out=tmp_path)
    assert figures["opened_at"] == "2031-03-03T09:00:00+08:00"
    assert "（暂定）" in (tmp_path / "时间线.md").read_text(encoding="utf-8")


def test_rules_that_lead_nowhere_are_named_with_what_is_left() -> None:
    nowhere = simulated.rules(("  certification:                 # 提请", "  certification:\n    skip: true                 # 提请"))
    with pytest.raises(SimulationStuck, match=r"停在“政府认定”，走不到结束：\d份申报没有结果，没有一项待办能推动它") as stuck:
        simulated.run(nowhere)
    assert "请检查认定办法" in str(stuck.value)
