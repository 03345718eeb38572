"""Folders that cannot be used, at the command line: named before business needs them, and no reason to hide what was done."""

from pathlib import Path

from config.settings import Settings
from flows.bootstrap import build
from tests.flows.cli.conftest import DEMO_OPERATOR, Hallmark
from tests.flows.hurried import nominations, row


def test_doctor_names_an_outbox_that_cannot_be_written(hallmark: Hallmark, home: Path) -> None:
    build(Settings()).house.store.dispose()
    (home / "outbox" / "mail").mkdir(parents=True, exist_ok=True)
    assert "outbox" not in {check["what"] for check in hallmark("doctor", "--json").json if check["level"] != "good"}
    (home / "outbox" / "mail").rmdir()
    (home / "outbox").rmdir()
    (home / "outbox").write_text("a file where the folder should be")
    answer = hallmark("doctor", "--json")
    (found,) = (check for check in answer.json if check["what"] == "outbox")
    assert (answer.status, found["level"]) == (1, "broken")
    assert str(home / "outbox") in found["found"]


def test_rows_that_went_in_are_told_though_no_marked_copy_could_be_written(
    hallmark: Hallmark, demo: str, home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "推荐.xlsx"
    nominations(file, row(), row(姓名="林小红", 身份证号="1"))
    (home / "outbox" / "退回-推荐.xlsx").mkdir(parents=True)
    answer = hallmark("import", "nominations", file, "--round", demo, "--operator", DEMO_OPERATOR, "--json")
    assert (answer.status, answer.json["applied"], len(answer.json["entered"]), answer.json["marked_copy"]) == (1, True, 1, None)
    assert "标注了错误的副本未能写入 outbox（是文件夹，不是文件），请检查磁盘和权限" in answer.json["warnings"]
