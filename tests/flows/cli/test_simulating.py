"""simulate: a whole round on the virtual clock, for people and for programs."""

import re
from pathlib import Path
from random import Random

from flows.workbooks import write_rows
from flows.workbooks.synthetic import synthetic_candidates
from tests.flows.cli.conftest import Hallmark
from tests.flows.cli.test_programmes import PLAN_KEYS, PROGRAMME


def test_simulate_prints_json_alone_on_stdout(hallmark: Hallmark, tmp_path: Path) -> None:
    answer = hallmark("simulate", PROGRAMME, "--synthetic", "3", "--seed", "7", "--out", tmp_path / "out", "--json")
    assert answer.status == 0
    result = answer.json
    assert result["nominations"] == sum(result["states"].values()) == 3
    assert result["ledger"]["verified"] is True
    assert result["out"]
    assert all((tmp_path / "out" / name).is_file() for name in result["out"])
    assert {"时间线.json", "时间线.svg", "时间线.png"} <= set(result["out"])
    assert all(list(line) == PLAN_KEYS for line in result["timeline"])
    kinds = {line["kind"] for line in result["timeline"]}
    assert kinds == {"stage_opens", "stage_due", "work_due", "reminder", "escalation", "message"}
    reminders = [line["what"] for line in result["timeline"] if line["kind"] == "reminder"]
    assert sum(int(found[1]) if (found := re.search("（共 (\\d+) 项）", what)) else 1 for what in reminders) == result["reminders"]


def test_simulate_without_json_says_it_in_chinese(hallmark: Hallmark) -> None:
    answer = hallmark("simulate", PROGRAMME, "--synthetic", "1")
    assert answer.status == 0
    assert "申报 1 份" in answer.out
    assert "催办“截止申报”当日到期" in answer.out
    assert "催办“截止申报”" not in hallmark("simulate", PROGRAMME, "--synthetic", "1", "--brief").out


def test_simulate_ends_in_sentences(hallmark: Hallmark, tmp_path: Path) -> None:
    answer = hallmark("simulate", PROGRAMME, "--synthetic", "2", "--brief", "--out", tmp_path / "演练")
    lines = answer.out.splitlines()
    assert re.fullmatch(r"bjgj-2023：2023-06-06 09:00 启动，2023-\d\d-\d\d \d\d:\d\d 结束，申报 2 份", lines[0])
    assert re.fullmatch(r"结果：[\u4e00-\u9fff]+ \d(，[\u4e00-\u9fff]+ \d)*", lines[1])
    assert re.fullmatch(r"送达 \d+ 条，被拒收 0 条，结果不明 0 条", lines[2])
    assert re.fullmatch(r"台账 \d+ 条，核验通过", lines[4])
    assert lines[5] == f"写进了 {tmp_path / '演练'}："
    assert not set('{}"') & set(answer.out)


def test_simulate_says_how_many_rows_were_refused_and_where(hallmark: Hallmark, tmp_path: Path) -> None:
    book = tmp_path / "汇总.xlsx"
    good, bad = synthetic_candidates(Random(5), 2, flaws=False)
    write_rows("nominations", book, [good, bad.model_copy(update={"id_card": "330108199001010019"})])
    answer = hallmark("simulate", PROGRAMME, "--nominations", book, "--brief", "--out", tmp_path / "演练")
    assert (answer.status, "申报 1 份" in answer.out) == (1, True)
    assert f"退回 1 行，没有录入：标注了错误的副本是 {tmp_path / '演练' / '退回-汇总.xlsx'}\n" in answer.out
    answer = hallmark("simulate", PROGRAMME, "--nominations", book, "--brief")
    assert "退回 1 行，没有录入：原因见上；加 --out 文件夹，另写一份标注了错误的副本\n" in answer.out
    assert hallmark("simulate", PROGRAMME, "--nominations", book, "--json").json["refused"] == 1
