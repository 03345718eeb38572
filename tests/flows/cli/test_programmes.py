"""check, plan, simulate, workdays: what can be known before a round opens."""

import re
import shutil
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from config.loader import find_programme
from config.settings import Settings
from flows.bootstrap import build
from flows.demo import demo_settings
from notifiers import rendering
from notifiers.kind_names import KIND_NAMES
from states.commands.timing import HoldRound
from states.house import Envelope
from tests.flows.cli.conftest import DEMO_OPERATOR, Hallmark

PROGRAMME = "binjiang-craftsman-2023"
PLAN_KEYS = ["at", "kind", "stage", "audience", "what", "provisional"]
AUDIENCES = {"owner", "superior", "district_office", "leading_group", "unit"}


def edited(folder: Path, old: str, new: str) -> Path:
    text = find_programme(PROGRAMME).read_text(encoding="utf-8")
    assert old in text
    path = folder / "edited.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_check_without_names_checks_every_programme(hallmark: Hallmark) -> None:
    answer = hallmark("check", "--json")
    assert answer.status == 0
    assert answer.json == [{"programme": PROGRAMME, "good": True, "problems": []}]


def test_check_names_line_field_reason_and_mend(hallmark: Hallmark, tmp_path: Path) -> None:
    path = edited(tmp_path, "quota: 10 ", "quota: ten ")
    answer = hallmark("check", path, PROGRAMME, "--json")
    assert answer.status == 1
    broken, good = answer.json
    assert (broken["good"], good["good"]) == (False, True)
    problem = broken["problems"][0]
    line = path.read_text(encoding="utf-8").splitlines()[problem["line"] - 1]
    assert (problem["file"], problem["field"], problem["warning"]) == ("edited.yaml", "tiers[0].quota", False)
    assert "quota: ten" in line
    assert problem["reason"]
    assert problem["mend"]


def test_check_with_warnings_alone_is_good(hallmark: Hallmark, tmp_path: Path) -> None:
    answer = hallmark("check", edited(tmp_path, "\nopens: 2023-06-06", "\nopens: 2030-06-06"))
    assert answer.status == 0
    assert "可以使用" in answer.out
    assert "提醒" in answer.out
    assert "2030年" in answer.out


def test_plan_of_a_programme_lays_its_stages_end_to_end(hallmark: Hallmark) -> None:
    answer = hallmark("plan", PROGRAMME, "--json")
    assert answer.status == 0
    assert all(list(line) == PLAN_KEYS for line in answer.json)
    due = {line["stage"]: line["at"] for line in answer.json if line["kind"] == "stage_due"}
    # 20 working days after 2023-06-06, with Dragon Boat 22-24 June off and Sunday 25 worked.
    assert due["intake"] == "2023-07-05T16:00:00.000000Z"
    # Entered on the day after; 15 more.
    assert due["qualification"] == "2023-07-27T16:00:00.000000Z"
    assert due["fulfilment"] == "2024-01-18T16:00:00.000000Z"
    assert not any(line["provisional"] for line in answer.json)
    reminders = [line for line in answer.json if "召开审定会议" in line["what"] and line["kind"] == "reminder"]
    assert [line["what"] for line in reminders] == [
        "催办“召开审定会议”余5个工作日：区工匠认定工作领导小组（预计）",
        "催办“召开审定会议”余2个工作日：区工匠认定工作领导小组（预计）",
        "催办“召开审定会议”当日到期：区工匠认定工作领导小组（预计）",
    ]
    assert all(line["at"].endswith("T01:00:00.000000Z") for line in reminders)


def test_plan_of_a_programme_has_every_deadline_that_its_rules_give(hallmark: Hallmark, tmp_path: Path) -> None:
    asked = edited(tmp_path, "clearances: []", "clearances: [{id: tax, title: 依法纳税情况, department: BM01, ours: true}]")
    due = [(line["at"][:10], line["what"]) for line in hallmark("plan", asked, "--json").json if line["kind"] == "work_due"]
    office = "区工匠认定工作领导小组办公室"
    # The last day of qualification; 7 working days into it for the department.
    assert ("2023-07-27", f"“资格审核”到期：{office}（预计）") in due
    assert ("2023-07-17", "“部门联审意见”到期：联审部门 BM01（预计）") in due
    # Experts are seated by 08-01, and have 8 working days more.
    assert ("2023-08-11", "“提交评分表”到期：各评审专家（预计）") in due
    # Published by Monday 09-04, the first of five working days.
    assert ("2023-09-08", f"“公示期满办结”到期：{office}（预计）") in due
    # 10, 20, 30 and 60 working days from 10-26, the day after the government's.
    benefits = [(day, what) for day, what in due if "落实待遇" in what]
    assert [day for day, _ in benefits] == ["2023-11-08", "2023-11-22", "2023-12-06", "2024-01-18"]
    assert [re.findall("共 (.) 项", what) for _, what in benefits] == [[], ["2"], ["4"], []]


def test_plan_foretells_every_message_with_time_recipient_and_reason(hallmark: Hallmark, demo: str) -> None:
    messages = [line for line in hallmark("plan", demo, "--json").json if line["kind"] in ("message", "reminder", "escalation")]
    assert {"message", "reminder", "escalation"} == {line["kind"] for line in messages}
    assert all(line["at"] and "：" in line["what"] and line["audience"] for line in messages)
    asked = next(line for line in hallmark("plan", PROGRAMME, "--json").json if line["kind"] == "message")
    # The round opens at midnight; messages wait for the morning.
    assert (asked["at"], asked["what"], asked["audience"]) == ("2023-06-06T01:00:00.000000Z", "启动通知：各推荐单位", "unit")
    said = [line["what"] for line in hallmark("plan", PROGRAMME, "--json").json if line["kind"] in ("message", "reminder", "escalation")]
    assert all(what.startswith(tuple(KIND_NAMES.values())) for what in said)
    assert {what.split("：")[0] for what in said} >= {"启动通知", "本届办结"}


def test_plan_says_of_every_line_whom_it_concerns(hallmark: Hallmark, demo: str) -> None:
    for what in (PROGRAMME, demo):
        lines = hallmark("plan", what, "--json").json
        assert {line["audience"] for line in lines} <= AUDIENCES
        assert {line["audience"] for line in lines if line["kind"] == "work_due"} == {"owner"}
        assert {line["audience"] for line in lines if line["kind"].startswith("stage")} == {"district_office"}


def test_plan_tells_what_is_certain_from_what_people_must_do_first(hallmark: Hallmark) -> None:
    lines = hallmark("plan", PROGRAMME, "--json").json
    assert {line["stage"] for line in lines if "（预计）" not in line["what"]} == {"intake"}
    assert "预计" in hallmark("plan", PROGRAMME).out


def test_plan_draws_a_chart_beside_its_table(hallmark: Hallmark, demo: str, tmp_path: Path) -> None:
    for what, name, begins in ((PROGRAMME, "p.svg", b"<svg"), (demo, "p.png", b"\x89PNG")):
        answer = hallmark("plan", what, "--gantt", tmp_path / name, "--json")
        assert answer.status == 0
        assert answer.json
        assert (tmp_path / name).read_bytes().startswith(begins)


def test_plan_of_a_round_on_hold_says_since_when_and_why_and_that_dates_will_move(hallmark: Hallmark, demo: str, home: Path) -> None:
    reason = "等待上级批复，" + "恢复时间另行通知。" * 20
    app = build(demo_settings(Settings(home=home)))
    command = HoldRound(round=demo, operator=DEMO_OPERATOR, reason=reason, document="滨组〔2023〕7号")
    app.house.execute(command, Envelope("hold", app.house.clock.now()))
    since = app.house.calendar("Asia/Shanghai").local(app.house.clock.now())
    app.house.store.dispose()
    said = f"⚠ 本届自 {since:%Y-%m-%d %H:%M} 起暂停（理由：{reason[:60]}……，滨组〔2023〕7号）；其间不到期、不催办；恢复计时（release-round）后，"
    answer = hallmark("plan", demo)
    assert answer.out.startswith(said)
    assert "未办结事项的日期全部按暂停的工作日数顺延，公示期不变" in answer.out
    for_programs = hallmark("plan", demo, "--json")
    assert said in for_programs.err
    deadlines = [line for line in for_programs.json if line["kind"] != "message"]
    assert {line["kind"] for line in deadlines} == {"stage_opens", "stage_due", "work_due"}
    assert all(list(line) == PLAN_KEYS and line["what"].endswith("（暂停中，恢复后顺延）") for line in deadlines)
    assert "暂停中，恢复后顺延" in answer.out


def test_plan_refuses_a_chart_that_is_no_picture(hallmark: Hallmark, tmp_path: Path) -> None:
    answer = hallmark("plan", PROGRAMME, "--gantt", tmp_path / "p.pdf")
    assert answer.status == 2
    assert "请以 .svg 或 .png 结尾" in answer.err
    assert not (tmp_path / "p.pdf").exists()


def test_plan_is_in_the_order_of_time(hallmark: Hallmark) -> None:
    instants = [line["at"] for line in hallmark("plan", PROGRAMME, "--json").json]
    assert instants == sorted(instants)


def test_plan_from_another_day_marks_what_is_not_announced_as_provisional(hallmark: Hallmark) -> None:
    lines = hallmark("plan", PROGRAMME, "--opens", "2035-01-02", "--json").json
    assert lines[0]["at"] == "2035-01-01T16:00:00.000000Z"
    assert all(line["provisional"] for line in lines)


def test_plan_of_a_round_foresees_its_open_work(hallmark: Hallmark, demo: str) -> None:
    answer = hallmark("plan", demo, "--json")
    assert answer.status == 0
    ahead = [line["what"] for line in answer.json if "出具推荐意见" in line["what"] and line["kind"] == "work_due"]
    assert len(ahead) == 1
    assert re.fullmatch("“出具推荐意见”到期：[^、]+、[^、]+（共 2 项）", ahead[0])
    kinds = [line["kind"] for line in answer.json if line["stage"] == "intake"]
    assert kinds.count("stage_due") == 1
    assert "stage_opens" not in kinds


def test_plan_of_a_round_takes_no_other_day(hallmark: Hallmark, demo: str) -> None:
    answer = hallmark("plan", demo, "--opens", "2030-01-01")
    assert answer.status == 2
    assert "本届的启动日期已定，不能另设" in answer.err


def test_plan_says_how_many_messages_and_deadlines_it_lists(hallmark: Hallmark, demo: str) -> None:
    title = hallmark("plan", PROGRAMME, "--opens", "2023-06-06").out.splitlines()[0].rstrip()
    assert title == "第四届“滨江工匠”认定，2023-06-06（周二，所填）启动：通知、催办和升级 88 条（合并为 61 行），环节和待办的期限 27 行"
    answer = hallmark("plan", demo)
    found = re.match(r"第四届“滨江工匠”认定（演示）：通知、催办和升级 (\d+) 条（合并为 (\d+) 行），环节和待办的期限 (\d+) 行", answer.out)
    assert found
    messages, rows, deadlines = map(int, found.groups())
    kinds = [line["kind"] for line in hallmark("plan", demo, "--json").json]
    assert messages > rows == sum(kind in ("reminder", "escalation", "message") for kind in kinds)
    assert deadlines == len(kinds) - rows


def test_plan_says_under_its_table_what_it_takes_for_granted_and_what_it_leaves_out(hallmark: Hallmark, demo: str) -> None:
    granted, left_out = hallmark("plan", PROGRAMME).out.splitlines()[-2:]
    assert granted.startswith("截止申报以后各环节的日期，以有申报为前提：")
    assert left_out.startswith("以下待办何时产生取决于有关各方，产生以后才列入：出具推荐意见（产生后 5 个工作日内）、补正材料（")
    assert hallmark("plan", demo).out.splitlines()[-1] == left_out
    assert hallmark("plan", PROGRAMME, "--json").err.splitlines()[-2:] == [granted, left_out]


def test_plan_says_from_which_day_it_counts_and_that_the_programmes_own_has_passed(hallmark: Hallmark, tmp_path: Path) -> None:
    answer = hallmark("plan", PROGRAMME)
    first, title = (line.rstrip() for line in answer.out.splitlines()[:2])
    assert re.fullmatch(
        r"⚠ 办法所写的启动日期（opens）2023-06-06（周二）已过，今天是 20\d\d-\d\d-\d\d（周.），以下仍从那天推算；.*--opens", first
    )
    assert title.startswith("第四届“滨江工匠”认定，2023-06-06（周二，办法所写）启动：")
    assert hallmark("plan", PROGRAMME, "--json").err.splitlines()[0] == first
    assert hallmark("plan", PROGRAMME, "--opens", "2023-06-06").out.startswith("第四届")
    ahead = tmp_path / "next.yaml"
    ahead.write_text(
        find_programme(PROGRAMME).read_text(encoding="utf-8").replace("opens: 2023-06-06", "opens: 2127-01-02"), encoding="utf-8"
    )
    assert hallmark("plan", ahead).out.startswith("第四届“滨江工匠”认定，2127-01-02（周四，办法所写，暂定）启动：")


def test_plan_for_people_is_a_table(hallmark: Hallmark) -> None:
    answer = hallmark("plan", PROGRAMME)
    assert answer.status == 0
    assert "2023-07-05 24:00" in answer.out
    assert "领导小组审定" in answer.out


@pytest.mark.parametrize(
    ("arguments", "first", "last", "provisional"),
    [
        (("2023-06-19", "5", "--notice"), "2023-06-19", "2023-06-26", False),
        (("2023-06-06", "20"), "2023-06-06", "2023-07-05", False),
        (("2023-06-26", "-3"), "2023-06-26", "2023-06-20", False),
        (("2023-06-24", "0"), "2023-06-24", "2023-06-25", False),
        (("2040-06-06", "1"), "2040-06-06", "2040-06-07", True),
    ],
)
def test_workdays_counts_by_the_official_calendar(
    hallmark: Hallmark, arguments: tuple[str, ...], first: str, last: str, provisional: bool
) -> None:
    found = hallmark("workdays", *arguments, "--json").json
    assert (found["first_day"], found["last_day"], found["provisional"]) == (first, last, provisional)


def test_workdays_says_the_weekday_and_what_is_provisional(hallmark: Hallmark) -> None:
    assert hallmark("workdays", "2023-06-06", "20").out == "2023-07-05（周三）\n"
    assert hallmark("workdays", "2026-12-28", "5", "--notice").out == (
        "2026-12-28（周一）至 2027-01-04（周一），暂定：2027年的节假日安排尚未公布\n"
    )
    assert "暂定：2040年、2041年的节假日安排尚未公布" in hallmark("workdays", "2041-01-10", "--", "-20").out
    assert "暂定：2027年至2030年的节假日安排尚未公布" in hallmark("workdays", "2026-06-06", "1000").out


def test_workdays_reads_full_width_figures(hallmark: Hallmark) -> None:
    assert hallmark("workdays", "２０２３-０６-０６", "２０").out == "2023-07-05（周三）\n"
    assert hallmark("workdays", "2023-07-05", "--", "－２０").out == "2023-06-06（周二）\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("workdays", "9999-12-28", "5"),
        ("workdays", "9999-12-31", "0"),
        ("workdays", "9999-12-28", "5", "--notice"),
        ("workdays", "1990-01-01", "5"),
        ("workdays", "2023-06-19", "100000000"),
        ("workdays", "2023-06-19", "--", "-100000000"),
        ("plan", PROGRAMME, "--opens", "9998-01-01"),
        ("plan", PROGRAMME, "--opens", "0001-01-01"),
        ("plan", PROGRAMME, "--opens", "2199-12-01"),
        ("simulate", PROGRAMME, "--synthetic", "1", "--opens", "9999-12-31"),
    ],
)
def test_days_that_cannot_be_reckoned_are_refused_with_the_reach(hallmark: Hallmark, arguments: tuple[str, ...]) -> None:
    answer = hallmark(*arguments)
    assert (answer.status, answer.out) == (1, "")
    assert "2004-01-01 至 2199-12-31" in answer.err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("opens: 2023-06-06", "opens: 9999-12-31", "“opens”超出了可以推算的 2004-01-01 至 2199-12-31"),
        ("working_days: 20", "working_days: 100000000", "“stages”各阶段共"),
    ],
)
def test_check_names_what_cannot_be_reckoned(hallmark: Hallmark, tmp_path: Path, old: str, new: str, said: str) -> None:
    answer = hallmark("check", edited(tmp_path, old, new))
    assert answer.status == 1
    assert said in answer.out


def test_zone_of_the_machine_changes_no_answer(hallmark: Hallmark, machine_zone: str) -> None:
    assert machine_zone
    plan = hallmark("plan", PROGRAMME, "--opens", "2023-06-06", "--json").json
    due = next(line["at"] for line in plan if line["kind"] == "stage_due")
    assert datetime.fromisoformat(due) == datetime(2023, 7, 5, 16, tzinfo=UTC)
    assert hallmark("workdays", "2023-06-19", "5", "--notice").out == "2023-06-19（周一）至 2023-06-26（周一）\n"


def test_workdays_counts_by_the_houses_own_overrides(hallmark: Hallmark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert hallmark("workdays", "2026-12-31", "1").out == "2027-01-04（周一），暂定：2027年的节假日安排尚未公布\n"
    path = tmp_path / "days.yaml"
    off, made_up = (f"  - {{date: 2027-01-0{day}, kind: {kind}, source: 国办发明电〔2026〕7号}}\n" for day, kind in ((1, "休"), (3, "班")))
    path.write_text(f"years:\n  - {{year: 2027, source: 国办发明电〔2026〕7号}}\ndays:\n{off}{made_up}", encoding="utf-8")
    monkeypatch.setenv("HALLMARK_CALENDAR_OVERRIDES", str(path))
    assert hallmark("workdays", "2026-12-31", "1").out == "2027-01-03（周日）\n"
    path.write_text("days:\n  - {date: 2027-01-01, kind: 放假, source: 甲}\n", encoding="utf-8")
    answer = hallmark("workdays", "2026-12-31", "1")
    assert answer.status == 1
    assert "days.yaml 第2行：“kind”“放假”不可用。请写成 班 或 休" in answer.err


@pytest.mark.parametrize("command", [("check",), ("plan",), ("simulate",)])
def test_a_workbook_in_place_of_a_programme_is_named_as_one(hallmark: Hallmark, tmp_path: Path, command: tuple[str, ...]) -> None:
    hallmark("template", "roster", tmp_path / "名册.xlsx")
    answer = hallmark(*command, tmp_path / "名册.xlsx")
    assert answer.status == 1
    assert "名册.xlsx：这是工作簿，不是认定办法。认定办法是 .yaml 文件；工作簿用 hallmark import 导入" in answer.out + answer.err


def test_check_refuses_while_a_message_has_no_template(hallmark: Hallmark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in rendering.TEMPLATES.glob("*.j2"):
        if path.stem != "nomination_lapsed":
            (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(rendering, "TEMPLATES", tmp_path)
    answer = hallmark("check", PROGRAMME)
    assert answer.status == 1
    assert "消息 nomination_lapsed (full) 没有模板，发不出去" in answer.out


def test_check_refuses_a_programme_that_a_message_cannot_be_written_with(hallmark: Hallmark, tmp_path: Path) -> None:
    path = edited(tmp_path, "clauses: [N17, N18]", "clauses: []")  # cited elsewhere, so that nothing else is wrong
    path.write_text(path.read_text(encoding="utf-8").replace("clauses: [N", "clauses: [N17, N18, N", 1), encoding="utf-8")
    answer = hallmark("check", path)
    assert answer.status == 1
    assert "消息 启动通知：引用了办法里没有的内容，写不出来" in answer.out
    assert "消息 催办（出具推荐意见）：引用了办法里没有的内容" in answer.out
    assert "催办（召开审定会议）" not in answer.out
    assert hallmark("check", path, "--json").json[0]["good"] is False


@pytest.mark.parametrize(
    ("block", "lacking"),
    [("english", "英文"), ("why_english", "英文缘由"), ("how_english", "英文办法"), ("brief", "短文"), ("how", "办法"), ("why", "缘由")],
)
def test_check_refuses_a_message_that_lacks_a_wording_or_a_language(
    hallmark: Hallmark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: str, lacking: str
) -> None:
    shutil.copytree(rendering.TEMPLATES, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "nomination_lapsed.j2"
    path.write_text(re.sub(rf"(block {block} %}}).*?({{% endblock)", r"\1\2", path.read_text(encoding="utf-8")), encoding="utf-8")
    monkeypatch.setattr(rendering, "TEMPLATES", tmp_path)
    monkeypatch.setattr(rendering, "_environment", cache(rendering._environment.__wrapped__))
    answer = hallmark("check", PROGRAMME)
    assert answer.status == 1
    assert f"消息 逾期失效：缺少{lacking}，写不出来" in answer.out
