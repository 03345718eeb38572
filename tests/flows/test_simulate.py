"""One round of forty, simulated once and looked at from every side."""

import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from config.labels import label
from config.vocabulary import NominationState, Stage
from flows.command_line.screen import jsonable
from flows.reading.planned import as_planned
from flows.simulation.people import made_up
from flows.workbooks import read
from notifiers.kind_names import KIND_NAMES
from states.candidate import Candidate
from states.frozen import frozen_programme
from states.ledger import entry_hash, genesis
from tests.flows import simulated

ZONE = ZoneInfo("Asia/Shanghai")
KEYS = [
    "round",
    "opened_at",
    "closed_at",
    "nominations",
    "states",
    "certified",
    "transitions",
    "reminders",
    "escalations",
    "notifications",
    "ledger",
    "timeline",
    "out",
    "refused",
]


@dataclass
class Simulated:
    figures: dict[str, Any]
    out: Path
    steps: list[tuple[int, int, str]]
    told: list[str]

    @cached_property
    def ledger(self) -> list[dict[str, Any]]:
        lines = (self.out / "ledger-bjgj-2023.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def events(self, event: str) -> list[dict[str, Any]]:
        return [{**entry, "payload": json.loads(entry["payload"])} for entry in self.ledger if entry["event"] == event]

    def table(self, name: str, sheet: str) -> list[dict[str, Any]]:
        header, *rows = load_workbook(self.out / name, read_only=False)[sheet].values
        return [dict(zip(map(str, header), row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def forty(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    out = tmp_path_factory.mktemp("simulated") / "out"
    steps: list[tuple[int, int, str]] = []
    told: list[str] = []
    figures = simulated.run(synthetic=40, out=out, progress=lambda *step: steps.append(step), tell=told.append)
    return Simulated(figures, out, steps, told)


def test_figures_have_the_keys_and_shapes_that_are_promised(forty: Simulated) -> None:
    figures = forty.figures
    assert list(figures) == KEYS
    assert set(figures["notifications"]) == {"sent", "failed", "unknown"}
    assert set(figures["ledger"]) == {"entries", "verified"}
    timeline = [as_planned(line) for line in figures["timeline"]]
    assert json.loads(json.dumps(jsonable(timeline))) == json.loads((forty.out / "时间线.json").read_bytes())
    assert figures["round"] == "bjgj-2023"
    assert figures["opened_at"] == "2023-06-06T09:00:00+08:00"


def test_ten_of_forty_are_certified_and_everybody_has_an_end(forty: Simulated) -> None:
    figures = forty.figures
    assert figures["nominations"] == 40
    assert sum(figures["states"].values()) == 40
    assert set(figures["states"]) == {"government_certified", "not_selected", "rejected", "lapsed", "withdrawn"}
    assert len(figures["certified"]) == figures["states"]["government_certified"] == 10
    assert all(number.startswith("BJGJ-2023-") for number in figures["certified"])


def test_messages_arrive_and_the_late_are_reminded_and_reported(forty: Simulated) -> None:
    figures = forty.figures
    fired = [step["audience"] for entry in forty.events("work_item_reminded") for step in entry["payload"]["fired"]]
    assert figures["notifications"] == {"sent": figures["notifications"]["sent"], "failed": 0, "unknown": 0}
    assert figures["notifications"]["sent"] == len(forty.table("通知一览.xlsx", "消息"))
    assert figures["reminders"] == fired.count("owner") > 0
    assert figures["escalations"] == len(fired) - fired.count("owner") > 0
    assert {"owner", "superior", "district_office"} <= set(fired)


def test_ledger_verifies_and_its_chain_can_be_computed_again(forty: Simulated) -> None:
    head = genesis("bjgj-2023", (forty.out / "programme-bjgj-2023.yaml").read_text(encoding="utf-8"))
    for entry in forty.ledger:
        assert entry["prev"] == head
        head = entry_hash(entry)
        assert entry["hash"] == head
    house = (forty.out / "ledger-house.jsonl").read_text(encoding="utf-8").splitlines()
    assert forty.figures["ledger"] == {"entries": len(forty.ledger) + len(house), "verified": True}


def test_transitions_are_the_moves_of_nominations(forty: Simulated) -> None:
    moved = [entry for entry in forty.ledger if entry["subject"].startswith("BJGJ-") and entry["source"] and entry["target"]]
    assert forty.figures["transitions"] == len(moved)


def test_story_has_a_correction_mended_and_one_that_lapses(forty: Simulated) -> None:
    returned = {entry["subject"] for entry in forty.events("nomination_returned")}
    mended = {entry["subject"] for entry in forty.events("nomination_resubmitted")}
    lapsed = {entry["subject"] for entry in forty.events("nomination_lapsed")}
    assert (len(mended), len(lapsed)) == (1, 1)
    assert mended | lapsed == returned
    assert mended <= {entry["subject"] for entry in forty.events("nomination_qualified")}


def test_story_has_a_withdrawal_a_waiver_and_a_recusal(forty: Simulated) -> None:
    waived = [row for row in forty.table("申报情况-bjgj-2023.xlsx", "审核意见") if row["结果"] == "已放宽"]
    recused = [entry for entry in forty.events("seat_assigned") if entry["payload"].get("texts")]
    assert len(forty.events("nomination_withdrawn")) == 1
    assert [(row["条款"], row["有无理由"]) for row in waived] == [("N11", "有")]
    assert len(recused) == 1


def test_story_has_three_objections_and_a_reserve_with_a_notice_of_their_own(forty: Simulated) -> None:
    filed = Counter(entry["payload"]["status"] for entry in forty.events("objection_filed"))
    upheld = [entry["subject"] for entry in forty.events("nomination_rejected_on_objection")]
    risen = [entry["subject"] for entry in forty.events("nomination_approved") if entry["source"] == "reserved"]
    first, second = forty.events("notice_published")
    assert filed == {"open": 2, "noted": 1}
    assert len(upheld) == len(risen) == 1
    assert upheld[0] in first["payload"]["nominations"]
    assert second["payload"]["nominations"] == risen
    assert risen[0] in forty.figures["certified"]


def test_late_experts_and_units_are_late_by_working_days(forty: Simulated) -> None:
    late = Counter(row["待办"] for row in forty.table("办理过程.xlsx", "期限") if row["逾期工作日"])
    assert late["提交评分表"] >= 2
    assert late["出具推荐意见"] >= 2
    assert late["落实待遇"] == 3
    assert "截止申报" not in late


def test_reminders_fire_at_nine_and_nothing_is_sent_in_the_quiet_hours(forty: Simulated) -> None:
    reminded = {datetime.fromisoformat(entry["at"]).astimezone(ZONE).time() for entry in forty.events("work_item_reminded")}
    sent = [datetime.strptime(row["时间"], "%Y-%m-%d %H:%M").time() for row in forty.table("通知一览.xlsx", "消息")]  # noqa: DTZ007
    assert reminded == {time(9)}
    assert all(time(8) <= at < time(20) for at in sent)


def test_every_notification_says_who_when_what_and_why(forty: Simulated) -> None:
    rows = forty.table("通知一览.xlsx", "通知")
    assert len(rows) > forty.figures["notifications"]["sent"]
    assert all(row["收件人"] and row["时间"] and row["类别"] and row["缘由"] for row in rows)
    assert {"催办", "升级", "新待办", "启动通知"} <= {row["类别"] for row in rows} <= set(KIND_NAMES.values())
    assert {row["结果"] for row in rows} <= {"已送达", "已不需要，未发"}


def test_papers_are_listed_and_nothing_else_lies_there(forty: Simulated) -> None:
    lying = sorted(path.relative_to(forty.out).as_posix() for path in forty.out.rglob("*") if path.is_file())
    assert forty.figures["out"] == lying
    assert {"推荐汇总表.xlsx", "名册.xlsx", "评分表.xlsx", "通知一览.xlsx", "办理过程.xlsx", "时间线.md"} <= set(lying)


def test_workbooks_can_be_read_back_as_if_an_office_had_sent_them(forty: Simulated) -> None:
    rubric = frozen_programme(simulated.rules()).review.rubric
    day = date(2023, 6, 6)
    nominations = read("nominations", forty.out / "推荐汇总表.xlsx", today=day)
    scores = read("scores", forty.out / "评分表.xlsx", today=day, rubric=rubric)
    assert (len(nominations.values(Candidate)), nominations.problems) == (40, ())
    assert scores.problems == ()
    assert len(scores.rows) == len(forty.events("score_recorded"))
    assert read("roster", forty.out / "名册.xlsx", today=day).problems == ()


def test_timeline_draws_every_stage_with_its_deadline(forty: Simulated) -> None:
    page = (forty.out / "时间线.md").read_text(encoding="utf-8")
    assert page.count("```mermaid") == 1
    assert all(f"\nsection {label(stage)}\n" in page for stage in Stage)
    assert page.count("截止 :milestone") == len(Stage)
    assert " :active, " not in page  # all of it is done
    (closed,) = [date.fromisoformat(entry["at"][:10]) for entry in forty.events("stage_concluded") if entry["source"] == "intake"]
    assert f"申报推荐 :done, 2023-06-06, {closed}\n" in page  # closed at midnight, in the zone of the round: the day is that of UTC
    assert re.search(rf"\| 申报推荐 \| 2023-06-06 \| {closed} \| {closed} \|", page)
    assert "第1批公示 :" in page
    assert "第2批公示 :" in page


def test_progress_goes_on_to_its_end(forty: Simulated) -> None:
    days = [done for done, _, _ in forty.steps]
    total = {of for _, of, _ in forty.steps}
    assert days == sorted(days)
    assert len(total) == 1
    assert forty.steps[-1] == (total.pop(), days[-1], "已结束")


def test_synthetic_candidates_all_go_in(forty: Simulated) -> None:
    assert forty.told == []
    submitted = made_up(frozen_programme(simulated.rules()), 40, 7).submissions
    assert len(forty.events("nomination_submitted")) == len(submitted)


def test_states_come_in_the_order_of_the_vocabulary(forty: Simulated) -> None:
    order = [state.value for state in NominationState]
    assert list(forty.figures["states"]) == sorted(forty.figures["states"], key=order.index)
