"""What people call a kind of workbook: its id, its Chinese title, or a shorter word for it."""

import unicodedata

from config.nearest import nearest
from flows.workbooks.kinds import KINDS

_ALSO_CALLED = {
    "花名册": "roster",
    "申报": "nominations",
    "申报表": "nominations",
    "汇总表": "nominations",
    "推荐表": "nominations",
    "补正": "corrections",
    "联审意见": "clearances",
    "审核": "verdicts",
    "分组": "assignments",
    "评分": "scores",
    "打分表": "scores",
    "表决": "resolution",
    "异议": "objections",
    "待遇": "benefits",
}
_TITLES = {workbook.title: kind for kind, workbook in KINDS.items()}


def workbook_named(text: str) -> str | None:
    """Find a kind of workbook by what people call it; width, capitals and spaces around are no difference."""
    wanted = unicodedata.normalize("NFKC", text).strip().casefold()
    return wanted if wanted in KINDS else (_TITLES | _ALSO_CALLED).get(wanted)


def near_workbooks(text: str) -> list[str]:
    """Give the kinds that may have been meant, each with title and id; all of them where none is near."""
    known = {word: kind for kind in KINDS for word in (kind, KINDS[kind].title)} | _ALSO_CALLED
    near = dict.fromkeys(known[word] for word in nearest(text, known, likely=0.5))
    return [f"{KINDS[kind].title}（{kind}）" for kind in near or KINDS]
