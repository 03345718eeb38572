"""A workbook of another round: a remark for every sign of it, and nothing is lost."""

from pathlib import Path
from typing import Any

import pytest
from prefect.client.schemas.objects import State

from flows import desk, intake
from flows.bootstrap import App
from flows.importing import ImportKind, Signed, import_workbook
from flows.workbooks import read
from flows.workbooks.around import Marks, of_other_rounds
from tests.flows.conftest import OPERATOR, SLUG
from tests.flows.hurried import HEADERS, TODAY, row, write

HERE, LAST = Marks("bjgj-2023", "BJGJ-2023", 4, 2023), Marks("bjgj-2022", "BJGJ-2022", 3, 2022)
MEND = "请核对是不是拿错了表；没有拿错的不必理会"


def remarks(path: Path) -> list[str]:
    return list(map(str, of_other_rounds(read("nominations", path, today=TODAY), HERE, (HERE, LAST))))


def sheet(folder: Path, *above: object, below: str = "", name: str = "推荐汇总表", title: str = "推荐汇总表") -> Path:
    notes = [[None, below]] if below else []
    return write(folder / f"{name}.xlsx", [*([text] for text in above), HEADERS, row(推荐单位="滨江区长河街道总工会"), *notes], title)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2022年度滨江工匠推荐汇总表", "写着2022年，本届是2023年的"),
        ("填表日期：2022-06-20", "写着2022年，本届是2023年的"),
        ("填表日期：２０２２．６．２０", "写着2022年，本届是2023年的"),
        ("第三届“滨江工匠”推荐汇总表", "写着第3届，本届是第4届"),
        ("第 十二 届推荐汇总表", "写着第12届，本届是第4届"),
        ("编号范围 bjgj-2022-0001 起", "写着“bjgj-2022”届的名称或编号，本届是“bjgj-2023”"),
    ],
)
def test_title_of_another_round_is_remarked_on(tmp_path: Path, text: str, said: str) -> None:
    found = remarks(sheet(tmp_path, text))
    assert f"“推荐汇总表”第1行：{said}；{MEND}" in found
    assert not any(text in each for each in found)


def test_notes_names_of_sheets_and_the_files_name_are_looked_through_too(tmp_path: Path) -> None:
    file = sheet(tmp_path, below="注：2021年5月填报", name="推荐汇总表2022", title="第三届")
    assert remarks(file) == [
        f"“文件名”：写着2022年，本届是2023年的；{MEND}",
        f"“第三届”：写着第3届，本届是第4届；{MEND}",
        f"“第三届”第3行：写着2021年，本届是2023年的；{MEND}",
    ]


@pytest.mark.parametrize(
    "text", ["第四届“滨江工匠”推荐汇总表", "第4届 2023年6月", "2024年前报送", "联系电话 0571-20220000", "BJGJ-20221", "第一批"]
)
def test_sheet_of_this_round_is_not_remarked_on(tmp_path: Path, text: str) -> None:
    assert remarks(sheet(tmp_path, text)) == []


def test_result_of_the_command_line_has_the_remarks_and_takes_the_rows(opened: App, tmp_path: Path) -> None:
    file = sheet(tmp_path, "第三届“滨江工匠”推荐汇总表")
    imported = import_workbook(opened, ImportKind.NOMINATIONS, file, SLUG, Signed(OPERATOR), dry_run=False)
    assert (len(imported.entered), imported.problems) == (1, ())
    assert f"“推荐汇总表”第1行：写着第3届，本届是第4届；{MEND}" in imported.warnings


async def test_result_on_the_dashboard_has_the_remarks_without_the_senders_words(opened: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "build", lambda: opened)
    sheet(opened.settings.inbox, "张建国填报，2022年", title="张建国的表")
    state: State[Any] = await intake.import_nominations.fn(SLUG, OPERATOR, "推荐汇总表.xlsx")
    assert state.name == "已办理"
    assert str(state.message).startswith("录入 1 份申报")
    assert f"提醒 “工作表”第1行：写着2022年，本届是2023年的；{MEND}" in str(state.message)
    assert "张建国" not in str(state.message)
