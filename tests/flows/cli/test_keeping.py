"""verify, export, backup, restore: that nothing is lost or changed."""

import json
import sqlite3
import stat
import zipfile
from pathlib import Path
from random import Random

import pytest
from filelock import FileLock
from openpyxl import load_workbook

from config.loader import parse_programme
from config.settings import Settings
from flows.backups import is_demo
from flows.bootstrap import build
from flows.workbooks import write_rows
from flows.workbooks.synthetic_roster import synthetic_roster
from states.ledger import GENESIS_DOMAIN, digest, entry_hash
from tests.flows.cli.conftest import DEMO_OPERATOR, Hallmark
from tests.flows.cli.test_looking import names_in


def tamper(database: Path, statement: str) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute(statement)
    connection.close()


def test_verify_gives_the_heads_of_all_chains(hallmark: Hallmark, demo: str) -> None:
    found = hallmark("verify", "--json")
    assert found.status == 0
    assert (found.json["verified"], found.json["chains"], found.json["findings"]) == (True, 2, [])
    assert [head["chain"] for head in found.json["heads"]] == [demo, "house"]
    assert sum(head["entries"] for head in found.json["heads"]) == found.json["entries"]
    one = hallmark("verify", demo, "--json").json
    assert one["heads"] == found.json["heads"]
    shown = hallmark("verify", demo).out
    assert f"  {demo}：" in shown
    assert "  全馆（名册、动态码）：" in shown
    assert one["verified"] is True


def test_verify_ends_with_1_and_names_what_was_changed(hallmark: Hallmark, demo: str, home: Path) -> None:
    tamper(home / "demo.db", "UPDATE nomination SET state = 'qualified' WHERE number LIKE '%-0001'")
    answer = hallmark("verify")
    assert answer.status == 1
    assert "1 处不符" in answer.out
    assert "-0001" in answer.out


def test_export_writes_the_workbook_masked_and_the_ledger_whole(hallmark: Hallmark, demo: str, home: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    answer = hallmark("export", demo, "--out", out, "--json")
    assert answer.status == 0
    assert answer.json["round"] == demo
    assert [Path(path).name for path in answer.json["out"]] == [
        f"申报情况-{demo}.xlsx",
        f"ledger-{demo}.jsonl",
        f"programme-{demo}.yaml",
    ]
    book = load_workbook(answer.json["out"][0])
    assert book.sheetnames == ["申报", "审核意见", "待遇"]
    assert (book["申报"].max_row, book["审核意见"].max_row) == (25, 24 * 13 + 1)
    text = "".join(str(cell) for page in book.worksheets for line in page.iter_rows(values_only=True) for cell in line)
    names = names_in(home)
    assert not [name for name in names if name in text]
    ledger = (out / f"ledger-{demo}.jsonl").read_text(encoding="utf-8")
    assert not [name for name in names if name in ledger]
    head = digest(GENESIS_DOMAIN, demo, (out / f"programme-{demo}.yaml").read_text(encoding="utf-8"))
    for line in ledger.splitlines():
        entry = json.loads(line)
        assert (entry["prev"], entry["hash"]) == (head, entry_hash(entry))
        head = entry["hash"]
    assert head == hallmark("verify", demo, "--json").json["heads"][0]["head"]
    assert parse_programme((out / f"programme-{demo}.yaml").read_text(encoding="utf-8"), "x").slug == demo


def test_export_with_names_is_asked_for(hallmark: Hallmark, demo: str, home: Path, tmp_path: Path) -> None:
    answer = hallmark("export", demo, "--out", tmp_path / "out", "--names", "--json")
    page = load_workbook(answer.json["out"][0])["申报"]
    column = [cell.value for cell in page["B"]][1:]
    assert len(column) == 24
    assert set(column) <= set(names_in(home))


def test_export_into_a_file_is_refused(hallmark: Hallmark, demo: str, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    assert hallmark("export", demo, "--out", tmp_path / "out").status == 2
    assert hallmark("export", demo, "--out", tmp_path / "out" / "below").status == 1


def test_backup_has_no_key_and_only_its_owner_reads_it(hallmark: Hallmark, demo: str, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "b" / "backup.zip"
    answer = hallmark("backup", file, "--json")
    assert answer.status == 0
    assert answer.json["with_key"] is False
    assert set(zipfile.ZipFile(file).namelist()) == {"hallmark.db", "manifest.json"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]
    assert hallmark("backup", file).status == 1
    assert hallmark("backup", file, "--with-key", "--force").status == 0
    assert "vault.key" in zipfile.ZipFile(file).namelist()


def test_backup_is_consistent_while_somebody_writes(hallmark: Hallmark, demo: str, home: Path, tmp_path: Path) -> None:
    writer = sqlite3.connect(home / "demo.db", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE nomination SET version = version + 1")
    try:
        assert hallmark("backup", tmp_path / "b.zip", "--with-key").status == 0
    finally:
        writer.execute("ROLLBACK")
        writer.close()
    answer = hallmark("restore", tmp_path / "b.zip", "--replace", "--json")
    assert (answer.status, answer.json["verified"]) == (0, True)


def test_restore_into_an_empty_home_with_the_archives_key(
    hallmark: Hallmark, demo: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hallmark("backup", tmp_path / "b.zip", "--with-key")
    before = hallmark("show", f"{demo.upper()}-0004", "--json").json
    other = tmp_path / "other"
    monkeypatch.setenv("HALLMARK_HOME", str(other))
    answer = hallmark("restore", tmp_path / "b.zip", "--json")
    assert answer.status == 0
    assert (answer.json["in_place"], answer.json["verified"], answer.json["set_aside"]) == (True, True, None)
    assert stat.S_IMODE((other / "vault.key").stat().st_mode) == 0o600
    assert hallmark("show", f"{demo.upper()}-0004", "--json").json == before


def test_restore_without_any_key_is_refused(hallmark: Hallmark, demo: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hallmark("backup", tmp_path / "b.zip")
    other = tmp_path / "other"
    monkeypatch.setenv("HALLMARK_HOME", str(other))
    answer = hallmark("restore", tmp_path / "b.zip")
    assert answer.status == 1
    assert "vault.key" in answer.err
    assert [path.name for path in other.iterdir() if path.suffix in (".db", ".key")] == []


def test_restore_with_another_houses_key_is_found_out(
    hallmark: Hallmark, demo: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hallmark("backup", tmp_path / "b.zip")
    other = tmp_path / "other"
    monkeypatch.setenv("HALLMARK_HOME", str(other))
    build(Settings(home=other)).house.store.dispose()
    (other / "hallmark.db").unlink()
    answer = hallmark("restore", tmp_path / "b.zip", "--json")
    assert (answer.status, answer.json["in_place"]) == (1, False)
    assert len(answer.json["findings"]) >= 24
    assert list(other.glob("*.db")) == []


def test_restore_replaces_only_when_told_and_keeps_what_was_there(hallmark: Hallmark, demo: str, home: Path, tmp_path: Path) -> None:
    hallmark("backup", tmp_path / "b.zip")
    (home / "demo.db").unlink()
    assert hallmark("restore", tmp_path / "b.zip").status == 0
    refused = hallmark("restore", tmp_path / "b.zip")
    assert refused.status == 1
    assert f"hallmark restore {tmp_path / 'b.zip'} --replace" in refused.err
    answer = hallmark("restore", tmp_path / "b.zip", "--replace", "--json")
    assert answer.status == 0
    assert Path(answer.json["set_aside"]).is_file()
    again = hallmark("restore", tmp_path / "b.zip", "--replace", "--json")
    assert again.json["set_aside"] != answer.json["set_aside"]


def own_roster(hallmark: Hallmark, folder: Path) -> None:
    write_rows("roster", folder / "roster.xlsx", synthetic_roster(Random(7)))
    assert hallmark("import", "roster", folder / "roster.xlsx", "--operator", DEMO_OPERATOR).status == 0


def test_restore_of_the_demo_goes_where_the_demo_lives(hallmark: Hallmark, demo: str, home: Path, tmp_path: Path) -> None:
    hallmark("backup", tmp_path / "b.zip")
    own_roster(hallmark, tmp_path)
    (home / "demo.db").unlink()
    real = (home / "hallmark.db").read_bytes()
    answer = hallmark("restore", tmp_path / "b.zip", "--json")
    assert (answer.status, answer.json["database"], answer.json["set_aside"]) == (0, str(home / "demo.db"), None)
    assert (is_demo(home / "demo.db"), is_demo(home / "hallmark.db")) == (True, False)
    assert (home / "hallmark.db").read_bytes() == real
    assert hallmark("board", demo).status == 0


def test_restore_of_a_real_house_beside_the_demo_goes_to_its_own_place(
    hallmark: Hallmark, demo: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_roster(hallmark, tmp_path)
    with monkeypatch.context() as there:
        there.setenv("HALLMARK_DATABASE_URL", f"sqlite:///{home / 'hallmark.db'}")
        assert hallmark("backup", tmp_path / "real.zip").status == 0
    answer = hallmark("restore", tmp_path / "real.zip", "--replace")
    assert (answer.status, f"已恢复到 {home / 'hallmark.db'}。" in answer.out) == (0, True)
    assert is_demo(home / "demo.db") is True


def test_restore_of_the_demo_over_a_real_house_is_refused(
    hallmark: Hallmark, demo: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hallmark("backup", tmp_path / "b.zip")
    own_roster(hallmark, tmp_path)
    monkeypatch.setenv("HALLMARK_DATABASE_URL", f"sqlite:///{home / 'hallmark.db'}")
    refused = hallmark("restore", tmp_path / "b.zip", "--replace", "--even-so")
    assert refused.status == 1
    assert "里是演示数据" in refused.err
    assert "里是正式数据" in refused.err
    assert "--across" in refused.err
    assert (is_demo(home / "hallmark.db"), list(home.glob("*before-restore*"))) == (False, [])
    answer = hallmark("restore", tmp_path / "b.zip", "--replace", "--across", "--json")
    assert (answer.status, is_demo(home / "hallmark.db"), is_demo(Path(answer.json["set_aside"]))) == (0, True, False)


def test_restore_of_a_real_house_over_the_demo_is_refused(
    hallmark: Hallmark, demo: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_roster(hallmark, tmp_path)
    monkeypatch.setenv("HALLMARK_DATABASE_URL", f"sqlite:///{home / 'hallmark.db'}")
    assert hallmark("backup", tmp_path / "real.zip").status == 0
    monkeypatch.setenv("HALLMARK_DATABASE_URL", f"sqlite:///{home / 'demo.db'}")
    refused = hallmark("restore", tmp_path / "real.zip", "--replace")
    assert refused.status == 1
    assert "里是正式数据" in refused.err
    assert is_demo(home / "demo.db") is True


def test_restore_of_a_tampered_house_changes_nothing_unless_told(hallmark: Hallmark, demo: str, home: Path, tmp_path: Path) -> None:
    tamper(home / "demo.db", "UPDATE party SET parent = NULL WHERE id = 'JD01'")
    hallmark("backup", tmp_path / "b.zip")
    (home / "demo.db").unlink()
    answer = hallmark("restore", tmp_path / "b.zip", "--json")
    assert (answer.status, answer.json["in_place"], answer.json["verified"]) == (1, False, False)
    assert list(home.glob("*.db")) == []
    forced = hallmark("restore", tmp_path / "b.zip", "--even-so", "--json")
    assert (forced.status, forced.json["in_place"]) == (1, True)
    assert [path.name for path in home.glob("*.db")] == ["demo.db"]


def test_restore_waits_for_no_running_service(hallmark: Hallmark, demo: str, home: Path, tmp_path: Path) -> None:
    hallmark("backup", tmp_path / "b.zip")
    with FileLock(home / "up.lock"):
        answer = hallmark("restore", tmp_path / "b.zip")
    assert answer.status == 1
    assert "正在运行" in answer.err


def test_restore_sets_a_damaged_database_aside(hallmark: Hallmark, demo: str, home: Path, tmp_path: Path) -> None:
    hallmark("backup", tmp_path / "b.zip")
    (home / "demo.db").write_bytes(b"garbage" * 1000)
    answer = hallmark("restore", tmp_path / "b.zip", "--replace", "--json")
    assert answer.status == 0
    assert Path(answer.json["set_aside"]).read_bytes().startswith(b"garbage")
    assert hallmark("board", demo).status == 0


@pytest.mark.parametrize("damage", ["cut", "text", "strange"])
def test_restore_refuses_what_is_no_backup_of_ours(hallmark: Hallmark, demo: str, home: Path, tmp_path: Path, damage: str) -> None:
    file = tmp_path / "b.zip"
    hallmark("backup", file)
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:-2000])
    elif damage == "text":
        file.write_text("not an archive")
    else:
        with zipfile.ZipFile(file, "a") as archive:
            archive.writestr("../outside", b"x")
    answer = hallmark("restore", file)
    assert answer.status == 1
    assert "b.zip" in answer.err
    assert not (home / "hallmark.db").exists()


def test_restore_refuses_a_database_that_is_not_the_manifests(hallmark: Hallmark, demo: str, home: Path, tmp_path: Path) -> None:
    hallmark("backup", tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("manifest.json", parts["manifest.json"])
        archive.writestr("hallmark.db", parts["hallmark.db"] + b"\0")
    answer = hallmark("restore", tmp_path / "c.zip")
    assert answer.status == 1
    assert "清单不符" in answer.err


def test_backup_of_nothing_is_refused(hallmark: Hallmark, tmp_path: Path) -> None:
    answer = hallmark("backup", tmp_path / "b.zip")
    assert answer.status == 1
    assert not (tmp_path / "b.zip").exists()


def test_another_database_than_sqlite_is_left_to_its_own_tools(hallmark: Hallmark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALLMARK_DATABASE_URL", "postgresql://127.0.0.1:9/none")
    (tmp_path / "b.zip").write_bytes(b"x")
    for arguments in (("backup", tmp_path / "c.zip"), ("restore", tmp_path / "b.zip")):
        answer = hallmark(*arguments)
        assert answer.status == 1
        assert "pg_dump" in answer.err
