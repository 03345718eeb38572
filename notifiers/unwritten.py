"""Which messages a programme could not be put into words with: every kind is written once, in both wordings and languages."""

from collections.abc import Iterator

from jinja2 import TemplateError

from config.calendar import WorkCalendar
from config.labels import label
from config.programme import Programme
from config.vocabulary import Audience, WorkKind
from notifiers.kind_names import KIND_NAMES
from notifiers.kinds import ABOUT_WORK, MessageKind
from notifiers.rendering import Common, parts_of
from notifiers.samples import sample

_LACKING = {"title": "标题", "what": "事项", "why": "缘由", "how": "办法", "brief": "短文"}
_LACKING |= {"english": "英文", "why_english": "英文缘由", "how_english": "英文办法"}


def unwritten(programme: Programme, calendar: WorkCalendar) -> Iterator[str]:
    """Give the messages that cannot be written out of a programme's rules, each with what it lacks, in Chinese.

    Work is reminded of, and escalated, in words of its own for each kind of work. Whoever finds it here is spared to find
    it when the message should leave.
    """
    for kind in MessageKind:
        for work in WorkKind if kind in ABOUT_WORK else (WorkKind.ENDORSEMENT,):
            for audience in Audience if kind == MessageKind.ESCALATION else (Audience.SUPERIOR,):
                if lacking := _lacking(kind, programme, calendar, work, audience):
                    about = f"（{label(work)}）" if kind in ABOUT_WORK else ""
                    yield f"{KIND_NAMES[kind]}{about}：{lacking}"
                    break


def _lacking(kind: MessageKind, programme: Programme, calendar: WorkCalendar, work: WorkKind, audience: Audience) -> str:
    """Say what a message lacks, "" where it has all of its parts."""
    common = Common(programme, programme.slug, programme.bodies.office, "", programme.opens)
    try:
        parts = parts_of(sample(kind, programme, calendar, programme.opens, work, audience, 3), common)
    except (TemplateError, LookupError):
        return "引用了办法里没有的内容"
    missing = [name for part, name in _LACKING.items() if not parts[part].strip()]
    return f"缺少{'、'.join(missing)}" if missing else ""
