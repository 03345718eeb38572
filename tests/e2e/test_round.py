"""A whole round through all six milestones, by running deployments as an operator does; then a browser reads the board."""

import re
import sqlite3
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowFilter, FlowFilterName
from prefect.client.schemas.objects import FlowRun
from prefect.events.filters import EventFilter, EventNameFilter
from prefect.events.schemas.events import Event

from config.loader import find_programme, load_programme
from config.vocabulary import BenefitKind, Trigger, Vote
from flows.prefect_api import list_scheduled
from flows.service.stopping import wait_patiently
from flows.workbooks import write_rows
from flows.workbooks.rows import AssignmentRow, BenefitRow, EndorsementRow, ResolutionRow, ScoreRow, VerdictRow
from flows.workbooks.synthetic import synthetic_candidates
from flows.workbooks.synthetic_roster import synthetic_roster
from states.candidate import Candidate
from tests.e2e.harness import Hallmark

pytestmark = pytest.mark.e2e

SLUG, OPERATOR, HEADS = "bjgj-2023", "JB02", 9
TODAY = date.today()  # noqa: DTZ011 - the worker is another process and reads the machine's clock
PLAN_CODE = re.compile(r"计划码 ([0-9A-F]{8})")
PROGRAMME = load_programme(find_programme("binjiang-craftsman-2023"))
NUMBERS = [PROGRAMME.number(ordinal) for ordinal in range(1, 5)]


class Office:
    """An operator at the dashboard: files into the inbox, a form, the plan code out of the preview, the form again."""

    def __init__(self, hallmark: Hallmark) -> None:
        self.hallmark = hallmark
        self.inbox = hallmark.home / "inbox"

    def put(self, kind: str, rows: list[Any]) -> str:
        rubric = PROGRAMME.review.rubric if kind == "scores" else ()
        write_rows(kind, self.inbox / f"{kind}.xlsx", rows, rubric=rubric)
        return f"{kind}.xlsx"

    def run(self, deployment: str, **parameters: Any) -> str:
        """Run a deployment and give what its final state says; fails unless it was done."""
        given = {"slug": SLUG, "operator": OPERATOR} | parameters
        run = self.hallmark.run(deployment, given)
        assert run.state is not None
        assert run.state.name == "已办理", f"{deployment}: {run.state.name} {run.state.message}"
        assert run.name.startswith(given["slug"])
        assert {f"届次:{given['slug']}", "届次:house"} & set(self.hallmark.tags(run.id))
        return str(run.state.message)

    def decide(self, deployment: str, **parameters: Any) -> str:
        """Run a bulk deployment twice: for the preview, and with the plan code that the preview gave."""
        preview = self.hallmark.run(deployment, {"slug": SLUG, "operator": OPERATOR} | parameters)
        assert preview.state is not None
        assert preview.state.name == "待核对", f"{deployment}: {preview.state.name} {preview.state.message}"
        found = PLAN_CODE.search(str(preview.state.message))
        assert found
        return self.run(deployment, plan_code=found[1], **parameters)


@pytest.fixture(scope="module")
def candidates() -> list[Candidate]:
    return synthetic_candidates(Random(11), len(NUMBERS), flaws=False)


@pytest.fixture(scope="module")
def office(hallmark: Hallmark, candidates: list[Candidate]) -> Office:
    """An office whose round has gone from the call to the last benefit."""
    office = Office(hallmark)
    _open(office)
    _recommend(office, candidates)
    _review(office)
    _decide(office)
    return office


def test_round_by_deployments_reaches_every_milestone(office: Office) -> None:
    board = office.hallmark.artifact(f"board-{SLUG}")
    assert board is not None
    assert "| 区政府认定 | 2 |" in board
    assert "| 未入选 | 1 |" in board
    assert "| 不予通过 | 1 |" in board
    assert "**已结束**" in board


def test_board_in_browser_shows_counts_and_diagrams(office: Office, page: Page, shoot: Callable[[Page, str], Path]) -> None:
    page.goto(office.hallmark.artifact_page(f"board-{SLUG}"))
    row = page.get_by_role("row", name=re.compile("区政府认定"))
    expect(row.first).to_contain_text("2", timeout=60_000)
    expect(page.locator("svg[id^=mermaid]").first).to_be_visible(timeout=60_000)
    expect(page.get_by_text("领导小组审定").first).to_be_visible()
    shoot(page, "board")


def test_refusal_ends_as_a_sentence_without_traceback(office: Office) -> None:
    run = office.hallmark.run("截止申报/close-intake", {"slug": SLUG, "operator": OPERATOR})
    assert run.state is not None
    assert (run.state.name, run.state.is_failed()) == ("已拒绝", True)
    assert "申报截止" in str(run.state.message) or "不能“截止申报”" in str(run.state.message)
    assert not any("Traceback" in line for line in office.hallmark.logs(run.id))


def test_transitions_are_events_with_nomination_and_round(office: Office) -> None:
    found = office.hallmark.ask(_events("hallmark.nomination.certified"))
    assert sorted(event.resource.id for event in found) == [f"hallmark.nomination.{number}" for number in NUMBERS[:2]]
    assert {resource.id for event in found for resource in event.related if resource.role == "round"} == {f"hallmark.round.{SLUG}"}


def test_messages_leave_by_themselves_into_files(office: Office) -> None:
    """Nobody ran ``deliver``: the event of each command woke it. In the quiet hours what it made waits for the morning."""
    runs = office.hallmark.ask(_runs_of("发送消息"))
    assert any(run.state_name == "已办理" for run in runs)
    with sqlite3.connect(office.hallmark.home / "hallmark.db") as connection:
        (made,) = connection.execute("SELECT count(*) FROM notification").fetchone()
        (waiting,) = connection.execute("SELECT count(*) FROM notification WHERE delivery IS NULL").fetchone()
    assert made > 0
    assert list((office.hallmark.home / "outbox" / "mail").iterdir()) or waiting == made


def test_clockwork_is_scheduled_by_the_server_itself(office: Office) -> None:
    """A schedule that is active makes nothing run unless the server can make its runs."""
    for deployment in ("到期处理/tick", "发送消息/deliver", "刷新看板/refresh-board"):
        assert wait_patiently(partial(_has_runs, office, deployment), seconds=90), deployment


def test_nothing_personal_reaches_prefect(office: Office, candidates: list[Candidate]) -> None:
    """Every name, identity-card number and phone of a candidate is sought in Prefect's own database and logs."""
    stored = b"".join(path.read_bytes() for path in (office.hallmark.home / "prefect").glob("*.db*"))
    stored += b"".join(path.read_bytes() for path in (office.hallmark.home / "logs").glob("*.log"))
    for candidate in candidates:
        for secret in (candidate.id_card, candidate.name, candidate.phone, candidate.deeds):
            assert secret.encode() not in stored
            assert secret.encode("unicode_escape") not in stored


@pytest.fixture(scope="module")
def next_round(office: Office) -> str:
    """A second round that begins today; gives its slug."""
    office.run("启动本届/open-round", slug="bjgj-next", programme="next.yaml", opens_on=TODAY.isoformat())
    return "bjgj-next"


def test_scheduled_runs_of_the_clockwork_are_named_in_chinese(office: Office) -> None:
    """Prefect makes names up; each delivery names what stands ahead, and a run that begins is named again."""
    run = office.hallmark.run("发送消息/deliver")
    assert run.name.startswith("发送消息 ")
    for deployment in ("到期处理/tick", "发送消息/deliver", "刷新看板/refresh-board"):
        nearest = next(each for each in office.hallmark.ask(list_scheduled(deployment)) if "日历" not in each.tags)
        assert nearest.name.startswith(f"{deployment.partition('/')[0]} "), nearest


def test_calendar_of_a_running_round_stands_in_the_scheduled_runs(office: Office, next_round: str) -> None:
    """Its deadlines and reminders are named runs of the tick."""
    runs = office.hallmark.ask(list_scheduled("到期处理/tick", [f"届次:{next_round}"]))
    assert any("截止申报" in run.name for run in runs)
    assert [run.at for run in runs] == sorted(run.at for run in runs)


def test_hold_survives_deploying_again(office: Office, next_round: str) -> None:
    """``prefect deploy --all`` switches paused schedules on again: that a round is on hold stands in our own database."""
    (office.inbox / "why.txt").write_text("台风停工。", encoding="utf-8")
    office.run("暂停本届/hold-round", slug=next_round, reason_file="why.txt")
    office.hallmark.deploy(office.hallmark.plan.project)
    run = office.hallmark.run("到期处理/tick", {"slug": next_round})
    assert run.state is not None
    assert "本届已暂停" in str(run.state.message)


def _open(office: Office) -> None:
    office.put("roster", synthetic_roster(Random(3)))
    office.run("导入名册/import-roster", file="roster.xlsx")
    text = find_programme("binjiang-craftsman-2023").read_text(encoding="utf-8")
    by_office = text.replace("conclude: automatic", "conclude: office", 1)
    (office.inbox / "round.yaml").write_text(by_office, encoding="utf-8")
    (office.inbox / "next.yaml").write_text(text.replace("BJGJ-2023", "BJGJ-NEXT"), encoding="utf-8")
    opens = (TODAY - timedelta(days=60)).isoformat()
    office.run("启动本届/open-round", programme="round.yaml", opens_on=opens)


def _recommend(office: Office, candidates: list[Candidate]) -> None:
    in_time = (TODAY - timedelta(days=50)).isoformat()
    office.run("导入推荐汇总表/import-nominations", file=office.put("nominations", candidates), received_on=in_time)
    pairs = zip(NUMBERS, candidates, strict=True)
    opinions = [EndorsementRow(nomination=number, unit=each.unit, endorses=True, opinion="同意推荐。") for number, each in pairs]
    office.decide("登记推荐意见/record-endorsements", file=office.put("endorsements", opinions))
    office.decide("截止申报/close-intake")
    rejected = VerdictRow(nomination=NUMBERS[3], verdict=Trigger.REJECT, reason="现场核查不符。")
    office.decide("登记资格审核/record-qualification", file=office.put("verdicts", [rejected]))
    office.decide("登记资格审核/record-qualification")


def _review(office: Office) -> None:
    running = NUMBERS[:3]
    seats = [AssignmentRow(nomination=number, expert=f"ZJ0{expert}") for number in running for expert in range(1, 6)]
    office.decide("分配评审专家/assign-experts", file=office.put("assignments", seats))
    sheets = [
        ScoreRow(expert=f"ZJ0{expert}", nomination=number, marks=_marks(place, expert))
        for place, number in enumerate(running)
        for expert in range(1, 6)
    ]
    office.run("登记评分表/record-scores", file=office.put("scores", sheets))
    office.decide("评审结论/conclude-review")


def _decide(office: Office) -> None:
    held, notice = TODAY - timedelta(days=30), TODAY - timedelta(days=29)
    votes = [ResolutionRow(nomination=number, vote=Vote.APPROVE, approve=HEADS, against=0, abstain=0) for number in NUMBERS[:2]]
    votes.append(ResolutionRow(nomination=NUMBERS[2], vote=Vote.PASS_OVER, approve=1, against=HEADS - 1, abstain=0))
    sitting = {"held_on": held.isoformat(), "members": HEADS, "present": HEADS, "document": "纪要〔2023〕1号"}
    office.decide("登记审定会议决议/record-resolution", file=office.put("resolution", votes), **sitting)
    office.decide("发布公示/publish-notice", first_day=notice.isoformat())
    run = office.hallmark.run("到期处理/tick", {"slug": SLUG})
    assert run.state is not None
    assert run.state.name == "已办理", run.state.message
    office.decide("登记区政府认定/certify", document="滨政发〔2023〕8号", document_date=TODAY.isoformat())
    given = [_benefit(number, kind) for number in NUMBERS[:2] for kind in BenefitKind]
    office.decide("登记待遇落实/record-benefits", file=office.put("benefits", given))


def _has_runs(office: Office, deployment: str) -> bool:
    return bool(office.hallmark.ask(list_scheduled(deployment)))


def _marks(place: int, expert: int) -> dict[str, Decimal]:
    return {each.id: Decimal(each.maximum) - place - Decimal(expert) / 10 for each in PROGRAMME.review.rubric}


def _benefit(number: str, kind: BenefitKind) -> BenefitRow:
    money = kind == BenefitKind.AWARD
    amount, tax = (Decimal(30_000), Decimal(6_000)) if money else (None, None)
    return BenefitRow(nomination=number, benefit=kind, given=TODAY, voucher="PZ-001" if money else "", amount=amount, tax=tax)


async def _events(name: str) -> list[Event]:
    async with get_client() as client:
        page = await client.read_events(filter=EventFilter(event=EventNameFilter(name=[name])), limit=50)
    return list(page.events)


async def _runs_of(flow: str) -> list[FlowRun]:
    async with get_client() as client:
        return await client.read_flow_runs(flow_filter=FlowFilter(name=FlowFilterName(any_=[flow])))
