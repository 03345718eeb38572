"""What the dashboard is shown of a command: previews, events, the refreshed board. It follows the commit and may be lost."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from prefect import get_run_logger

from config.calendar import WorkCalendar
from config.labels import label
from config.programme import Programme
from config.vocabulary import NominationState, RoundState
from flows import dashboard
from flows.bootstrap import App
from flows.message_page import cell
from flows.prefect_api import MAX_RELATED, emit_event, has_server, write_markdown_artifact
from flows.reading.rounds import running_rounds
from states.command import CLOCK, Command
from states.frozen import frozen_programme
from states.ledger import HOUSE
from states.outcome import UNDOES, Happened, Outcome, Result, Touch
from states.records import Records
from states.tables import Nomination, Round

WAKE_UP = "hallmark.outbox.ready"
_MOST_LINES = 300
_UNHEARD = "没有人需要通知：此前的决定还没有告知任何人，期限又与原来一样，尚未发出的那些不再发出（启动、待办等其他通知照发）。"


async def show_result(app: App, command: Command, result: Result) -> None:
    """Show a preview as an artifact; after an applied command emit its events, wake the deliverer and refresh the board."""
    if not has_server():
        return
    try:
        if not result.applied:
            await write_markdown_artifact(f"preview-{command.round}", preview_page(command, result), f"{command.title}：预览")
            return
        await emit_events(command.round, result.happened)
        if command.round == HOUSE:
            await _write_all_boards(app)
        else:
            await dashboard.refresh(app, command.round, ticked=command.operator == CLOCK)
    except Exception as error:  # noqa: BLE001 - the command is committed; a dashboard that fails must not call it failed
        get_run_logger().warning("已办理；看板暂未刷新（%s），将由下一次到期处理刷新", type(error).__name__)


async def _write_all_boards(app: App) -> None:
    """Show on the boards of all running rounds what they share: whom nobody can reach, and who has left."""
    with app.house.store.read() as connection:
        slugs = running_rounds(connection)
    for slug in slugs:
        await dashboard.write_board(app, slug)


async def emit_events(slug: str, happened: Sequence[Happened]) -> None:
    """Emit one event for each transition, up to a hundred; beyond that one for each kind with its count. Then wake up."""
    moves = [each for each in happened if each.event.startswith("nomination_")]
    round_resource = {"prefect.resource.id": f"hallmark.round.{slug}", "prefect.resource.role": "round"}
    if len(moves) <= MAX_RELATED:
        for move in moves:
            resource = {"prefect.resource.id": f"hallmark.nomination.{move.subject}", "prefect.resource.name": move.subject}
            payload = {"source": move.source, "target": move.target, "seq": move.seq}
            await emit_event(event_name(move.event), resource, [round_resource], payload)
    else:
        for event, count in Counter(move.event for move in moves).items():
            await emit_event(event_name(event), {**round_resource, "prefect.resource.name": slug}, payload={"count": count})
    if happened:
        await emit_event(WAKE_UP, {"prefect.resource.id": f"hallmark.round.{slug}"}, payload={"entries": len(happened)})


def event_name(event: str) -> str:
    """Give the dashboard's name of a ledger event: ``nomination_qualified`` is ``hallmark.nomination.qualified``."""
    subject, _, what = event.partition("_")
    return f"hallmark.{subject}.{what}"


def preview_page(command: Command, result: Result) -> str:
    """Write a preview: what will be touched, what not and why, who will be told, and the plan code."""
    outcome = result.outcome
    parts = [
        f"# {command.title}：预览（尚未办理）",
        f"**{outcome.summary}**",
        f"核对无误后，填入计划码 **`{result.plan_code}`** 再运行一次。",
    ]
    parts += _touched(outcome)
    parts += _listed("略过", [f"{skip.subject}：{skip.reason}" for skip in outcome.skipped])
    parts += _told(result)
    return "\n\n".join(parts)


def programme_of(app: App, slug: str) -> Programme:
    """Give a round's frozen programme. Raises ``NotFound``."""
    return frozen_programme(dashboard.round_row(app, slug).rules)


def today(app: App, slug: str) -> date:
    """Give the present day in a round's zone, or in the house's for a round that is not there yet."""
    with app.house.store.read() as connection:
        row = Records(connection).get(Round, slug.strip())
    zone = frozen_programme(row.rules).zone if row else WorkCalendar().zone.key
    return app.house.calendar(zone).local(app.house.clock.now()).date()


def numbers_in(app: App, slug: str, state: NominationState) -> list[str]:
    """Give the numbers of a round's nominations in a state."""
    with app.house.store.read() as connection:
        return [row.number for row in Records(connection).where(Nomination, round=slug.strip(), state=state.value)]


def _touched(outcome: Outcome) -> list[str]:
    if not outcome.touched:
        return []
    lines = ["| 编号 | 由 | 到 | 说明 |", "|---|---|---|---|"]
    lines += [
        f"| {each.subject} | {_state(each.source)} | {_state(each.target)} | {cell(_said(each))} |"
        for each in outcome.touched[:_MOST_LINES]
    ]
    return [f"## 将办理 {len(outcome.touched)} 项", "\n".join(lines)]


def _said(touch: Touch) -> str:
    return "；".join(part for part in (touch.note, touch.when) if part)


def _listed(title: str, lines: list[str]) -> list[str]:
    return [f"## {title} {len(lines)} 项", "\n".join(f"- {line}" for line in lines[:_MOST_LINES])] if lines else []


def _told(result: Result) -> list[str]:
    """List who will be told; what undoes something that nobody has heard of, and leaves all as it was, says why that is nobody."""
    if result.told or not result.outcome.data.get(UNDOES):
        return _listed("将通知", list(result.told))
    return ["## 将通知 0 项", _UNHEARD]


def _state(value: str) -> str:
    words: tuple[Any, ...] = (NominationState, RoundState)
    return next((label(kind(value)) for kind in words if value in tuple(kind)), value)
