"""``preview``: how a kind of message reads, before any is sent."""

from typing import Annotated

import typer

from config.calendar import WorkCalendar, load_overrides
from config.loader import find_programme, known_programmes, load_programme
from config.settings import Settings
from flows.command_line.house import opened, settings_of_nomination
from flows.command_line.options import Json
from flows.command_line.screen import emit, say
from flows.reading.nomination import find_nomination
from flows.reading.rounds import NotFound
from notifiers.kind_names import KIND_NAMES, kind_named, near_kinds
from notifiers.kinds import MessageKind
from notifiers.previews import Preview, preview_for
from notifiers.samples import preview as sample_message
from states.clock import SystemClock
from states.records import Records

_KINDS = f"消息种类：中文名称或编号，如 催办、reminder。[name or id of a kind of message] 共有：{'、'.join(KIND_NAMES.values())}。"


def preview(
    kind: Annotated[str, typer.Argument(metavar="KIND", help=_KINDS)],
    nomination: Annotated[
        str | None,
        typer.Option(
            "--nomination", metavar="N", help="用这份申报的真实情况；不写用虚拟的。[with the facts of this one; made-up ones without]"
        ),
    ] = None,
    names: Annotated[bool, typer.Option("--names", help="写全姓名和理由，与实际发出的一样；默认隐去。[full names and reasons]")] = False,
    as_json: Json = False,
) -> None:
    """看一种消息写出来是什么样：全文（邮件）和短文（短信、群机器人），不发送。[how a kind of message reads, full and brief; sends nothing]

    申报还没有走到这一步的，没有发生的事实（理由、文号、日期）用示例补上并注明。
    JSON：{"kind", "name", "round", "nomination", "made_up", "subject", "full", "brief", "english"}
    """
    wanted = _kind(kind)
    slug, number, found = ("", "", _sample(wanted)) if nomination is None else _real(wanted, nomination, names=names)
    text = found.text
    if as_json:
        facts = {"kind": wanted, "name": KIND_NAMES[wanted], "round": slug, "nomination": number, "made_up": found.made_up}
        emit(facts | {"subject": text.subject, "full": text.body, "brief": text.brief, "english": text.english})
        return
    if not number:
        say("示例，不是真人：姓名、单位、理由、文号和日期都是虚构的；要看某份申报的，请加 --nomination。[a made-up example]")
    say(f"{KIND_NAMES[wanted]}（{wanted}）{f'：{number}，{slug}' if number else ''}{_remark(found, number)}")
    for title, part in (("标题 [subject]", text.subject), ("全文 [full]", text.body), ("短文 [brief]", text.brief)):
        say(f"\n—— {title} ——\n{part.rstrip()}")


def _kind(text: str) -> MessageKind:
    found = kind_named(text)
    if found is None:
        near = near_kinds(text)
        some = "最接近的是" if len(near) < len(KIND_NAMES) else "现有："
        raise NotFound(f"没有消息种类“{text}”；{some}{'、'.join(near)}。", near)
    return found


def _sample(kind: MessageKind) -> Preview:
    programme = load_programme(find_programme(known_programmes()[0]))
    calendar = WorkCalendar(programme.zone, load_overrides(Settings().calendar_overrides))
    today = calendar.local(SystemClock().now()).date()
    return Preview(sample_message(kind, programme, today, calendar=calendar), made_up=True)


def _real(kind: MessageKind, number: str, *, names: bool) -> tuple[str, str, Preview]:
    with opened(settings_of_nomination(number)) as app, app.house.store.read() as connection:
        row = find_nomination(connection, number)
        found = preview_for(app.house, Records(connection), row.number, kind, app.settings.public_url, names=names)
        return row.round, row.number, found


def _remark(found: Preview, number: str) -> str:
    if not found.made_up:
        return ""
    return "（还没有发生：没有的事实用示例补上）" if number else ""
