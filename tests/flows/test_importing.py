"""A workbook that comes before the clock has opened the round on its day."""

from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from config.loader import find_programme, read_text
from flows.bootstrap import App
from flows.converting import roster_entries
from flows.importing import ImportKind, Signed, import_workbook
from flows.workbooks.synthetic_roster import synthetic_roster
from states.clock import VirtualClock
from states.commands.roster import ImportRoster
from states.commands.rounds import OpenRound
from tests.flows.conftest import OPERATOR, SLUG, Give
from tests.flows.hurried import HEADERS, row, write


@pytest.mark.parametrize("dry_run", [True, False])
def test_import_on_the_opening_day_names_what_was_entered_and_says_what_was_done_first(
    app: App, give: Give, who: dict[str, Any], clock: VirtualClock, tmp_path: Path, dry_run: bool
) -> None:
    give(ImportRoster(operator=OPERATOR, entries=roster_entries(synthetic_roster(Random(3)))))
    give(OpenRound(**who, rules=read_text(find_programme("binjiang-craftsman-2023")), opens_on=date(2023, 6, 7)))
    clock.move_to(datetime(2023, 6, 6, 16, 1, tzinfo=UTC))
    file = write(tmp_path / "推荐汇总表.xlsx", [HEADERS, row(推荐单位="滨江区长河街道总工会"), row(姓名="")], "推荐汇总表")
    imported = import_workbook(app, ImportKind.NOMINATIONS, file, SLUG, Signed(OPERATOR), dry_run=dry_run)
    assert imported.entered == ("BJGJ-2023-0001",)
    assert imported.summary == "录入 1 份申报，重复略过 0 行，退回 0 行（启动日已到，先行启动本届），不能读取 1 行"
    assert len(imported.problems) == 1
