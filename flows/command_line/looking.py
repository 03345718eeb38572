"""``board``, ``show`` and ``notifications``: where everything stands."""

from datetime import date, datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from config.calendar import HOUSE_ZONE
from config.labels import from_label, label
from config.vocabulary import Body, DeliveryStatus, NominationState, RoundState, WorkKind
from flows.command_line.house import opened, settings_for_reading, settings_of_nomination
from flows.command_line.options import Json, MaybeSlug, RoundOption, parse_day
from flows.command_line.screen import clean, emit, finish, local, say, show_table
from flows.reading import (
    Board,
    ClearanceLine,
    EndorsementLine,
    HistoryLine,
    NominationView,
    StageLine,
    WorkLine,
    known_rounds,
    nomination_view,
)
from flows.reading.events import event_label, reminded
from flows.reading.hold import LATER, said_of_hold
from flows.reading.outgoing import DeliveryLine, deliveries
from flows.reading.posting import resting
from flows.reading.stillness import CLOCK_MEND
from flows.reading.timeline import last_day
from flows.rehearsal import rehearsed_board
from flows.unreachable_page import HEADERS, unreachable_mend, unreachable_row
from notifiers.digest import WAITING
from notifiers.kind_names import kind_named, name_of, near_kinds
from notifiers.kinds import MessageKind

_HERE = ZoneInfo(HOUSE_ZONE)
_ENDED = (RoundState.CLOSED, RoundState.CANCELLED)


def _status(text: str) -> DeliveryStatus:
    try:
        return from_label(DeliveryStatus, text)
    except ValueError:
        known = "、".join(f"{label(each)}（{each}）" for each in DeliveryStatus)
        raise typer.BadParameter(f"'{text}' is not one of {known}") from None


def _kind(text: str) -> MessageKind:
    found = kind_named(text)
    if found is None:
        near = near_kinds(text)
        what = "nearest to" if len(near) < len(MessageKind) else "not one of"
        raise typer.BadParameter(f"'{text}' is {what} {'、'.join(near)}")
    return found


def board(slug: MaybeSlug = None, as_json: Json = False) -> None:
    """看板：各状态份数、各环节期限、逾期和接下来的事项。[counts, deadlines, overdue, what comes next]

    不写届次时列出全部届次。JSON：一届为一个对象（不写届次时为列表），含 "slug", "state", "counts", "stages", "overdue", "coming",
    "unreachable", "deliveries", "last_tick", "clock_stopped" 等。
    """
    with opened(settings_for_reading(slug)) as app:
        if slug is not None:
            boards = [rehearsed_board(app, slug)]
        else:
            with app.house.store.read() as connection:
                known = known_rounds(connection)
            boards = [rehearsed_board(app, each) for each in known]
    if as_json:
        emit(boards if slug is None else boards[0])
        return
    if not boards:
        say("还没有任何届次；在看板上运行“启动本届”，或先看演示：hallmark up --demo")
    for each in boards:
        _say_board(each)


def show(
    number: Annotated[str, typer.Argument(metavar="NOMINATION", help="申报编号，如 BJGJ-2023-0007。[number of a nomination]")],
    as_json: Json = False,
) -> None:
    """一份申报：审核意见（姓名隐去）、状态、经过、在等什么。[one nomination: findings, state, history, what it waits for]

    JSON：{"number", "round", "name", "unit", "state", "findings", "endorsements", "clearances", "waits_for", "history", …}
    """
    with opened(settings_of_nomination(number)) as app:
        view = nomination_view(app, number)
    if as_json:
        emit(view)
    else:
        _say_nomination(view)


def notifications(
    slug: MaybeSlug = None,
    named: RoundOption = None,
    status: Annotated[
        list[DeliveryStatus] | None,
        typer.Option(
            "--status", metavar="STATUS", parser=_status, help="只看这些状态，可多次；名称或编号都可以。[only these; may be repeated]"
        ),
    ] = None,
    recipient: Annotated[
        str | None,
        typer.Option("--recipient", metavar="PARTY", help="只看给这一方的：编号、名称或其一部分，人名可写 张*。[only to this one]"),
    ] = None,
    kind: Annotated[
        MessageKind | None,
        typer.Option(
            "--kind", metavar="KIND", parser=_kind, help="只看带有这类内容的；名称或编号都可以，如 催办、reminder。[only those about this]"
        ),
    ] = None,
    since: Annotated[
        date | None, typer.Option("--since", metavar="DATE", parser=parse_day, help="只看这一天以来的。[only since this day]")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="最多列出几条，最近的在前。[at most so many]")] = 50,
    as_json: Json = False,
) -> None:
    """通知送达：待发送、已送达、被拒收、结果不明。[queued, sent, refused, unknown]

    “下次”是还没有送达的什么时候再试，渠道歇着的也是。各状态的条数不受筛选影响。有结果不明或被拒收的，退出码为 1。

    JSON：{"counts": {状态: 条数}, "waiting": 尚未成信的通知数, "deliveries": [{"id", "round",
    "recipient", "party", "channel", "status", "attempts", "due_at", "settled_at", "answer", "kinds", "notifications"}]}
    """
    if slug is not None and named is not None and slug.strip() != named.strip():
        raise typer.BadParameter(f"届次写了两个：{slug} 和 {named}，请只写一个", param_hint="--round")
    slug = slug or named
    with opened(settings_for_reading(slug)) as app:
        first = datetime.combine(since, time(), _HERE) if since else None
        found = deliveries(app, slug=slug, status=status, recipient=recipient, kind=kind, since=first, limit=limit)
        with app.house.store.read() as connection:
            rests = resting(connection, now := app.house.clock.now())
    if as_json:
        emit(found)
    else:
        narrowed = any((status, recipient, kind, since))
        say(f"{'不论筛选：' if narrowed else ''}{_counted(found.counts)}；{'符合筛选而' if narrowed else ''}尚未成信 {found.waiting} 条")
        for each in rests:
            say(f"⚠ 渠道 {each.channel} {each.trouble}，歇到 {local(each.until, _HERE)} 再试：{each.reason}")
        if found.deliveries:
            columns = ("编号", "届次", "收件方", "渠道", "状态", "次数", "下次", "内容", "答复")
            until = {each.channel: each.until for each in rests}
            show_table("送达", columns, (_delivery_row(line, now, until.get(line.channel, now)) for line in found.deliveries))
    finish(good=not found.counts[DeliveryStatus.UNKNOWN] and not found.counts[DeliveryStatus.REFUSED_FOR_GOOD])


def _delivery_row(line: DeliveryLine, now: datetime, rests_until: datetime) -> tuple[object, ...]:
    where = (line.id[:12], line.round, line.recipient, line.channel, label(line.status))
    return (*where, line.attempts, _next_try(line, now, rests_until), "、".join(map(name_of, line.kinds)), line.answer)


def _next_try(line: DeliveryLine, now: datetime, rests_until: datetime) -> str:
    """Say when a message that waits, be it for its channel's rest, is tried next; "" for one that does not wait."""
    if line.status.value not in WAITING:
        return ""
    at = max(line.due_at, rests_until)
    if at <= now:
        return "即将"
    return local(at, _HERE, "%H:%M" if local(at, _HERE, "%F") == local(now, _HERE, "%F") else "%m-%d %H:%M")


def _say_board(board: Board) -> None:
    zone = ZoneInfo(board.zone)
    marks = "".join(mark for mark, on in (("（已暂停）", board.held), ("（演示）", board.demo and "（演示）" not in board.title)) if on)
    tick = local(board.last_tick, zone) if board.last_tick else "无"
    if board.clock_stopped:
        say(f"⚠ 时钟已停（最近一次走动：{tick}）：到期的事项没有办理，催办没有发出。{CLOCK_MEND}。")
    say(f"{board.title}（{board.slug}）{marks}：{label(board.state)}")
    say(f"申报 {board.nominations} 份，名额 {board.quota}；待办 {board.open_work} 项，逾期 {len(board.overdue)} 项；时钟最近走动 {tick}")
    show_table("状态", ("状态", "份数"), ((label(state), count) for state, count in board.counts.items() if count))
    show_table("环节", ("环节", "开始", "截止", "办结", "备注"), (_stage_row(line, zone, held=board.held) for line in board.stages))
    if board.overdue:
        overdue = ((label(line.kind), line.subject, line.owner, _due(line), line.days_overdue) for line in board.overdue)
        show_table("逾期", ("待办", "对象", "责任人", "截止日", "逾期工作日"), overdue)
    if board.unreachable:
        mend = unreachable_mend(board.unreachable, writes_files=board.writes_files)
        say(f"⚠ 没有联系方式：{'、'.join(each.name for each in board.unreachable)}。{mend}。")
        show_table("没有联系方式", HEADERS, map(unreachable_row, board.unreachable))
    if board.held:
        say(said_of_hold(board.held_since, zone))
    if board.coming:
        coming = ((line.when(zone, "%Y-%m-%d"), line.what, line.named, line.count, line.doubt) for line in board.coming)
        show_table("接下来", ("时间", "事项", "对象", "项数", "备注"), coming)
        for remark in board.remarks:
            say(remark)
    waiting = f"；尚未成信 {board.posting.waiting} 条" if board.posting.waiting else ""
    say(f"送达：{_counted(board.deliveries)}{waiting}")


def _due(line: WorkLine) -> str:
    return f"{line.due_day}{_unsure(line.provisional)}"


def _stage_row(line: StageLine, zone: ZoneInfo, *, held: bool) -> tuple[object, ...]:
    ahead, put_off = "预计" if line.expected else "未开始", held and not line.concluded_at
    known = (
        (ahead, line.coming and not line.skipped),
        ("本届不设", line.skipped),
        ("已取消", line.cancelled),
        (LATER, put_off and not line.skipped),
    )
    notes = [note for note, on in known if on] + ([f"{line.ends_on(zone)} 自动办结"] if line.closes_at else [])
    concluded = last_day(line.concluded_at, zone) if line.concluded_at and not line.cancelled else ""
    days = f"{line.opens_day}{_unsure(line.unsure)}", f"{line.due_day}{_unsure(line.provisional)}"
    return label(line.stage), *days, concluded, "、".join(notes)


def _unsure(provisional: object) -> str:
    return "（暂定）" if provisional else ""


def _counted(counts: object) -> str:
    items = counts.items() if isinstance(counts, dict) else ()
    return "，".join(f"{label(status)} {count}" for status, count in items if count) or "还没有消息"


def _say_nomination(view: NominationView) -> None:
    zone = ZoneInfo(view.zone)
    say(f"{view.number} {view.name}（{view.title}，{view.tier}）：{label(view.state)}，自 {local(view.entered_at, zone)}")
    facts: tuple[tuple[str, object], ...] = (
        ("推荐单位", view.unit),
        ("评审得分", view.score),
        ("评审名次", view.review_rank),
        ("递补顺序", view.reserve_rank),
        ("公示批次", view.batch),
        ("认定文件", view.document),
        ("证书", view.certificate),
    )
    say("；".join(f"{title} {value}" for title, value in facts if value is not None))
    findings = (
        (line.name, line.clause, label(line.strength), label(line.result), line.fact, "有理由" if line.reason else "")
        for line in view.findings
    )
    show_table("审核意见", ("条件", "条款", "强度", "结果", "事实", "备注"), findings)
    if view.endorsements:
        said = ((line.layer, line.unit, _opinion(line), local(line.at, zone)) for line in view.endorsements)
        show_table("推荐意见", ("层级", "单位", "意见", "登记时间"), said)
    if view.clearances:
        answers = ((line.title, line.department, _answer(line), local(line.at, zone) if line.at else "") for line in view.clearances)
        show_table("部门联审意见", ("事项", "部门", "意见", "登记时间"), answers)
    waits = (
        (label(line.kind), line.owner, _due(line), f"逾期 {line.days_overdue}" if line.days_overdue else "") for line in view.waits_for
    )
    show_table("在等", ("待办", "责任人", "截止日", "备注"), waits)
    show_table("经过", ("序号", "时间", "事项", "由", "到", "决定", "经办", "文号"), (_history_row(line, zone) for line in view.history))


def _opinion(line: EndorsementLine) -> str:
    said = "同意推荐" if line.agrees else "不予推荐"
    return f"{said}（承继{line.taken_over_from}）" if line.taken_over_from else said


def _answer(line: ClearanceLine) -> str:
    return "未答复" if line.clear is None else "同意" if line.clear else "否决"


def _history_row(line: HistoryLine, zone: ZoneInfo) -> tuple[object, ...]:
    named = reminded(line.audiences) if line.audiences else event_label(line.event)
    what = named + (f"：{label(WorkKind(line.detail))}" if line.detail in tuple(WorkKind) else "")
    body = label(Body(line.on_behalf_of)) if line.on_behalf_of else ""
    return line.seq, local(line.at, zone), what, _state(line.source), _state(line.target), body, clean(line.operator), line.document


def _state(value: str) -> str:
    return label(NominationState(value)) if value in tuple(NominationState) else value
