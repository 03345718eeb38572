"""Candidates out of a workbook: good rows go in, bad ones are told and given back, and without any there is no round."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from openpyxl import load_workbook

from config.labels import label
from config.vocabulary import DeliveryStatus
from flows.simulation.course import Course
from flows.simulation.people import NobodyToSimulate, made_up
from flows.simulation.post import Post, PostBox
from flows.simulation.report import report
from flows.simulation.world import World
from flows.workbooks import WorkbookRefused, write_rows
from flows.workbooks.synthetic import synthetic_candidates
from states.candidate import Candidate
from states.frozen import frozen_programme
from states.tables import Delivery
from tests.flows import simulated


@pytest.fixture
def candidates() -> list[Candidate]:
    return synthetic_candidates(Random(5), 4, flaws=False)


def _spoil(path: Path, *rows: int) -> None:
    book = load_workbook(path)
    page = book.worksheets[0]
    column = next(cell.column for cell in page[1] if cell.value == "身份证号")
    for row in rows:
        page.cell(row, column, "330108199001010019")
    book.save(path)


def test_workbook_goes_in_with_units_of_its_own(tmp_path: Path, candidates: list[Candidate]) -> None:
    path = tmp_path / "推荐汇总表.xlsx"
    own = [each.model_copy(update={"unit": f"滨江区示例{label(each.unit_kind)}"}) for each in candidates]
    write_rows("nominations", path, own)
    figures = simulated.run(nominations=path, synthetic=99)
    assert figures["nominations"] == 4
    assert len(figures["certified"]) >= 1
    assert figures["ledger"]["verified"] is True


def test_bad_rows_are_told_and_given_back_marked(tmp_path: Path, candidates: list[Candidate]) -> None:
    path, out, told = tmp_path / "汇总.xlsx", tmp_path / "out", list[str]()
    write_rows("nominations", path, candidates)
    _spoil(path, 3)
    figures = simulated.run(nominations=path, out=out, tell=told.append)
    assert (figures["nominations"], figures["refused"]) == (3, 1)
    assert len(told) == 1
    assert told[0].startswith("“推荐汇总表”第3行")
    assert "330108199001010019" not in told[0]
    assert "退回-汇总.xlsx" in figures["out"]
    marked = [cell for row in load_workbook(out / "退回-汇总.xlsx").worksheets[0]["A3:W3"] for cell in row if cell.comment]
    assert len(marked) == 1


def test_same_person_twice_is_told(tmp_path: Path, candidates: list[Candidate]) -> None:
    path, told = tmp_path / "汇总.xlsx", list[str]()
    twice = candidates[0].model_copy(update={"post": "别的职务"})
    write_rows("nominations", path, [*candidates[:2], twice])
    figures = simulated.run(nominations=path, tell=told.append, out=tmp_path / "out")
    assert (figures["nominations"], figures["refused"]) == (2, 1)
    assert len(told) == 1
    assert "退回-汇总.xlsx" in figures["out"]
    marked = [cell for line in load_workbook(tmp_path / "out" / "退回-汇总.xlsx").worksheets[0].iter_rows(min_row=2) for cell in line]
    assert [(cell.row, "同一身份证号" in cell.comment.text) for cell in marked if cell.comment] == [(4, True)]
    assert "同一身份证号" in told[0]
    assert twice.id_card not in told[0]


def test_workbook_without_a_good_row_is_refused_with_its_faults(tmp_path: Path, candidates: list[Candidate]) -> None:
    path = tmp_path / "汇总.xlsx"
    write_rows("nominations", path, candidates[:2])
    _spoil(path, 2, 3)
    with pytest.raises(NobodyToSimulate, match=re.escape("文件“汇总.xlsx”里没有一行能导入，无法模拟：“推荐汇总表”第2行")):
        simulated.run(nominations=path)


def test_file_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "汇总.xlsx"
    path.write_text("姓名,身份证号\n", encoding="utf-8")
    with pytest.raises(WorkbookRefused, match=re.escape("文件“汇总.xlsx”是文本文件")):
        simulated.run(nominations=path)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    text = simulated.rules()
    made = World(tmp_path, text, date(2023, 6, 6), 7, made_up(frozen_programme(text), 1, 7), lambda line: None)
    yield made
    made.house.store.dispose()


def _carried_by(world: World, box: PostBox) -> dict[str, Any]:
    Course(world, Post(world.house, box), lambda done, total, what: None).run()
    return report(world)


def test_recipient_who_refuses_every_address_counts_as_failed(world: World) -> None:
    box = PostBox(world.clock, refusing=("ld03@", "19900000203"))
    figures = _carried_by(world, box)
    refused = {row.recipient for row in world.rows(Delivery, status=DeliveryStatus.REFUSED_FOR_GOOD.value)}
    assert refused == {"LD03"}
    assert figures["notifications"]["failed"] > 0
    assert figures["notifications"]["sent"] == len(box.letters) > 0
    assert figures["ledger"]["verified"] is True


def test_recipient_who_refuses_mail_is_reached_otherwise(world: World) -> None:
    figures = _carried_by(world, PostBox(world.clock, refusing=("ld03@",)))
    assert figures["notifications"]["failed"] == 0
