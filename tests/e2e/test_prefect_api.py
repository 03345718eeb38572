"""The helpers of flows/prefect_api.py against the real server, and what the dashboard shows of them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from prefect.client.orchestration import get_client
from prefect.events import Event
from prefect.events.filters import EventFilter, EventNameFilter
from prefect.exceptions import ObjectNotFound

from flows import mermaid, prefect_api
from flows.returning import come_back
from flows.service.stopping import wait_patiently
from tests.e2e.harness import STUB, Hallmark

pytestmark = pytest.mark.e2e

GREET = "greet/greet"
NOON = datetime(2031, 7, 3, 4, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def server(hallmark: Hallmark) -> Hallmark:
    hallmark.deploy(STUB)
    return hallmark


def test_run_goes_through_worker_with_home_and_parameters(server: Hallmark) -> None:
    run = server.run(GREET, {"name": "李*"})
    assert run.state is not None
    assert run.state.is_completed()
    assert wait_patiently(lambda: f"李* {server.home}" in server.logs(run.id), seconds=30)


def test_event_reaches_server_with_resource_related_and_payload(server: Hallmark) -> None:
    server.ask(
        prefect_api.emit_event(
            "hallmark.nomination.qualified",
            {"prefect.resource.id": "hallmark.nomination.BJGJ-2023-0007", "prefect.resource.name": "BJGJ-2023-0007"},
            [{"prefect.resource.id": "hallmark.round.bjgj-2023", "prefect.resource.role": "round"}],
            {"from": "submitted", "to": "qualified"},
        )
    )
    found: list[Event] = []

    def arrived() -> bool:
        found[:] = server.ask(_events("hallmark.nomination.qualified"))
        return bool(found)

    assert wait_patiently(arrived, seconds=30)
    assert [event.resource.id for event in found] == ["hallmark.nomination.BJGJ-2023-0007"]
    assert "hallmark.round.bjgj-2023" in [related.id for related in found[0].related]
    assert found[0].payload == {"from": "submitted", "to": "qualified"}


def test_event_emitted_by_run_at_its_very_end_is_not_lost(server: Hallmark) -> None:
    server.run("shout/shout")
    assert wait_patiently(lambda: len(server.ask(_events("hallmark.stub.shouted"))) == 1, seconds=30)


def test_event_with_too_many_related_is_refused_and_not_lost_silently(server: Hallmark) -> None:
    related = [{"prefect.resource.id": f"hallmark.nomination.{n}", "prefect.resource.role": "nomination"} for n in range(101)]
    with pytest.raises(ValueError, match="100 related resources, not 101"):
        server.ask(prefect_api.emit_event("hallmark.many", {"prefect.resource.id": "hallmark.round.x"}, related))


def test_artifact_has_newest_version_under_its_key(server: Hallmark) -> None:
    first = server.ask(prefect_api.write_markdown_artifact("plan-x", "# 一", "预案"))
    second = server.ask(prefect_api.write_markdown_artifact("plan-x", "# 二", "预案"))
    assert first != second
    assert server.artifact("plan-x") == "# 二"
    assert server.artifact("plan-y") is None


def test_artifact_kept_in_place_keeps_its_page(server: Hallmark) -> None:
    first = server.ask(prefect_api.keep_markdown_artifact("board-kept", "# 一"))
    page = server.artifact_page("board-kept")
    second = server.ask(prefect_api.keep_markdown_artifact("board-kept", "# 二"))
    assert first == second
    assert server.artifact("board-kept") == "# 二"
    assert server.artifact_page("board-kept") == page


def test_board_with_diagrams_is_readable(server: Hallmark, page: Page, shoot: Callable[[Page, str], Path]) -> None:
    server.ask(prefect_api.keep_markdown_artifact("board-look", BOARD, "第四届滨江工匠"))
    page.goto(server.artifact_page("board-look"))
    drawn = page.locator("svg[aria-roledescription]")
    expect(drawn).to_have_count(3)
    expect(drawn.nth(0)).to_contain_text("资格审核通过 8")
    shoot(page, "board-look")
    # A letter's colour against the box behind it, by WCAG's measure of contrast; 4.5 is its floor for text.
    assert {text: round(ratio, 1) for text, ratio in page.evaluate(CONTRASTS) if ratio < 4.5} == {}
    heights = [box["height"] for text in page.get_by_text("推荐申报").all() if (box := text.bounding_box())]
    assert min(heights) >= 12


def test_scheduled_run_stands_in_calendar_and_same_key_gives_same_run(server: Hallmark) -> None:
    tags = ["round:calendar", "v1"]
    later = server.ask(prefect_api.schedule_run(GREET, NOON + timedelta(days=1), "07-04 12:00 催办", tags, {"name": "王*"}, "calendar-b"))
    first = server.ask(prefect_api.schedule_run(GREET, NOON, "07-03 12:00 催办 专家评审 余3日", tags, None, "calendar-a"))
    again = server.ask(prefect_api.schedule_run(GREET, NOON + timedelta(days=9), "别的", [], None, "calendar-a"))
    assert again.id == first.id
    assert first.at == NOON
    assert first.at.tzinfo is UTC
    found = server.ask(prefect_api.list_scheduled(GREET, ["round:calendar"]))
    assert [(run.id, run.name, run.at, run.key) for run in found] == [
        (first.id, "07-03 12:00 催办 专家评审 余3日", NOON, "calendar-a"),
        (later.id, "07-04 12:00 催办", NOON + timedelta(days=1), "calendar-b"),
    ]
    assert found[0].tags == frozenset(tags)


def test_deliverer_that_comes_back_early_is_scheduled_once(server: Hallmark) -> None:
    departure = NOON + timedelta(minutes=1)
    first = server.ask(come_back(departure, NOON, GREET))
    again = server.ask(come_back(departure, NOON + timedelta(seconds=20), GREET))
    assert first is not None
    assert again is not None
    assert (first.id, first.at) == (again.id, departure)
    assert server.ask(come_back(NOON + timedelta(hours=1), NOON, GREET)) is None


def test_deleted_run_leaves_calendar_and_its_key_makes_new_one(server: Hallmark) -> None:
    first = server.ask(prefect_api.schedule_run(GREET, NOON, "甲", ["round:deleted"], None, "deleted-a"))
    server.ask(prefect_api.delete_run(first.id))
    server.ask(prefect_api.delete_run(first.id))
    assert server.ask(prefect_api.list_scheduled(GREET, ["round:deleted"])) == []
    second = server.ask(prefect_api.schedule_run(GREET, NOON, "甲", ["round:deleted"], None, "deleted-a"))
    assert second.id != first.id


def test_calendar_longer_than_page_of_api_is_read_whole(server: Hallmark, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefect_api, "_PAGE", 3)

    async def fill() -> list[prefect_api.ScheduledRun]:
        for day in range(7):
            # A key, as the calendar gives one: Prefect's client asks again where an answer is lost under load.
            await prefect_api.schedule_run(GREET, NOON + timedelta(days=day), f"第 {day} 日", ["round:long"], None, f"long-{day}")
        return await prefect_api.list_scheduled(GREET, ["round:long"])

    assert [run.name for run in server.ask(fill())] == [f"第 {day} 日" for day in range(7)]


def test_run_created_is_servers_time_in_utc(server: Hallmark) -> None:
    before = datetime.now(UTC)
    run = server.ask(prefect_api.schedule_run(GREET, NOON, "乙", ["round:created"]))
    created = server.ask(prefect_api.run_created(run.id))
    assert created.tzinfo is UTC
    assert before - timedelta(seconds=1) <= created <= datetime.now(UTC) + timedelta(seconds=1)
    server.ask(prefect_api.delete_run(run.id))
    with pytest.raises(ObjectNotFound):
        server.ask(prefect_api.run_created(run.id))


def test_schedule_refuses_naive_instant_and_unknown_deployment(server: Hallmark) -> None:
    with pytest.raises(ValueError, match="aware"):
        server.ask(prefect_api.schedule_run(GREET, NOON.replace(tzinfo=None), "丙"))
    with pytest.raises(ObjectNotFound):
        server.ask(prefect_api.schedule_run("nobody/nothing", NOON, "丙"))


async def _events(name: str) -> list[Event]:
    async with get_client() as client:
        answer = await client.request(
            "POST", "/events/filter", json={"filter": EventFilter(event=EventNameFilter(name=[name])).model_dump(mode="json")}
        )
    return [Event.model_validate(event) for event in answer.json()["events"]]


BOARD = "# 看板\n\n" + "\n".join(
    map(
        mermaid.fenced,
        (
            """
stateDiagram-v2
                direction LR
                submitted: 已受理 12
                qualified: 资格审核通过 8
                [*] --> submitted
                submitted --> qualified: 通过
            """,
            """
            gantt
                title 各阶段与期限
                dateFormat YYYY-MM-DD
                axisFormat %m-%d
                section 受理
                推荐申报 :done, 2023-06-06, 2023-06-30
                section 审核
                资格审核 :active, 2023-07-01, 2023-07-10
                逾期未办 :crit, 2023-07-11, 2023-07-20
                专家评审 :2023-07-21, 2023-07-30
            """,
            """
            pie showData
                title 各状态人数
                "已受理" : 12
                "资格审核通过" : 8
            """,
        ),
    )
)

# Every text of the three drawings with its contrast to what lies behind its middle.
CONTRASTS = """
() => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[0-9.]+/g).map(Number).map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const opaque = (colour) => colour && colour !== "none" && !/^rgba\\(.*, 0\\)$/.test(colour);
  const behind = (text) => {
    text.scrollIntoView({block: "center"});
    const at = text.getBoundingClientRect();
    for (const element of document.elementsFromPoint(at.x + at.width / 2, at.y + at.height / 2)) {
      if (element instanceof SVGElement && element.contains(text)) { continue; }
      const style = getComputedStyle(element);
      const shape = ["rect", "path", "polygon", "circle"].includes(element.tagName);
      if (shape && opaque(style.fill) && Number(style.fillOpacity) * Number(style.opacity) > 0.5) { return style.fill; }
      if (!shape && opaque(style.backgroundColor)) { return style.backgroundColor; }
    }
    return "rgb(255, 255, 255)";
  };
  const texts = [...document.querySelectorAll("svg[aria-roledescription] text, svg[aria-roledescription] foreignObject p")];
  return texts.filter((text) => text.textContent.trim() && text.getBoundingClientRect().width).map((text) => {
    const style = getComputedStyle(text);
    const ink = text.tagName === "text" ? style.fill : style.color;
    const [a, b] = [light(ink), light(behind(text))].sort((x, y) => y - x);
    return [text.textContent.trim(), (a + 0.05) / (b + 0.05)];
  });
}
"""
