"""template, import, enrol: what goes into the house from this machine's own files."""

from pathlib import Path
from random import Random
from typing import Any

import pyotp
import pytest
from openpyxl import load_workbook

from config.settings import Settings
from flows.bootstrap import build
from flows.demo import demo_settings
from flows.workbooks import KINDS, read, write_rows
from flows.workbooks.rows import ScoreRow
from flows.workbooks.synthetic import synthetic_candidates
from flows.workbooks.synthetic_roster import synthetic_roster
from states.records import Records
from states.tables import Chain, Nomination, Party
from tests.flows.cli.conftest import DEMO_OPERATOR, Hallmark
from tests.flows.cli.prefect_stub import server
from tests.flows.hurried import nominations, row

IMPORT_KEYS = {"kind", "file", "applied", "summary", "entered", "skipped", "problems", "warnings", "marked_copy"}


def heads(home: Path) -> dict[str, int]:
    app = build(demo_settings(Settings(home=home)))
    with app.house.store.read() as connection:
        found = {chain.name: chain.seq for chain in Records(connection).where(Chain)}
    app.house.store.dispose()
    return found


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_template_writes_every_kind(hallmark: Hallmark, tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"{kind}.xlsx"
    answer = hallmark("template", kind, file, "--json")
    assert (answer.status, answer.json) == (0, {"kind": kind, "file": str(file)})
    assert [page.title for page in load_workbook(file).worksheets if page.sheet_state == "visible"] == [
        sheet.title for sheet in KINDS[kind].sheets
    ]


@pytest.mark.parametrize(
    ("name", "kind"), [*((book.title, kind) for kind, book in KINDS.items()), ("申报", "nominations"), (" Roster ", "roster")]
)
def test_template_is_known_by_its_chinese_name(hallmark: Hallmark, tmp_path: Path, name: str, kind: str) -> None:
    assert hallmark("template", name, tmp_path / "a.xlsx", "--json").json["kind"] == kind


@pytest.mark.parametrize("file", ["名册.xls", "名册", "名册.csv"])
def test_template_is_written_only_as_what_it_is(hallmark: Hallmark, tmp_path: Path, file: str) -> None:
    answer = hallmark("template", "roster", tmp_path / file)
    assert (answer.status, answer.out, list(tmp_path.iterdir())) == (2, "", [])
    assert f"工作簿只写成 .xlsx 文件：请把“{file}”改为“名册.xlsx”" in answer.err


@pytest.mark.parametrize(
    ("wrong", "near"), [("名册表", "名册（roster）"), ("nomination", "推荐汇总表（nominations）"), ("评分册", "评分表（scores）")]
)
def test_template_of_a_kind_that_is_nearly_known_names_it(hallmark: Hallmark, tmp_path: Path, wrong: str, near: str) -> None:
    answer = hallmark("template", wrong, tmp_path / "a.xlsx")
    assert answer.status == 1
    assert answer.err.startswith(f"没有工作簿种类“{wrong}”；最接近的是")
    assert near in answer.err


def test_import_knows_chinese_names_and_says_where_the_others_go(hallmark: Hallmark, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "名册.xlsx"
    write_rows("roster", file, synthetic_roster(Random(3)))
    assert hallmark("import", "名册", file, "--operator", "JB01", "--json").json["kind"] == "roster"
    answer = hallmark("import", "推荐意见", file, "--operator", "JB01")
    assert answer.status == 2
    assert "推荐意见不由命令行导入：请放进收件夹 inbox，在看板的业务清单里办" in answer.err


def test_template_overwrites_only_when_forced(hallmark: Hallmark, tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    file.write_bytes(b"mine")
    refused = hallmark("template", "nominations", file)
    assert (refused.status, file.read_bytes()) == (1, b"mine")
    assert "--force" in refused.err
    assert hallmark("template", "nominations", file, "--force").status == 0


def test_template_of_an_unknown_kind_lists_the_kinds(hallmark: Hallmark, tmp_path: Path) -> None:
    answer = hallmark("template", "ballots", tmp_path / "a.xlsx")
    assert answer.status == 1
    assert "nominations" in answer.err


def test_template_of_a_round_offers_its_units(hallmark: Hallmark, demo: str, tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    assert hallmark("template", "nominations", file, "--round", demo).status == 0
    book = load_workbook(file)
    cells = [cell for page in book.worksheets for line in page.iter_rows(values_only=True) for cell in line]
    rules = [rule.formula1 for page in book.worksheets for rule in page.data_validations.dataValidation]
    assert any("滨江区长河街道总工会" in str(text) for text in (*cells, *rules))


def test_first_roster_makes_a_house_with_its_own_operator(hallmark: Hallmark, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "名册.xlsx"
    write_rows("roster", file, synthetic_roster(Random(3)))
    answer = hallmark("import", "roster", file, "--operator", "JB01", "--json")
    assert answer.status == 0
    assert set(answer.json) == IMPORT_KEYS
    assert (answer.json["applied"], answer.json["problems"], answer.json["marked_copy"]) == (True, [], None)
    app = build(Settings(home=home))
    with app.house.store.read() as connection:
        assert len(Records(connection).where(Party)) == len(answer.json["entered"]) == len(synthetic_roster(Random(3)))
    app.house.store.dispose()
    again = hallmark("import", "roster", file, "--operator", "JB01", "--json", "--again")
    assert (again.status, again.json["entered"]) == (0, [])


def test_a_roster_with_one_bad_row_goes_back_whole(hallmark: Hallmark, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "名册.xlsx"
    write_rows("roster", file, synthetic_roster(Random(3)))
    book = load_workbook(file)
    book["经办人"]["C2"] = "皇帝"
    book.save(file)
    answer = hallmark("import", "roster", file, "--operator", "JB01", "--json")
    assert (answer.status, answer.json["applied"], answer.json["entered"]) == (1, False, [])
    assert len(answer.json["problems"]) == 1
    assert Path(answer.json["marked_copy"]).is_file()
    assert hallmark("verify", "--json").json["entries"] == 0


def test_a_roster_tells_at_once_what_is_wrong_in_and_between_its_lines(hallmark: Hallmark, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "名册.xlsx"
    write_rows("roster", file, synthetic_roster(Random(3)))
    book = load_workbook(file)
    book["单位"]["C4"], book["单位"]["D8"], book["经办人"]["C2"] = "街道公会", "JD0X", "经办"
    known = [row[0].value for row in book["单位"].iter_rows(min_row=2) if row[3].value == book["单位"]["A4"].value]
    book.save(file)
    answer = hallmark("import", "roster", file, "--operator", "JB01", "--json")
    assert (answer.status, answer.json["applied"], len(known) > 0) == (1, False, True)
    unit, role, superior = answer.json["problems"]
    assert unit.endswith("是否应为“街道总工会”？")
    assert role.endswith("是否应为“待遇经办”或“办公室经办”？")
    assert superior.startswith(f"“单位”第8行：编号 {book['单位']['A8'].value} 的上级编号 JD0X 不在名册中")
    marked = load_workbook(answer.json["marked_copy"])
    assert [bool(marked[sheet][cell].comment) for sheet, cell in (("单位", "C4"), ("经办人", "C2"), ("单位", "A8"))] == [True] * 3


def test_good_nominations_go_in_and_bad_ones_come_back_marked(hallmark: Hallmark, demo: str, home: Path, tmp_path: Path) -> None:
    file = nominations(
        tmp_path / "推荐汇总表.xlsx", row(推荐单位="滨江区长河街道总工会"), row(序号=2, 身份证号="330108199001010011"), row(序号=3)
    )
    answer = hallmark("import", "nominations", file, "--round", demo, "--operator", DEMO_OPERATOR, "--json")
    assert answer.status == 1
    assert answer.json["applied"] is True
    assert answer.json["entered"] == [f"{demo.upper()}-0025"]
    assert len(answer.json["skipped"]) == 1  # the third row repeats the first
    assert ["身份证号" in problem for problem in answer.json["problems"]] == [True]
    copy = Path(answer.json["marked_copy"])
    assert copy == home / "outbox" / "退回-推荐汇总表.xlsx"
    comments = {cell.coordinate: cell.comment.text for line in load_workbook(copy).worksheets[0] for cell in line if cell.comment}
    assert list(comments) == ["D3"]
    assert "校验码" in comments["D3"]
    assert "已录入" not in answer.err


def test_a_row_that_the_command_refuses_is_marked_too(hallmark: Hallmark, demo: str, tmp_path: Path) -> None:
    first = nominations(tmp_path / "a.xlsx", row())
    assert hallmark("import", "nominations", first, "--round", demo, "--operator", DEMO_OPERATOR).status == 0
    second = nominations(tmp_path / "b.xlsx", row(技能工种="铸造工"))
    answer = hallmark("import", "nominations", second, "--round", demo, "--operator", DEMO_OPERATOR, "--json")
    assert (answer.status, answer.json["entered"]) == (1, [])
    assert "技能工种" in answer.json["problems"][0]
    assert "铸造工" not in answer.out
    assert Path(answer.json["marked_copy"]).is_file()


def test_import_has_the_boards_written_anew_or_says_when_they_will_be(
    hallmark: Hallmark, demo: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "名册.xlsx"
    write_rows("roster", file, synthetic_roster(Random(3)))

    def answer(round_slug: str | None = demo) -> str:
        where = ["--round", round_slug] if round_slug else []
        given = hallmark("import", "roster", file, "--operator", DEMO_OPERATOR, "--again", *where)
        assert given.status == 0
        return given.out

    runs: list[Any] = []
    with server([], made=runs) as api:
        monkeypatch.setenv("PREFECT_API_URL", api)
        assert "已请服务刷新看板" in answer()
        assert runs == [{"state": {"type": "SCHEDULED"}, "parameters": {"slug": ""}}]
        assert "看板" not in answer(None)  # no round has one there
        assert hallmark("import", "roster", file, "--operator", DEMO_OPERATOR, "--round", demo, "--dry-run").status == 0
    assert len(runs) == 1
    assert "看板还没有刷新（没有连上服务）：服务在运行时，下一次到期处理（每小时一次）自动刷新。" in answer()
    monkeypatch.delenv("PREFECT_API_URL")
    assert "看板还没有刷新" in answer()


def test_a_dry_run_changes_nothing(hallmark: Hallmark, demo: str, home: Path, tmp_path: Path) -> None:
    before = heads(home)
    file = nominations(tmp_path / "a.xlsx", row())
    answer = hallmark("import", "nominations", file, "--round", demo, "--operator", DEMO_OPERATOR, "--dry-run")
    assert answer.status == 0
    assert "只检查，未录入" in answer.out
    assert heads(home) == before


def test_the_same_file_twice_says_what_is_there_already(hallmark: Hallmark, demo: str, tmp_path: Path) -> None:
    file = nominations(tmp_path / "a.xlsx", row())
    arguments = ("import", "nominations", file, "--round", demo, "--operator", DEMO_OPERATOR)
    assert hallmark(*arguments).status == 0
    for sure in ((), ("--again",)):
        again = hallmark(*arguments, *sure, "--json")
        assert (again.status, again.json["entered"], len(again.json["skipped"])) == (0, [], 1)


def test_a_stranger_imports_nothing(hallmark: Hallmark, demo: str, home: Path, tmp_path: Path) -> None:
    before = heads(home)
    file = nominations(tmp_path / "a.xlsx", row())
    for operator in ("nobody", "JB04"):  # the second is finance only
        assert hallmark("import", "nominations", file, "--round", demo, "--operator", operator).status == 1
    assert heads(home) == before


def test_nominations_need_a_round(hallmark: Hallmark, tmp_path: Path) -> None:
    file = nominations(tmp_path / "a.xlsx", row())
    answer = hallmark("import", "nominations", file, "--operator", "JB01")
    assert answer.status == 2
    assert "--round" in answer.err or "届次" in answer.err


def test_score_sheets_without_a_seat_come_back(hallmark: Hallmark, demo: str, home: Path, tmp_path: Path) -> None:
    app = build(demo_settings(Settings(home=home)))
    with app.house.store.read() as connection:
        number = Records(connection).where(Nomination, round=demo)[0].number
    app.house.store.dispose()
    file = tmp_path / "评分表.xlsx"
    assert hallmark("template", "scores", file, "--round", demo).status == 0
    headers = [cell.value for cell in load_workbook(file).worksheets[0][1]]
    assert headers[:3] == ["专家编号", "申报编号", "技能水平"]
    write_scores(file, demo, home, number)
    answer = hallmark("import", "scores", file, "--round", demo, "--operator", DEMO_OPERATOR, "--json")
    assert (answer.status, answer.json["entered"]) == (1, [])
    assert "第2行" in answer.json["problems"][0]


def write_scores(file: Path, slug: str, home: Path, number: str) -> None:
    from flows.reading import find_round
    from states.frozen import frozen_programme

    app = build(demo_settings(Settings(home=home)))
    with app.house.store.read() as connection:
        rubric = frozen_programme(find_round(connection, slug).rules).review.rubric
    app.house.store.dispose()
    marks = {criterion.id: criterion.maximum for criterion in rubric}
    write_rows("scores", file, [ScoreRow.model_validate({"expert": "ZJ01", "nomination": number, "marks": marks})], rubric=rubric)


def test_enrol_gives_an_authenticators_address_and_keeps_no_secret(hallmark: Hallmark, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "名册.xlsx"
    write_rows("roster", file, synthetic_roster(Random(3)))
    hallmark("import", "roster", file, "--operator", "JB01")
    answer = hallmark("enrol", "JB02", "--operator", "JB01", "--json")
    assert answer.status == 0
    secret = pyotp.parse_uri(answer.json["uri"]).secret
    assert answer.json["operator"] == "JB02"
    for path in home.rglob("*"):
        assert not path.is_file() or secret.encode() not in path.read_bytes()
    assert hallmark("enrol", "nobody", "--operator", "JB01").status == 1


def test_read_back_template_is_refused_as_empty(hallmark: Hallmark, demo: str, tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    hallmark("template", "nominations", file)
    answer = hallmark("import", "nominations", file, "--round", demo, "--operator", DEMO_OPERATOR)
    assert answer.status == 1
    assert "只有表头" in answer.err


def test_what_was_imported_can_be_read_by_the_same_reader(tmp_path: Path) -> None:
    from tests.flows.hurried import TODAY

    file = tmp_path / "a.xlsx"
    write_rows("nominations", file, synthetic_candidates(Random(1), 3))
    assert len(read("nominations", file, today=TODAY).rows) == 3
