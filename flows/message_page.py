"""The board's part about messages: sent, queued, failed and unknown by day and by kind, and what to do about the unknown."""

import re
from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from config.labels import label
from config.vocabulary import DeliveryStatus as Status
from flows.reading.posting import Counts, Posting
from notifiers.kind_names import name_of
from notifiers.kinds import URGENCY, MessageKind

_MARKS = re.compile(r"[\\`*_\[\]<>&~]")
_COLUMNS: Mapping[str, tuple[Status, ...]] = {
    "已送达": (Status.SENT,),
    "待发送": (Status.QUEUED, Status.CLAIMED, Status.SENDING, Status.REFUSED_FOR_NOW),
    "被拒收": (Status.REFUSED_FOR_GOOD,),
    "结果不明": (Status.UNKNOWN,),
}


def message_page(totals: Counts, post: Posting, zone: str) -> str:
    """Write the messages of a round in Markdown; days and times are of its zone."""
    counted = [f"{label(status)} {count}" for status, count in totals.items() if count]
    total = " · ".join([*counted, *([f"尚未成信的通知 {post.waiting}"] if post.waiting else [])])
    if not total:
        return "还没有消息。"
    here = ZoneInfo(zone)
    rests = [
        f"⚠ 渠道 {each.channel} {each.trouble}，歇到 {each.until.astimezone(here):%m-%d %H:%M} 再试：{cell(each.reason)}"
        for each in post.resting
    ]
    days = _table("近七天", ((f"{day:%m-%d}", counts) for day, counts in post.by_day.items()))
    return "\n\n".join([total, *rests, days, _table("近七天的内容", _named(post.by_kind)), *_unknown(post, here)])


def _table(title: str, rows: Iterable[tuple[str, Counts]]) -> str:
    head = [f"| {title} | {' | '.join(_COLUMNS)} |", f"|---|{'---|' * len(_COLUMNS)}"]
    return "\n".join([*head, *(f"| {name} | {' | '.join(_counted(counts))} |" for name, counts in rows)])


def _named(by_kind: Mapping[str, Counts]) -> list[tuple[str, Counts]]:
    """Name the kinds as people do, in the order of a digest."""
    known = sorted(by_kind, key=lambda kind: URGENCY[MessageKind(kind)])
    return [(name_of(kind), by_kind[kind]) for kind in known]


def _counted(counts: Counts) -> list[str]:
    sums = (sum(counts.get(status, 0) for status in statuses) for statuses in _COLUMNS.values())
    return [str(total or "") for total in sums]


def _unknown(post: Posting, here: ZoneInfo) -> list[str]:
    if not post.unknown:
        return []
    lines = ["| 编号 | 收件方 | 渠道 | 时间 | 内容 |", "|---|---|---|---|---|"]
    for each in post.unknown:
        at = (each.settled_at or each.due_at).astimezone(here)
        lines.append(
            f"| {each.id[:12]} | {cell(each.recipient)} | {each.channel} | {at:%m-%d %H:%M} | {'、'.join(map(name_of, each.kinds))} |"
        )
    how = "请打电话问一声：没有收到的，运行“再发一次”（resend-messages）；收到的，运行“确认已送达”（confirm-delivered）。"
    return ["### 结果不明的消息", how, "\n".join(lines)]


def cell(text: str) -> str:
    """Keep a text on its line of a table or a list, and its marks what they are: Markdown would take them for its own."""
    return _MARKS.sub(r"\\\g<0>", text.replace("|", "｜").replace("\n", " "))
