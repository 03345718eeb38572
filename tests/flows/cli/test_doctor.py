"""doctor: what is well, what is not, and what to do about it."""

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr

from config.settings import Settings
from flows.health import Level, check_up
from states.clock import VirtualClock
from tests.flows.cli.conftest import Hallmark

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
ALL = [
    "home",
    "outbox",
    "disk",
    "key",
    "database",
    "migrations",
    "triggers",
    "key_fits",
    "deliveries",
    "post",
    "clock",
    "channels",
    "contacts",
]


def levels(answer: Any) -> dict[str, str]:
    return {check["what"]: check["level"] for check in answer.json}


def test_doctor_makes_nothing_in_an_empty_place(hallmark: Hallmark, home: Path) -> None:
    answer = hallmark("doctor", "--json")
    assert answer.status == 0
    assert not home.exists()
    assert levels(answer)["home"] == "good"
    assert all(check["mend"] for check in answer.json if check["level"] != "good")


@pytest.mark.parametrize(
    ("table", "column", "told"),
    [
        ("round", "rules", ("contacts", "第1行")),
        ("round", "opens_on", ("contacts", "查不下去（ValueError，")),
        ("work_item", "kind", ("contacts", "查不下去（ValueError，")),
    ],
)
def test_doctor_of_damaged_rows_says_what_it_cannot_look_at_and_looks_at_the_rest(
    hallmark: Hallmark, demo: str, home: Path, table: str, column: str, told: tuple[str, str]
) -> None:
    with closing(sqlite3.connect(home / "demo.db")) as house, house:
        house.execute("PRAGMA ignore_check_constraints = ON")
        house.execute(f"UPDATE {table} SET {column} = '张建国: ['")  # noqa: S608 - words of this test
    answer = hallmark("doctor", "--json")
    found = {check["what"]: check for check in answer.json}
    assert answer.status == 1
    assert told[1] in found[told[0]]["found"]
    assert "张建国" not in answer.out
    assert {"home", "calendar_this_year", "prefect"} < set(found)


@pytest.mark.parametrize("noted", ["[]", "null", '"x"', "{"])
def test_doctor_of_a_damaged_note_of_the_service_goes_on(hallmark: Hallmark, demo: str, home: Path, noted: str) -> None:
    (home / "up.json").write_text(noted, encoding="utf-8")
    assert levels(hallmark("doctor", "--json"))["prefect"] == "warning"


def test_doctor_of_an_address_that_cannot_be_one_says_that_nobody_answers(
    hallmark: Hallmark, demo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://a..b/api")
    assert levels(hallmark("doctor", "--json"))["prefect"] == "broken"


def test_doctor_of_a_fresh_house_on_a_server_that_is_not_there_misses_no_key(
    hallmark: Hallmark, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HALLMARK_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    found = levels(hallmark("doctor", "--json"))
    assert (found["key"], found["database"]) == ("good", "broken")


def test_doctor_misses_a_database_whose_key_is_there(hallmark: Hallmark, home: Path) -> None:
    home.mkdir()
    (home / "vault.key").write_text("x", encoding="utf-8")
    (home / "vault.key").chmod(0o600)
    assert levels(hallmark("doctor", "--json"))["database"] == "warning"
    (home / "hallmark.db").mkdir()
    assert levels(hallmark("doctor", "--json"))["database"] == "broken"


def test_doctor_of_a_good_house_ends_with_0(hallmark: Hallmark, demo: str) -> None:
    answer = hallmark("doctor", "--json")
    assert answer.status == 0
    assert [check["what"] for check in answer.json][: len(ALL)] == ALL
    assert {level for what, level in levels(answer).items() if what in ALL and what != "channels"} == {"good"}
    assert levels(answer)["channels"] == levels(answer)["prefect"] == "warning"
    assert "outbox/mail" in hallmark("doctor").out


def test_doctor_says_that_the_demo_takes_no_channel_of_this_environment(
    hallmark: Hallmark, demo: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found() -> dict[str, Any]:
        return next(check for check in hallmark("doctor", "--json").json if check["what"] == "channels")

    files = f"演示不向任何人发送，消息都写成文件放在 {home / 'outbox' / 'mail'}"
    assert (found()["level"], found()["found"]) == ("warning", files)
    monkeypatch.setenv("HALLMARK_CHANNELS", "/etc/hallmark/channels.yaml")
    assert found()["found"] == f"{files}，不用 HALLMARK_CHANNELS 所指的 /etc/hallmark/channels.yaml"
    assert "不带 --demo" in found()["mend"]


def test_doctor_knows_a_channel_of_the_houses_own(hallmark: Hallmark, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "plugins").mkdir(parents=True)
    page = "from apprise.decorators import notify\n\n\n@notify(on='hpager')\ndef page(body, title, *args, **kwargs):\n    return False\n"
    (home / "plugins" / "pager.py").write_text(page, encoding="utf-8")
    file = tmp_path / "channels.yaml"
    file.write_text("channels:\n  - name: pager\n    kind: apprise\n    url: hpager://office/{to}\n", encoding="utf-8")
    monkeypatch.setenv("HALLMARK_CHANNELS", str(file))
    assert levels(hallmark("doctor", "--json"))["channels"] == "good"


def test_doctor_names_whom_no_message_can_reach(hallmark: Hallmark, demo: str, home: Path) -> None:
    line = hallmark("board", demo, "--json").json["overdue"][0]
    with closing(sqlite3.connect(home / "demo.db")) as house, house:
        house.execute("DELETE FROM contact WHERE party = (SELECT owner FROM work_item WHERE id = ?)", (line["id"],))
    answer = hallmark("doctor", "--json")
    [check] = [check for check in answer.json if check["what"] == "contacts"]
    assert (answer.status, check["level"]) == (0, "warning")
    assert check["found"] == f"没有联系方式：{line['owner']}，催办和升级只写成文件（outbox/mail），须有人转交"
    assert "import-roster" in check["mend"]
    board = hallmark("board").out
    assert f"⚠ 没有联系方式：{line['owner']}。给他们的催办和升级只写成文件（outbox/mail），须有人转交。请在名册里" in board
    assert "送不到" not in board


def test_doctor_names_an_owner_who_has_left_and_how_to_hand_over(hallmark: Hallmark, demo: str, home: Path) -> None:
    line = hallmark("board", demo, "--json").json["overdue"][0]
    with closing(sqlite3.connect(home / "demo.db")) as house, house:
        house.execute("UPDATE party SET valid_to = '2020-01-01' WHERE id = (SELECT owner FROM work_item WHERE id = ?)", (line["id"],))
    [check] = [check for check in hallmark("doctor", "--json").json if check["what"] == "contacts"]
    assert check["found"] == f"不在任也没有代理人：{line['owner']}，催办和升级送不到"
    assert check["mend"].startswith("不在任的，请办理 reassign-work 移交")


def test_doctor_names_a_channel_plugin_that_cannot_be_run(hallmark: Hallmark, demo: str, home: Path) -> None:
    (home / "plugins").mkdir()
    (home / "plugins" / "broken.py").write_text("import nosuch", encoding="utf-8")
    answer = hallmark("doctor", "--json")
    [check] = [check for check in answer.json if check["what"] == "channels"]
    assert check["level"] == "broken"
    assert check["found"].endswith("broken.py 第 1 行：这个渠道插件运行不了（ModuleNotFoundError）")
    assert check["mend"] == "请照 docs/channels.zh-CN.md 里的例子改正，或移走这个文件"
    refused = hallmark("board")
    assert refused.status == 1
    assert "broken.py 第 1 行：这个渠道插件运行不了" in refused.err


def test_doctor_finds_a_key_that_others_can_read(hallmark: Hallmark, demo: str, home: Path) -> None:
    (home / "vault.key").chmod(0o644)
    answer = hallmark("doctor", "--json")
    assert answer.status == 1
    check = next(check for check in answer.json if check["what"] == "key")
    assert check["level"] == "broken"
    assert "chmod 600" in check["mend"]


def test_doctor_finds_a_lost_key_a_wrong_one_and_one_that_is_none(hallmark: Hallmark, demo: str, home: Path) -> None:
    key = home / "vault.key"
    right = key.read_bytes()
    key.unlink()
    assert levels(hallmark("doctor", "--json"))["key"] == "broken"
    key.touch(mode=0o600)
    assert levels(hallmark("doctor", "--json"))["key"] == "broken"
    key.write_bytes(b"A" * 43 + b"=")
    found = levels(hallmark("doctor", "--json"))
    assert (found["key"], found["key_fits"]) == ("good", "broken")
    key.write_bytes(right)
    assert hallmark("doctor").status == 0


def test_doctor_does_not_call_a_key_wrong_because_of_damaged_rows(hallmark: Hallmark, demo: str, home: Path) -> None:
    with closing(sqlite3.connect(home / "demo.db")) as connection, connection:
        connection.execute("UPDATE person SET body = 'bm90aGluZw=='")
    assert levels(hallmark("doctor", "--json"))["key_fits"] == "good"


def test_doctor_finds_a_dropped_trigger(hallmark: Hallmark, demo: str, home: Path) -> None:
    with sqlite3.connect(home / "demo.db") as connection:
        connection.execute("DROP TRIGGER ledger_no_update")
    connection.close()
    answer = hallmark("doctor")
    assert answer.status == 1
    assert "故障 台账保护：触发器缺失或被改动：ledger_no_update" in answer.out


def test_doctor_finds_an_old_schema_and_a_damaged_database(hallmark: Hallmark, demo: str, home: Path) -> None:
    with sqlite3.connect(home / "demo.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.close()
    assert levels(hallmark("doctor", "--json"))["migrations"] == "warning"
    (home / "hallmark.db").write_bytes(b"garbage" * 1000)
    settings = Settings(home=home)
    found = {check.what: check.level for check in check_up(settings, VirtualClock(NOW))}
    assert found["database"] is Level.BROKEN


def test_doctor_counts_messages_that_did_not_arrive(hallmark: Hallmark, demo: str, home: Path) -> None:
    with sqlite3.connect(home / "demo.db") as connection:
        connection.execute(
            "INSERT INTO delivery (id, round, recipient, channel, tried, status, attempts, due_at, holder, answer, in_ledger)"
            " VALUES ('d', ?, 'JD01', 'mail', '[]', 'unknown', 1, '2026-11-01 00:00:00', '', '', 0)",
            (demo,),
        )
    connection.close()
    answer = hallmark("doctor", "--json")
    assert (answer.status, levels(answer)["deliveries"]) == (0, "warning")


def test_doctor_quotes_what_is_wrong_with_the_channels(hallmark: Hallmark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    channels = tmp_path / "channels.yaml"
    channels.write_text("channels:\n  - name: mail\n    kind: mail\n    url: hmail://${HALLMARK_NOT_SET}\n")
    monkeypatch.setenv("HALLMARK_CHANNELS", str(channels))
    answer = hallmark("doctor")
    assert answer.status == 1
    assert "HALLMARK_NOT_SET" in answer.out


def test_doctor_names_a_place_for_alarms_that_is_no_channel(hallmark: Hallmark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    channels = tmp_path / "channels.yaml"
    channels.write_text("channels:\n  - {name: duty, kind: web, url: 'hjson://127.0.0.1/alarms'}\n", encoding="utf-8")
    monkeypatch.setenv("HALLMARK_CHANNELS", str(channels))
    monkeypatch.setenv("HALLMARK_ALERTS", "duty")
    assert levels(hallmark("doctor", "--json"))["channels"] == "good"
    monkeypatch.setenv("HALLMARK_ALERTS", "dutty, duty")
    assert "HALLMARK_ALERTS 里的“dutty”不是渠道名；最接近的是“duty”" in hallmark("doctor").out


def test_doctor_says_that_alarms_reach_nobody_without_a_channel(hallmark: Hallmark, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALLMARK_ALERTS", "mail:duty@example.com")
    answer = hallmark("doctor")
    assert answer.status == 0
    assert "；HALLMARK_ALERTS 里的 mail:duty@example.com 也收不到告警。" in answer.out


def test_doctor_names_the_line_of_a_bad_url_and_one_mend(hallmark: Hallmark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    channels = tmp_path / "channels.yaml"
    channels.write_text("channels:\n  - name: mail\n    kind: mail\n    url: hmail://smtp.example.com/\n", encoding="utf-8")
    monkeypatch.setenv("HALLMARK_CHANNELS", str(channels))
    [check] = [check for check in hallmark("doctor", "--json").json if check["what"] == "channels"]
    assert check["found"] == f"{channels} 第 4 行，字段 url：缺少发件地址，请加上 ?from=office@example.com"
    assert check["mend"] == "请照 channels.yaml 里的例子改正"


def test_doctor_says_which_mend_is_for_which_fault_of_the_channels(
    hallmark: Hallmark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    channels = tmp_path / "channels.yaml"
    channels.write_text(
        "channels:\n  - {name: phone, kind: mail, url: 'hmail://x'}\n  - name: oa\n    kind: file\n    limit: 1\n", encoding="utf-8"
    )
    monkeypatch.setenv("HALLMARK_CHANNELS", str(channels))
    [check] = [check for check in hallmark("doctor", "--json").json if check["what"] == "channels"]
    assert check["mend"] == (
        "第 2 行，字段 name：请把 name 改为 mail 或别的名称，或把 kind 改为能送到的；第 5 行，字段 limit：请写不小于 100 的整数（字节），或去掉这一项"
    )


def test_doctor_warns_of_a_password_in_the_channels_file(hallmark: Hallmark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    channels = tmp_path / "channels.yaml"
    channels.write_text("channels:\n  - {name: mail, kind: mail, url: 'hmails://u:geheim@127.0.0.1/?from=a@b.example'}\n", encoding="utf-8")
    monkeypatch.setenv("HALLMARK_CHANNELS", str(channels))
    answer = hallmark("doctor")
    assert "注意 渠道密码：channels.yaml 里直接写着密码或密钥：mail（第 2 行）。请把它放进环境变量" in answer.out
    assert "geheim" not in answer.out + answer.err
    assert (answer.status, levels(hallmark("doctor", "--json"))["channels"]) == (0, "good")


def test_doctor_ends_each_sentence_once(hallmark: Hallmark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    days, channels = tmp_path / "days.yaml", tmp_path / "channels.yaml"
    days.write_text("dayz: []\nyears:\n  - {year: x, source: y}\n", encoding="utf-8")
    channels.write_text("channels:\n  - {name: A, kind: pigeon}\n", encoding="utf-8")
    monkeypatch.setenv("HALLMARK_CALENDAR_OVERRIDES", str(days))
    monkeypatch.setenv("HALLMARK_CHANNELS", str(channels))
    out = hallmark("doctor").out
    assert "故障 节假日：工作日补充安排 days.yaml 有 2 处问题：days.yaml 第1行：“dayz”" in out
    assert not re.search("[。；：，]{2}", out)


def test_a_year_that_is_not_announced_is_worth_knowing(home: Path) -> None:
    found = {check.what: check for check in check_up(Settings(home=home), VirtualClock(datetime(2040, 1, 5, tzinfo=UTC)))}
    assert (found["calendar_this_year"].level, found["calendar_this_year"].title) == (Level.WARNING, "2040 年节假日")
    known = {check.what: check for check in check_up(Settings(home=home), VirtualClock(datetime(2025, 1, 5, tzinfo=UTC)))}
    assert (known["calendar_this_year"].level, known["calendar_next_year"].level) == (Level.GOOD, Level.GOOD)


def test_the_year_is_that_of_beijing(home: Path) -> None:
    found = check_up(Settings(home=home), VirtualClock(datetime(2025, 12, 31, 16, 30, tzinfo=UTC)))
    assert [check.title for check in found if check.what == "calendar_this_year"] == ["2026 年节假日"]


def test_the_mend_of_an_unknown_year_names_the_file_of_the_house(home: Path, tmp_path: Path) -> None:
    own = tmp_path / "days.yaml"
    own.write_text("days: []\n", encoding="utf-8")

    def mends(settings: Settings) -> list[str]:
        later = VirtualClock(datetime(2035, 1, 1, tzinfo=UTC))
        return [check.mend for check in check_up(settings, later) if check.what.startswith("calendar")]

    assert all(str(own) in mend and "config/" not in mend for mend in mends(Settings(home=home, calendar_overrides=own)))
    assert all("config/calendar_overrides.yaml" in mend for mend in mends(Settings(home=home)))


def test_doctor_names_the_lines_of_working_days_that_are_most_likely_slips(tmp_path: Path) -> None:
    own = tmp_path / "days.yaml"
    own.write_text("days:\n  - {date: 2072-01-01, kind: 休, source: 甲}\n  - {date: 2027-03-08, kind: 班, source: 甲}\n", encoding="utf-8")
    found = check_up(Settings(home=tmp_path, calendar_overrides=own), VirtualClock(datetime(2026, 11, 27, tzinfo=UTC)))
    (check,) = [each for each in found if each.what == "calendar_overrides"]
    assert check.level == Level.WARNING
    assert check.found == "days.yaml 第2行：2072-01-01（周五）在两年多以后；days.yaml 第3行：2027-03-08（周一）本来就上班，这一条不起作用"
    assert check.mend == "请核对年份；请核对日期和 kind，不需要的删去"


def test_a_clock_that_no_longer_ticks_is_broken(hallmark: Hallmark, demo: str, home: Path) -> None:
    with sqlite3.connect(home / "demo.db") as connection:
        connection.execute("UPDATE heartbeat SET at = datetime('now', '-3 hours')")
    connection.close()
    answer = hallmark("doctor")
    assert answer.status == 1
    assert f"故障 到期处理：{demo} 已超过 2 小时没有走动" in answer.out
    assert hallmark("board", demo).out.startswith("⚠ 时钟已停")


def test_little_room_on_the_disk_is_found(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def levels_with(free: int) -> Level:
        monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=free))
        return next(check.level for check in check_up(Settings(home=home), VirtualClock(NOW)) if check.what == "disk")

    assert [levels_with(free << 20) for free in (5000, 500, 50)] == [Level.GOOD, Level.WARNING, Level.BROKEN]


def test_a_full_disk_below_a_database_elsewhere_is_found(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=(50 if folder == elsewhere else 5000) << 20))
    settings = Settings(home=home, database_url=SecretStr(f"sqlite:///{elsewhere / 'house.db'}"))
    (disk,) = (check for check in check_up(settings, VirtualClock(NOW)) if check.what == "disk")
    assert (disk.level, disk.found) == (Level.BROKEN, f"{elsewhere} 剩余 50 MB")
