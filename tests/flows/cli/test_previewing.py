"""preview: each kind of message for a real nomination or a made-up one, masked, and nothing sent."""

import re
from pathlib import Path

import pytest

from config.settings import Settings
from config.vocabulary import WorkStatus
from flows.bootstrap import build
from flows.demo import demo_settings
from notifiers.kind_names import KIND_NAMES
from notifiers.kinds import MessageKind
from states.records import Records
from states.tables import Delivery, Nomination, Notification, WorkItem
from tests.flows.cli.conftest import Hallmark
from tests.flows.cli.test_looking import at_noon, names_in


def number_in(home: Path, ends: str) -> str:
    app = build(demo_settings(Settings(home=home)))
    with app.house.store.read() as connection:
        found = next(row.number for row in Records(connection).where(Nomination) if row.number.endswith(ends))
    app.house.store.dispose()
    return found


@pytest.mark.parametrize("kind", MessageKind)
def test_every_kind_reads_for_a_real_nomination_without_a_full_name(hallmark: Hallmark, demo: str, home: Path, kind: MessageKind) -> None:
    number = number_in(home, "0004")
    answer = hallmark("preview", kind.value, "--nomination", number, "--json")
    assert answer.status == 0, answer.err
    found = answer.json
    assert (found["kind"], found["name"], found["round"], found["nomination"]) == (kind.value, KIND_NAMES[kind], demo, number)
    assert "缘由：" in found["full"]
    assert "办法：" in found["full"]
    assert "如有疑问，请与" in found["brief"]
    assert found["english"] in found["full"]
    assert not [name for name in names_in(home) if name in answer.out]


def test_reminder_tells_the_real_owner_of_the_real_item_with_its_day(hallmark: Hallmark, demo: str, home: Path) -> None:
    line = next(each for each in hallmark("board", demo, "--json").json["overdue"] if each["subject"].endswith("0004"))
    found = hallmark("preview", "催办", "--nomination", line["subject"].lower(), "--json").json
    assert found["full"].startswith(f"{line['owner']}：\n")
    assert f"期限：{line['due_day'][:4]}年" in found["full"]
    assert "（星期" in found["full"]
    assert f"已逾期{line['days_overdue']}个工作日" in found["subject"]
    assert f"· {line['subject']} " in found["full"]
    assert found["made_up"] is False


def test_escalation_goes_to_the_owners_superior(hallmark: Hallmark, demo: str, home: Path) -> None:
    number = number_in(home, "0004")
    owner = hallmark("preview", "reminder", "--nomination", number, "--json").json["full"].split("：")[0]
    found = hallmark("preview", "升级", "--nomination", number, "--json").json
    assert not found["full"].startswith(owner)
    assert f"{owner}的待办还没有办结" in found["full"]
    assert f"您是{owner}的上级" in found["full"]


def test_what_has_not_happened_is_marked_as_made_up(hallmark: Hallmark, demo: str, home: Path) -> None:
    number = number_in(home, "0004")
    answer = hallmark("preview", "nomination_certified", "--nomination", number)
    assert "（还没有发生：没有的事实用示例补上）" in answer.out
    assert answer.out.count(number) >= 3
    assert "—— 全文 [full] ——" in answer.out
    assert "—— 短文 [brief] ——" in answer.out


def test_what_was_told_is_shown_as_it_was_and_its_reason_only_when_asked_for(hallmark: Hallmark, demo: str, home: Path) -> None:
    at_noon(home).house.store.dispose()
    refused = next(each["subject"] for each in _told(home, MessageKind.DECLINED))
    masked = hallmark("preview", "未获推荐", "--nomination", refused, "--json").json
    full = hallmark("preview", "未获推荐", "--nomination", refused, "--names", "--json").json
    assert masked["made_up"] is full["made_up"] is False
    assert "不同意推荐：（理由不在预览中显示）" in masked["full"]
    assert "（理由不在预览中显示）" not in full["full"]
    assert [name for name in names_in(home) if name in full["full"]]


def test_preview_sends_and_records_nothing(hallmark: Hallmark, demo: str, home: Path) -> None:
    before = _rows(home)
    hallmark("preview", "reminder", "--nomination", number_in(home, "0004"))
    assert _rows(home) == before


def test_preview_without_a_nomination_uses_made_up_facts(hallmark: Hallmark) -> None:
    found = hallmark("preview", "reminder", "--json").json
    assert (found["made_up"], found["round"], found["nomination"]) == (True, "", "")
    assert "还有2个工作日" in found["brief"]
    assert "Reminder: endorsement" in found["english"]


@pytest.mark.parametrize("name", ["升级", "逾期升级", "escalation"])
def test_made_up_escalation_is_overdue_and_goes_to_a_superior(hallmark: Hallmark, name: str) -> None:
    found = hallmark("preview", name, "--json").json
    assert found["full"].startswith("区工匠认定工作领导小组办公室：\n")
    # Two working days back, of which a day of rest counts only the last.
    assert re.search("已逾期[12]个工作日：西兴街道总工会", found["subject"])
    assert "还有" not in found["full"] + found["brief"]


def test_escalation_of_what_is_not_overdue_is_marked_as_made_up(hallmark: Hallmark, demo: str, home: Path) -> None:
    overdue = {each["subject"]: each["id"] for each in hallmark("board", demo, "--json").json["overdue"]}
    found = {number: hallmark("preview", "升级", "--nomination", number).out for number in _with_work(home)}
    marked = {number for number, text in found.items() if "（还没有发生" in text}
    assert marked == set(found) - set(overdue)
    assert marked != set()


def test_preview_of_made_up_facts_says_so_before_anything_else(hallmark: Hallmark, demo: str, home: Path) -> None:
    for options in ((), ("--names",)):
        assert hallmark("preview", "催办", *options).out.startswith("示例，不是真人：")
    assert "不是真人" not in hallmark("preview", "催办", "--nomination", number_in(home, "0004")).out


def test_help_lists_every_kind(hallmark: Hallmark) -> None:
    shown = "".join(hallmark("preview", "--help").out.split())
    assert [name for name in KIND_NAMES.values() if name not in shown] == []


@pytest.mark.parametrize(("wrong", "near"), [("remindr", "催办（reminder）"), ("退回补证", "退回补正（nomination_returned）")])
def test_unknown_kind_is_refused_with_near_ones(hallmark: Hallmark, wrong: str, near: str) -> None:
    answer = hallmark("preview", wrong)
    assert (answer.status, answer.out) == (1, "")
    assert answer.err.startswith(f"没有消息种类“{wrong}”；最接近的是")
    assert near in answer.err


def test_kind_that_is_near_none_is_answered_with_all(hallmark: Hallmark) -> None:
    answer = hallmark("preview", "???")
    assert answer.status == 1
    assert all(f"{name}（{kind.value}）" in answer.err for kind, name in KIND_NAMES.items())


def test_unknown_nomination_is_refused_with_near_ones(hallmark: Hallmark, demo: str, home: Path) -> None:
    number = number_in(home, "0004")
    answer = hallmark("preview", "reminder", "--nomination", number.replace("DEMO", "DENO"))
    assert (answer.status, answer.out) == (1, "")
    assert f"“{number}”" in answer.err


def _told(home: Path, kind: MessageKind) -> list[dict[str, str]]:
    app = build(demo_settings(Settings(home=home)))
    with app.house.store.read() as connection:
        found = [{"subject": row.subject} for row in Records(connection).where(Notification, kind=kind.value)]
    app.house.store.dispose()
    return found


def _with_work(home: Path) -> list[str]:
    app = build(demo_settings(Settings(home=home)))
    with app.house.store.read() as connection:
        items = Records(connection).where(WorkItem, status=WorkStatus.OPEN.value)
    app.house.store.dispose()
    return sorted({item.subject for item in items if item.subject not in ("", item.round)})


def _rows(home: Path) -> list[int]:
    app = build(demo_settings(Settings(home=home)))
    with app.house.store.read() as connection:
        found = [len(Records(connection).where(each)) for each in (Notification, Delivery, WorkItem)]
    app.house.store.dispose()
    return found
