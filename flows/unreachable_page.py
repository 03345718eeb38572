"""The board's part about those whom no message can reach, while there is still time to enter an address."""

from collections.abc import Sequence

from flows.message_page import cell
from flows.reading.unreachable import ADD_A_CHANNEL, IN_A_FILE, UNREACHED, Unreachable
from notifiers.answers import NO_CHANNEL

_MEND = (
    "请在名册里填上邮箱或电话再导入（import-roster，或 hallmark import roster）；填好以前，请打电话告知。"
    "不在任的，请办理 reassign-work 移交，或在名册里填上代理人"
)
HEADERS = ("单位或人员", "原因", "自己的待办", "代收下级的逾期告知", "最早截止")
_MOST = 40


def unreachable_mend(found: Sequence[Unreachable], *, writes_files: bool) -> str:
    """Say what it means for them and what to do; where a channel ``writes_files``, a file for them is there all the same."""
    mend = f"{_MEND}。{ADD_A_CHANNEL}" if any(each.why == NO_CHANNEL for each in found) else _MEND
    return f"给他们的{IN_A_FILE if writes_files else UNREACHED}。{mend}"


def unreachable_page(found: Sequence[Unreachable], *, writes_files: bool) -> list[str]:
    """Write who cannot be reached in Markdown; nothing where everybody can."""
    if not found:
        return []
    more = f"……另有 {len(found) - _MOST} 方，见 hallmark board" if len(found) > _MOST else ""
    rows = [f"| {' | '.join(row)} |" for row in map(unreachable_row, found[:_MOST])]
    table = "\n".join([f"| {' | '.join(HEADERS)} |", f"|{'---|' * len(HEADERS)}", *rows])
    return [
        f"## ⚠ 没有联系方式 {len(found)} 方",
        f"{unreachable_mend(found, writes_files=writes_files)}。",
        table,
        *([more] if more else []),
    ]


def unreachable_row(each: Unreachable) -> tuple[str, ...]:
    """Write one of them for a table."""
    name = cell(each.name)
    return name, each.why, str(each.owed or ""), str(each.overseen or ""), str(each.due_day)
