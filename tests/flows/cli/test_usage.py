"""Wrong usage, refusals and breakages: an exit status and one Chinese sentence, never a traceback."""

import errno
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from config.os_errors import why
from flows.cli import app
from tests.flows.cli.conftest import Hallmark

COMMANDS = [
    *("up", "check", "simulate", "plan", "template", "import", "enrol", "board", "show", "roster"),
    *("verify", "notifications", "preview", "workdays", "export", "doctor", "backup", "restore"),
]
WRONG = (
    (("nonsense",), "没有命令“nonsense”"),
    (("bord",), "没有命令“bord”，是不是 board？"),
    (("bord",), "是不是 board？用法见 hallmark --help。"),
    (("board", "--foo"), "没有选项 --foo；用法见 hallmark board --help。"),
    (("board", "--josn"), "没有选项 --josn，是不是 --json？用法见 hallmark board --help。"),
    (("board", "--json=3"), "选项 --json 后面不写值；用法见 hallmark board --help。"),
    (("export", "x", "--out", __file__), f"“{__file__}”是文件，--out 要写文件夹"),
    (("plan", "x", "--gantt", "."), "“.”是文件夹，这里要写文件"),
    (("board", "a", "b"), "多写了 b"),
    (("show",), "缺少 NOMINATION"),
    (("preview",), "缺少 KIND（消息种类）；用法见 hallmark preview --help。"),
    (("template",), "缺少 KIND（工作簿种类）"),
    (("import",), "缺少 nominations|roster|scores（推荐汇总表、名册或评分表）"),
    (("export", "x"), "缺少选项 --out（写到这个文件夹）"),
    (("preview", "催办", "--nomination"), "选项 --nomination 后面要写值"),
    (("import", "nominations"), "缺少 FILE"),
    (("workdays", "2023-13-01", "3"), "“2023-13-01”不是日期，请写成 2023-06-06 的样子"),
    (("workdays", "2023-06-06", "x"), "N 不对：“x”不是整数，请写成 5 的样子"),
    (("notifications", "--limit", "x"), "--limit 要写整数"),
    (("workdays", "2023-06-06", "0", "--notice"), "公示至少 1 个工作日"),
    (("notifications", "--status", "lost"), "--status 没有“lost”"),
    (("notifications", "--status", "lost"), "待发送（queued）、已领取（claimed）"),
    (("--json", "board"), "没有选项 --json；用法见 hallmark --help。"),
    (("notifications", "--kind", "remindr"), "--kind 没有“remindr”；最接近的是催办（reminder）"),
    (("import", "nomination", "x.xlsx"), "没有“nomination”；可选：'nominations', 'roster', 'scores'，是不是 nominations？"),
    (("notifications", "a", "--round", "b"), "届次写了两个：a 和 b，请只写一个"),
    (("notifications", "--since", "2023-02-30"), "“2023-02-30”不是日期，请写成 2023-06-06 的样子"),
    (("restore", "nowhere.zip"), "“nowhere.zip”不存在"),
    (("simulate", "binjiang-craftsman-2023", "--synthetic", "-4"), "--synthetic 至少写 1"),
    (("simulate", "binjiang-craftsman-2023", "--synthetic", "0"), "--synthetic 至少写 1"),
    (("simulate", "binjiang-craftsman-2023", "--synthetic", "5001"), "--synthetic 至多写 5000"),
    (("notifications", "--limit", "0"), "--limit 至少写 1"),
)


@pytest.mark.parametrize(("arguments", "sentence"), WRONG, ids=lambda value: " ".join(value) if isinstance(value, tuple) else "")
def test_wrong_usage_ends_with_2_and_one_chinese_sentence(hallmark: Hallmark, arguments: tuple[str, ...], sentence: str) -> None:
    answer = hallmark(*arguments)
    assert (answer.status, answer.out) == (2, "")
    assert sentence in answer.err
    assert answer.err.startswith("用法有误：")
    assert len(answer.err.splitlines()) == 1


def test_every_command_of_the_design_is_there() -> None:
    assert [command.name for command in app.registered_commands] == COMMANDS


@pytest.mark.parametrize("arguments", [("-h",), ("board", "-h"), ("workdays", "-h")])
def test_help_comes_by_its_short_name(hallmark: Hallmark, arguments: tuple[str, ...]) -> None:
    assert hallmark(*arguments) == hallmark(*arguments[:-1], "--help")


@pytest.mark.parametrize("day", ["2023年6月19日", "2023/6/19", "２０２３-06-19", "2023.6.19"])
def test_a_day_is_read_as_people_write_it(hallmark: Hallmark, day: str) -> None:
    assert hallmark("workdays", day, "5", "--notice").out == "2023-06-19（周一）至 2023-06-26（周一）\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_chinese_with_english_beside_it(hallmark: Hallmark, command: str) -> None:
    answer = hallmark(command, "--help")
    assert answer.status == 0
    assert re.search(r"[\u4e00-\u9fff]", answer.out)
    assert re.search(r"\[[a-zA-Z][^\]]+\]", answer.out.split("Options")[0].replace("\n", " "))


def test_commands_that_report_say_their_json_keys(hallmark: Hallmark) -> None:
    for command in set(COMMANDS) - {"up"}:
        text = hallmark(command, "--help").out
        assert "--json" in text, command
        assert "JSON：" in text, command


@pytest.mark.parametrize("command", [("board", "bjgj-2032"), ("plan", "bjgj-2032"), ("verify", "x"), ("export", "x", "--out", "o")])
def test_an_unknown_round_is_refused_with_1(hallmark: Hallmark, empty_house: Path, command: tuple[str, ...]) -> None:
    answer = hallmark(*command)
    assert (answer.status, answer.out) == (1, "")
    assert "没有届次" in answer.err


def test_an_unknown_round_is_answered_with_near_ones(hallmark: Hallmark, demo: str) -> None:
    answer = hallmark("board", demo.replace("demo", "deno"))
    assert answer.status == 1
    assert f"；最接近的是“{demo}”。" in answer.err


def test_an_unknown_programme_is_answered_with_a_near_one(hallmark: Hallmark) -> None:
    answer = hallmark("check", "binjang-craftsman-2023")
    assert (answer.status, answer.out) == (1, "")
    assert "binjiang-craftsman-2023" in answer.err


def test_a_home_that_is_a_file_is_one_sentence(hallmark: Hallmark, home: Path) -> None:
    home.write_text("not a folder")
    answer = hallmark("board")
    assert (answer.status, answer.out) == (1, "")
    assert answer.err.startswith("文件不能读写：")
    assert len(answer.err.splitlines()) == 1


def test_a_file_that_cannot_be_written_is_told_in_chinese(hallmark: Hallmark, tmp_path: Path) -> None:
    (tmp_path / "o.log").touch()
    answer = hallmark("template", "roster", tmp_path / "o.log" / "sub" / "名册.xlsx")
    assert (answer.status, answer.out) == (1, "")
    assert answer.err == f"文件不能读写：{tmp_path / 'o.log' / 'sub'}（路径中间有一段是文件，不是文件夹）；请检查路径、权限和磁盘空间。\n"


@pytest.mark.parametrize(
    ("number", "said"), [(errno.ENOENT, "没有这个文件或文件夹"), (errno.ENOSPC, "磁盘已满"), (errno.EPROTO, os.strerror(errno.EPROTO))]
)
def test_why_a_file_failed_is_chinese_where_it_is_known(number: int, said: str) -> None:
    assert why(OSError(number, os.strerror(number))) == said


def test_no_command_at_all_shows_the_help_alone(hallmark: Hallmark) -> None:
    answer = hallmark()
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith("用法：hallmark")


def test_a_broken_channels_file_is_one_sentence(
    hallmark: Hallmark, empty_house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    channels = tmp_path / "channels.yaml"
    channels.write_text("channels:\n  - name: mail\n    kind: pigeon\n")
    monkeypatch.setenv("HALLMARK_CHANNELS", str(channels))
    answer = hallmark("board")
    assert (answer.status, answer.out) == (1, "")
    assert "channels.yaml 第 3 行" in answer.err


def test_a_file_that_is_no_database_is_one_sentence(hallmark: Hallmark, home: Path) -> None:
    home.mkdir()
    (home / "hallmark.db").write_bytes(b"not a database at all" * 100)
    answer = hallmark("board")
    assert (answer.status, answer.out) == (1, "")
    assert "hallmark doctor" in answer.err


def test_an_unreachable_database_is_one_sentence(hallmark: Hallmark, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALLMARK_DATABASE_URL", "postgresql://nobody:secret-word@127.0.0.1:9/none")
    answer = hallmark("board")
    assert answer.status == 1
    assert "HALLMARK_DATABASE_URL" in answer.err
    assert "secret-word" not in answer.err


def test_the_installed_command_answers(home: Path) -> None:
    for command in ([str(Path(sys.executable).with_name("hallmark"))], [sys.executable, "-m", "flows.cli"]):
        done = subprocess.run([*command, "workdays", "2023-06-19", "5", "--notice"], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, "2023-06-19（周一）至 2023-06-26（周一）\n"), done.stderr
    wrong = subprocess.run([sys.executable, "-m", "flows.cli", "nonsense"], capture_output=True, text=True, check=False)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "Traceback" not in wrong.stderr


def test_version_says_which(hallmark: Hallmark) -> None:
    answer = hallmark("--version")
    assert answer.status == 0
    assert re.fullmatch(r"hallmark \d+\.\d+\.\d+\n", answer.out)


@pytest.mark.parametrize("command", ["doctor", "board", "up", "verify"])
def test_a_setting_that_cannot_be_used_is_one_sentence(hallmark: Hallmark, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setenv("HALLMARK_CLOCK_ALARM_HOURS", "两")
    answer = hallmark(command)
    assert (answer.status, answer.out) == (1, "")
    assert answer.err.startswith("环境变量 HALLMARK_CLOCK_ALARM_HOURS 的值不能用：要写阿拉伯数字的整数。")


@pytest.mark.parametrize("arguments", [("preview", "催办"), ("--help",), ("workdays", "2023-06-06", "3", "--json")], ids=" ".join)
def test_reader_who_has_gone_is_no_refusal_and_nothing_is_said_of_it(home: Path, arguments: tuple[str, ...]) -> None:
    """``hallmark preview 催办 | head -1`` ends as other tools do: quietly, as by SIGPIPE."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        ended = subprocess.run([sys.executable, "-m", "flows.cli", *arguments], stdout=writer, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(writer)
    assert (ended.returncode, ended.stderr) == (128 + signal.SIGPIPE, b"")


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_speaks_chinese_around_what_it_explains(hallmark: Hallmark, command: str) -> None:
    answer = hallmark(*filter(None, [command]), "--help")
    assert answer.out.startswith("用法：hallmark ")
    assert "显示这份说明" in answer.out
    english = ("Usage:", "[OPTIONS]", "Options:", "Arguments:", "Commands:", "Show this message", "[required]", "[default:", "[env var:")
    assert [word for word in english if word in answer.out] == []
    assert not re.search(r"\[[a-z][^\]\n]*\.\.\.$", answer.out, re.MULTILINE)
