"""The dashboard of a round: its board as an artifact, and its calendar as scheduled runs. A projection, never the record."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from config.labels import label
from config.vocabulary import NominationState
from flows import calendar_runs
from flows.bootstrap import App
from flows.mermaid import fenced
from flows.message_page import cell, message_page
from flows.prefect_api import keep_markdown_artifact
from flows.reading import Board, StageLine, WorkLine, find_round
from flows.reading.hold import said_of_hold
from flows.reading.stillness import CLOCK_MEND
from flows.rehearsal import coming_ticks, rehearsed_board
from flows.unreachable_page import unreachable_page
from states.diagram import progress_diagram
from states.tables import Round

_MOST_OVERDUE = 40


async def refresh(app: App, slug: str, *, ticked: bool = False) -> None:
    """Write the round's board anew and bring its scheduled runs into line, ``ticked`` by a tick itself. Raises ``NotFound``."""
    ahead = coming_ticks(app, slug)
    await _write(app, rehearsed_board(app, slug, ahead))
    await calendar_runs.reconcile(app, slug, ahead, ticked=ticked)


async def write_board(app: App, slug: str) -> None:
    """Write the round's board anew. Raises ``NotFound``."""
    await _write(app, rehearsed_board(app, slug))


async def _write(app: App, board: Board) -> None:
    await keep_markdown_artifact(board_key(board.slug), board_page(app, board), f"{board.title} 看板")


def board_key(slug: str) -> str:
    """Give the key of a round's board artifact."""
    return f"board-{slug}"


def round_row(app: App, slug: str) -> Round:
    """Give a round's row. Raises ``NotFound``."""
    with app.house.store.read() as connection:
        return find_round(connection, slug)


def board_page(app: App, board: Board) -> str:
    """Write the board: diagram with counts, Gantt chart, what is overdue and with whom, what comes next."""
    calendar = app.house.calendar(board.zone)
    local = calendar.local
    parts = [
        *_alarm(board, local),
        f"# {cell(board.title)}（{board.slug}）",
        _headline(board, local),
        "## 申报进展",
        fenced(progress_diagram(board.counts)),
        _counts(board.counts),
        "## 阶段与期限",
        fenced(gantt(board)),
        _stages(board),
        f"## 逾期待办 {len(board.overdue)} 项",
        _overdue(board.overdue),
        *unreachable_page(board.unreachable, writes_files=board.writes_files),
        "## 接下来",
        _coming(board),
        "## 消息",
        message_page(board.deliveries, board.posting, board.zone),
    ]
    return "\n\n".join(parts) + "\n"


def _coming(board: Board) -> str:
    zone = ZoneInfo(board.zone)
    lines = "\n".join(f"- {each.when(zone)} {cell(f'{each.what} {each.named}'.rstrip())}{each.doubt}" for each in board.coming)
    if board.held:
        return "\n\n".join((said_of_hold(board.held_since, zone), *([lines] if lines else [])))
    return "\n\n".join((*board.remarks, lines or "没有待到期的事项。"))


def gantt(board: Board) -> str:
    """Draw the stages against their due times; overdue ones stand out, coming ones are expected dates."""
    title = _plain(board.title) + ("（已暂停，恢复后日期顺延）" if board.held else "")
    head = ["gantt", f"title {title}", "dateFormat YYYY-MM-DD", "inclusiveEndDates", "axisFormat %m-%d", "section 阶段"]
    bars = [f"{_bar_name(stage)} :{_mark(stage, board)}{stage.opens_day}, {_end(stage, board)}" for stage in board.stages]
    return "\n".join(head + bars)


def _bar_name(stage: StageLine) -> str:
    provisional, expected = stage.provisional and not stage.concluded_at, stage.expected and not stage.skipped
    return f"{label(stage.stage)}{_doubt(provisional, expected=expected)}"


def _doubt(provisional: bool, *, expected: bool = False) -> str:
    words = [word for word, on in (("暂定", provisional), ("预计", expected)) if on]
    return f"（{'、'.join(words)}）" if words else ""


def _alarm(board: Board, local: Callable[[datetime], datetime]) -> list[str]:
    """Shout when nobody does what falls due."""
    if not board.clock_stopped:
        return []
    since = f"自 {local(board.last_tick):%Y-%m-%d %H:%M} 起没有走动" if board.last_tick else "本届启动以来没有走动"
    return [f"> # ⚠ 时钟已停\n> **{since}：到期的事项没有办理，催办没有发出。**\n> {CLOCK_MEND}。"]


def _headline(board: Board, local: Callable[[datetime], datetime]) -> str:
    flags = [name for name, on in (("演示数据", board.demo), ("已暂停", board.held)) if on]
    tick = f"{local(board.last_tick):%m-%d %H:%M}" if board.last_tick else "尚无"
    facts = [
        f"**{label(board.state)}**" + (f"（{'、'.join(flags)}）" if flags else ""),
        f"名额 {board.quota}",
        f"申报 {board.nominations}",
        f"待办 {board.open_work}，逾期 {len(board.overdue)}",
        f"时钟最近一次走动：{tick}",
        f"刷新于 {local(board.now):%Y-%m-%d %H:%M}",
    ]
    return " · ".join(facts)


def _counts(counts: Mapping[NominationState, int]) -> str:
    present = [(label(state), count) for state, count in counts.items() if count]
    if not present:
        return "还没有申报。"
    return "\n".join(["| 状态 | 份数 |", "|---|---|", *(f"| {name} | {count} |" for name, count in present)])


def _stages(board: Board) -> str:
    rows = (
        f"| {label(stage.stage)} | {stage.opens_day}{_doubt(stage.unsure)} | {stage.due_day}{_doubt(stage.provisional)} | {_situation(stage, board)} |"
        for stage in board.stages
    )
    return "\n".join(["| 阶段 | 开始 | 截止 | 情况 |", "|---|---|---|---|", *rows])


def _situation(stage: StageLine, board: Board) -> str:
    if stage.skipped:
        return "本办法不设"
    if stage.cancelled:
        return "已取消"
    if stage.concluded_at:
        return "已办结"
    if stage.coming:
        return "预计" if stage.expected else "未开始"
    if stage.closes_at:
        return f"进行中（{stage.ends_on(ZoneInfo(board.zone)):%m-%d} 自动办结）"
    return "**已逾期**" if stage.due_at <= board.as_of else "进行中"


def _mark(stage: StageLine, board: Board) -> str:
    if stage.concluded_at:
        return "done, "
    if stage.running:
        return "crit, " if stage.due_at <= board.as_of else "active, "
    return ""


def _end(stage: StageLine, board: Board) -> str:
    """End a bar with the due day, or before the day of the conclusion, which is the next stage's; one that is overdue grows until today."""
    if stage.concluded_at is not None:
        return f"{max(stage.concluded_at.astimezone(ZoneInfo(board.zone)).date() - timedelta(days=1), stage.opens_day)}"
    zone = ZoneInfo(board.zone)
    today = board.as_of.astimezone(zone).date()
    last = today if stage.running and stage.due_day < today else stage.ends_on(zone)
    return f"{max(last, stage.opens_day)}"


def _overdue(lines: Iterable[WorkLine]) -> str:
    shown = list(lines)[:_MOST_OVERDUE]
    if not shown:
        return "没有逾期。"
    rows = [
        f"| {label(each.kind)} | {cell(each.subject)} | {cell(each.owner)} | {each.due_day}{_doubt(each.provisional)} | {each.days_overdue} |"
        for each in shown
    ]
    return "\n".join(["| 待办 | 对象 | 责任方 | 截止 | 逾期工作日 |", "|---|---|---|---|---|", *rows])


def _plain(text: str) -> str:
    """Take out what Mermaid would read as its own marks."""
    return text.replace(":", "：").replace(";", "；").replace("#", "")
