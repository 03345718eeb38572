"""board, show, notifications: where everything stands, and nobody's name."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from config.settings import Settings
from config.vocabulary import DeliveryStatus
from flows.bootstrap import App, build
from flows.dashboard import board_page
from flows.demo import demo_settings
from flows.rehearsal import rehearsed_board, round_future
from notifiers.delivery import deliver
from notifiers.digest import queue
from notifiers.outbox import notify
from notifiers.waiting import to_be_told
from states.clock import SystemClock, VirtualClock
from states.commands.rounds import CancelRound
from states.commands.timing import HoldRound
from states.house import Envelope
from states.people import open_person
from states.records import Records, table_of
from states.tables import ChannelHealth, Delivery, LedgerEntry, Person
from tests.flows.cli.conftest import DEMO_OPERATOR, Hallmark


def names_in(home: Path) -> list[str]:
    app = build(demo_settings(Settings(home=home)))
    with app.house.store.read() as connection:
        people = [open_person(app.house.vault, row).candidate for row in Records(connection).where(Person)]
    app.house.store.dispose()
    return [word for person in people for word in (person.name, person.id_card, person.phone) if word]


def at_noon(home: Path) -> App:
    """The demo's house at noon of tomorrow in Beijing, when messages may leave, with its messages queued."""
    noon = (SystemClock().now() + timedelta(days=1)).replace(hour=4)
    app = build(demo_settings(Settings(home=home)), VirtualClock(noon))
    notify(app.house)
    queue(app.house)
    return app


def test_board_counts_states_overdue_and_what_comes(hallmark: Hallmark, demo: str) -> None:
    board = hallmark("board", demo, "--json").json
    assert (board["slug"], board["state"], board["demo"], board["nominations"]) == (demo, "intake", True, 24)
    assert {state: count for state, count in board["counts"].items() if count} == {"submitted": 23, "rejected": 1}
    numbers = [line["subject"][-4:] for line in board["overdue"]]
    assert numbers == ["0004", "0008", "0013", "0017"]
    assert all(line["kind"] == "endorsement" and line["days_overdue"] > 0 for line in board["overdue"])
    assert 0 < len(board["coming"]) <= 10
    assert [stage["coming"] for stage in board["stages"]] == [False] + [True] * 6
    assert [stage["expected"] for stage in board["stages"]] == [False] * 2 + [True] * 5  # the clock enters qualification by itself
    assert board["last_tick"] is not None
    assert set(board["deliveries"]) == {status.value for status in DeliveryStatus}


def test_board_without_a_round_lists_them_all(hallmark: Hallmark, demo: str) -> None:
    assert [board["slug"] for board in hallmark("board", "--json").json] == [demo]


def test_board_of_an_empty_house_says_what_to_do(hallmark: Hallmark, empty_house: Path) -> None:
    answer = hallmark("board")
    assert answer.status == 0
    assert "还没有任何届次" in answer.out
    assert hallmark("board", "--json").json == []


def test_board_for_people_shows_the_same(hallmark: Hallmark, demo: str) -> None:
    answer = hallmark("board", demo)
    assert answer.status == 0
    for text in ("申报推荐", "逾期 4 项", "出具推荐意见", "未开始", "预计"):
        assert text in answer.out
    assert "演示数据库" in answer.err


def test_board_says_that_a_round_is_on_hold_and_what_that_means(hallmark: Hallmark, demo: str, home: Path) -> None:
    app = build(demo_settings(Settings(home=home)))
    app.house.execute(HoldRound(round=demo, operator=DEMO_OPERATOR, reason="台风停工。"), Envelope("hold", app.house.clock.now()))
    app.house.store.dispose()
    out = hallmark("board", demo).out
    assert "\n本届已暂停：恢复计时（release-round）之前没有事项到期，不催办。自 " in out
    assert "台风" not in out
    assert re.search(r"│ 申报推荐 +│ .*│ +│ 暂停中，恢复后顺延 ", out)
    assert re.search(r"│ 专家评审 +│ .*│ +│ 预计、暂停中，恢复后顺延 ", out)


def test_board_of_a_cancelled_round_has_no_conclusion_for_the_stage_it_was_in(hallmark: Hallmark, demo: str, home: Path) -> None:
    app = build(demo_settings(Settings(home=home)))
    cancel = CancelRound(round=demo, operator=DEMO_OPERATOR, reason="不再评选。")
    shown = app.house.execute(cancel, Envelope("show", app.house.clock.now()))
    app.house.execute(cancel.model_copy(update={"plan_code": shown.plan_code}), Envelope("cancel", app.house.clock.now()))
    page = board_page(app, rehearsed_board(app, demo))
    assert [line.cancelled for line in round_future(app, demo).stages] == [True]
    app.house.store.dispose()
    assert re.search(r"│ 申报推荐 +│ [-\d]+ +│ [-\d]+ +│ +│ 已取消 ", hallmark("board", demo).out)
    assert re.search(r"\| 申报推荐 \| [-\d]+ \| [-\d]+ \| 已取消 \|", page)


def test_show_has_findings_history_and_what_it_waits_for(hallmark: Hallmark, demo: str) -> None:
    view = hallmark("show", f"{demo.upper()}-0004", "--json").json
    assert view["name"].endswith("*")
    assert len(view["findings"]) == 13
    assert {"clause", "quote", "strength", "result", "fact"} <= set(view["findings"][0])
    assert [line["kind"] for line in view["waits_for"]] == ["endorsement"]
    assert [line["event"] for line in view["history"]][:2] == ["nomination_submitted", "work_item_opened"]
    assert view["endorsements"] == []


def test_show_takes_a_number_as_people_write_it(hallmark: Hallmark, demo: str) -> None:
    answer = hallmark("show", f" {demo}-0009")
    assert answer.status == 0
    assert "不予推荐" in answer.out
    assert "不予通过" in answer.out


def test_show_answers_an_unknown_number_with_near_ones(hallmark: Hallmark, demo: str) -> None:
    answer = hallmark("show", f"{demo.upper()}-0099")
    assert answer.status == 1
    assert "没有申报编号" in answer.err
    assert "；最接近的是“" in answer.err


def test_nothing_that_is_shown_names_a_person(hallmark: Hallmark, demo: str, home: Path) -> None:
    shown = [hallmark(*command).out for command in (("board",), ("board", "--json"), ("plan", demo, "--json"), ("notifications", "--json"))]
    shown += [hallmark("show", f"{demo.upper()}-{number:04d}", *form).out for number in (4, 9) for form in ((), ("--json",))]
    text = "".join(shown)
    found = [name for name in names_in(home) if name in text]
    assert found == []


def test_notifications_counts_filters_and_ends_with_1_on_trouble(hallmark: Hallmark, demo: str, home: Path) -> None:
    app = at_noon(home)
    with app.house.store.write() as connection:
        table = table_of(Delivery)
        everyone = [row.id for row in Records(connection).where(Delivery)]
        unknown = {"status": "unknown", "answer": "中断", "settled_at": app.house.clock.now()}
        connection.execute(table.update().where(table.c.id == everyone[0]).values(**unknown))
    app.house.store.dispose()
    answer = hallmark("notifications", "--round", demo, "--json")
    assert answer.status == 1
    assert answer.json["counts"]["unknown"] == 1
    assert answer.json["counts"]["queued"] == sum(line["status"] == "queued" for line in answer.json["deliveries"]) > 1
    assert answer.json["waiting"] == 0
    only = hallmark("notifications", "--status", "unknown", "--json").json["deliveries"]
    assert [(line["id"], line["answer"]) for line in only] == [(everyone[0], "中断")]
    assert only[0]["notifications"] >= len(only[0]["kinds"]) >= 1
    party = only[0]["party"]
    mine = hallmark("notifications", "--recipient", party, "--json").json["deliveries"]
    assert mine
    assert {line["party"] for line in mine} == {party}
    assert "中断" in hallmark("notifications").out


def test_notifications_say_when_what_waits_is_tried_next(hallmark: Hallmark, demo: str, home: Path) -> None:
    app, now, table = at_noon(home), SystemClock().now(), table_of(Delivery)
    waits = {"refused_for_now": now + timedelta(minutes=20), "queued": now + timedelta(days=1), "unknown": now + timedelta(minutes=20)}
    with app.house.store.write() as connection:
        ids = [row.id for row in Records(connection).where(Delivery)][:3]
        rests: dict[str, Any] = {
            "channel": "mail",
            "failures": 5,
            "rests": 1,
            "rests_until": now + timedelta(minutes=40),
            "reason": "",
            "failing_since": now,
        }
        connection.execute(insert(table_of(ChannelHealth)), [rests])
        for each, (status, due_at) in zip(ids, waits.items(), strict=True):
            connection.execute(table.update().where(table.c.id == each).values(status=status, due_at=due_at))
        connection.execute(table.update().where(table.c.id.not_in(ids)).values(due_at=now))
        connection.execute(table.update().where(table.c.id == ids[0]).values(channel="mail"))
    app.house.store.dispose()
    out = hallmark("notifications").out
    soon, tomorrow, settled = (next(line for line in out.splitlines() if each[:12] in line) for each in ids)
    here = ZoneInfo("Asia/Shanghai")
    assert "下次" in out
    asked = rests["rests_until"].astimezone(here)
    assert f"歇到 {asked:%Y-%m-%d %H:%M} 再试" in out
    assert f"{asked:%H:%M}" in soon
    assert f"{waits['queued'].astimezone(here):%m-%d %H:%M}" in tomorrow
    assert ":" not in settled
    assert "即将" in out


def test_notifications_take_the_round_as_board_does(hallmark: Hallmark, demo: str, home: Path) -> None:
    at_noon(home).house.store.dispose()
    assert hallmark("notifications", demo, "--json").json == hallmark("notifications", "--round", demo, "--json").json
    answer = hallmark("notifications", demo[:-1])
    assert (answer.status, answer.out, demo in answer.err) == (1, "", True)


def test_what_waits_to_be_put_into_messages_is_counted_as_it_was_asked_for(hallmark: Hallmark, demo: str, home: Path) -> None:
    app = build(demo_settings(Settings(home=home)))
    notify(app.house)
    with app.house.store.read() as connection:
        waiting = to_be_told(app.house, connection, demo)
    app.house.store.dispose()
    for kind, recipient in {(row.kind, row.recipient) for row in waiting[:3]}:
        for option, value, fitting in (("--kind", kind, "kind"), ("--recipient", recipient, "recipient")):
            expected = sum(getattr(row, fitting) == value for row in waiting)
            assert 0 < hallmark("notifications", option, value, "--json").json["waiting"] == expected < len(waiting)
    assert hallmark("notifications", "--status", "queued", "--json").json["waiting"] == 0
    assert hallmark("notifications", "--since", "2199-01-01", "--json").json["waiting"] == 0
    assert hallmark("notifications", "--json").json["waiting"] == len(waiting)


def test_messages_that_only_wait_are_not_called_undelivered(hallmark: Hallmark, demo: str, home: Path) -> None:
    app = build(demo_settings(Settings(home=home)))
    notify(app.house)
    app.house.store.dispose()
    answer = hallmark("notifications", "--kind", "新待办")
    assert (answer.status, "没有送达" in answer.out) == (0, False)
    assert answer.out.startswith("不论筛选：还没有消息；符合筛选而尚未成信 ")
    board = hallmark("board", demo).out
    assert "没有送达" not in board
    assert "送达：还没有消息；尚未成信 " in board


def test_notifications_to_a_party_that_is_not_there_name_the_nearest(hallmark: Hallmark, demo: str) -> None:
    answer = hallmark("notifications", "--recipient", "JD0l")
    assert (answer.status, answer.out) == (1, "")
    assert "没有收件方“JD0l”；最接近的是“JD0" in answer.err


def test_recipient_is_known_by_id_name_and_part_of_a_name(hallmark: Hallmark, demo: str, home: Path) -> None:
    at_noon(home).house.store.dispose()
    parties = {each["id"]: each["name"] for each in hallmark("roster", "--json").json}
    expected = hallmark("notifications", "--recipient", "JD01", "--json").json
    assert expected["deliveries"] or expected["waiting"]
    for text in ("jd01", f" {parties['JD01']} ", parties["JD01"].removeprefix("滨江区")):
        assert hallmark("notifications", "--recipient", text, "--json").json == expected
    expert = hallmark("notifications", "--recipient", "ZJ01", "--json").json
    assert hallmark("notifications", "--recipient", f"{parties['ZJ01']}（ZJ01）", "--json").json == expert


def test_recipient_who_may_be_several_is_asked_about_without_full_names(hallmark: Hallmark, demo: str, home: Path) -> None:
    answer = hallmark("notifications", "--recipient", "街道")
    assert (answer.status, answer.out) == (1, "")
    assert "\n“街道”可以指几方：" in answer.err
    assert "JD01（滨江区" in answer.err
    assert answer.err.endswith("；请写编号。\n")
    nobody = hallmark("notifications", "--recipient", "诸葛*")
    assert "没有收件方“诸葛*”；编号和名称可用 hallmark roster 查看。" in nobody.err
    near = hallmark("notifications", "--recipient", "滨江区长和街道总工会")
    assert "没有收件方“滨江区长和街道总工会”；最接近的是“滨江区长河街道总工会”" in near.err
    assert not [name for name in names_in(home) if name in answer.err + near.err]


def test_history_tells_reminders_from_escalations(hallmark: Hallmark, demo: str, home: Path) -> None:
    at_noon(home).house.store.dispose()
    app = build(demo_settings(Settings(home=home)))
    with app.house.store.read() as connection:
        entries = Records(connection).where(LedgerEntry, event="work_item_reminded")
    app.house.store.dispose()
    late = next(entry.subject for entry in entries if '"audience":"superior"' in entry.payload)
    view = hallmark("show", late)
    lines = [line for line in view.out.splitlines() if "出具推荐意见" in line and ("催办" in line or "升级" in line)]
    assert any("升级" in line and "催办：" not in line for line in lines)
    fired = [line["audiences"] for line in hallmark("show", late, "--json").json["history"] if line["event"] == "work_item_reminded"]
    assert ["superior"] in fired


def test_notifications_are_found_and_shown_by_their_chinese_names(hallmark: Hallmark, demo: str, home: Path) -> None:
    at_noon(home).house.store.dispose()
    by_id = hallmark("notifications", "--kind", "work_opened", "--status", "queued", "--json").json["deliveries"]
    by_name = hallmark("notifications", "--kind", "新待办", "--status", "待发送", "--json").json["deliveries"]
    assert by_id == by_name != []
    assert all("work_opened" in line["kinds"] for line in by_id)
    shown = hallmark("notifications").out
    assert "新待办" in shown
    assert "work_opened" not in shown


def test_notifications_that_were_all_sent_end_with_0(hallmark: Hallmark, demo: str, home: Path) -> None:
    app = at_noon(home)
    with app.house.store.write() as connection:
        connection.execute(table_of(Delivery).update().values(status="sent", settled_at=app.house.clock.now()))
    report = deliver(app.house, app.channels, "test")
    app.house.store.dispose()
    assert (report.sent, report.queued) == (0, 0)
    answer = hallmark("notifications")
    assert answer.status == 0
    assert "已送达" in answer.out
