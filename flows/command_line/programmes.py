"""``check``, ``plan``, ``simulate`` and ``workdays``: what can be known before a round opens."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from config.calendar import WorkCalendar, load_overrides
from config.checks import check_file
from config.days import provisional_for, with_weekday
from config.errors import Problem, unplaced
from config.labels import label
from config.loader import find_programme, known_programmes, load_programme, read_text
from config.settings import Settings
from flows.charts import gantt_picture, picture_form
from flows.command_line.house import opened, settings_for_reading
from flows.command_line.options import Json, Opens, parse_count, parse_day
from flows.command_line.rehearsed import say_simulation
from flows.command_line.screen import complain, emit, finish, local, say, show_table
from flows.reading import Foreseen
from flows.reading.foresight import AT_ONCE
from flows.reading.hold import MOVES, hold_of
from flows.reading.planned import as_planned
from flows.reading.rounds import find_round
from flows.rehearsal import Future, future_chart, programme_future, round_future
from flows.workbooks.packing import write_atomically
from notifiers.rendering import templates_missing
from notifiers.unwritten import unwritten
from states.clock import SystemClock
from states.frozen import frozen_programme
from states.opening_day import said_day

_KINDS = {
    "stage_opens": "进入环节",
    "stage_due": "环节到期",
    "work_due": "待办到期",
    "reminder": "催办",
    "escalation": "升级",
    "message": "通知",
    "catch_up": "到期处理",
}
_PLAN_HEADERS = ("时间", "类别", "环节", "缘由", "对象", "合并", "备注")
Programmes = Annotated[
    list[str] | None, typer.Argument(metavar="[PROGRAMME]...", help="办法编号或文件；不写为全部。[ids or paths; all without any]")
]


def check(programmes: Programmes = None, as_json: Json = False) -> None:
    """检查认定办法文件：写法、引用、期限、名额、节假日，以及每种消息按它都写得出来。[check programme files]

    有错误时退出码为 1，只有提醒时为 0。JSON：[{"programme", "good", "problems": [{"file", "line", "field", "reason", "mend", "warning"}]}]
    """
    calendar = WorkCalendar(overrides=load_overrides(Settings().calendar_overrides))
    wording = [_no_template(missing) for missing in templates_missing()]
    found = {name: [*_problems(name, calendar), *wording] for name in programmes or known_programmes()}
    good = {name: all(problem.warning for problem in problems) for name, problems in found.items()}
    if as_json:
        emit([{"programme": name, "good": good[name], "problems": problems} for name, problems in found.items()])
    else:
        for name, problems in found.items():
            _say_problems(name, problems)
    finish(good=all(good.values()))


def plan(
    what: Annotated[str, typer.Argument(metavar="ROUND|PROGRAMME", help="届次代号，或办法编号、文件。[a round, or a programme]")],
    opens: Opens = None,
    as_json: Json = False,
    gantt: Annotated[
        Path | None, typer.Option("--gantt", metavar="FILE.svg|FILE.png", dir_okay=False, help="另画一张甘特图。[draw a Gantt chart]")
    ] = None,
) -> None:
    """列出今后每条通知（时间、对象、缘由）和每个期限。[every future message and deadline]

    对已启动的届：从现在起，照无人办理时系统自己会做的逐条推演；标“预计”的，以其前各环节在截止日办结为前提。对办法：从启动日期起，
    按每个环节用满期限推算。暂定：有一天落在尚未公布节假日安排的年份。暂停中的届：期限照列，恢复后顺延。
    JSON：[{"at", "kind", "stage", "audience", "what", "provisional"}]；"what" 是缘由，写明对象、项数、“预计”和“暂停中”；"audience" 是对谁说：
    owner、superior、district_office、leading_group、unit。到期的 "at" 是截止日 24 时。
    """
    form = picture_form(gantt) if gantt else None
    if gantt and form is None:
        raise typer.BadParameter(f"“{gantt.name}”不是图片文件名，请以 .svg 或 .png 结尾", param_hint="--gantt")
    of_programme = _is_programme(what)
    future, calendar, warning = (_programme_plan if of_programme else _round_plan)(what, opens)
    if warning:
        (complain if as_json else say)(f"⚠ {warning}")
    if gantt and form:
        beside = "" if of_programme else warning  # a programme's title names its day
        write_atomically(gantt, gantt_picture(future_chart(future, calendar, SystemClock().now(), beside), calendar, form))
    if as_json:
        emit([as_planned(line) for line in future.lines])
    else:
        rows = (_plan_row(line, future.zone) for line in future.lines)
        show_table(_plan_title(future.title, future.lines), _PLAN_HEADERS, rows)
    for remark in future.remarks:
        (complain if as_json else say)(remark)


def simulate(
    programme: Annotated[str, typer.Argument(metavar="PROGRAMME", help="办法编号或文件。[id or path]")],
    nominations: Annotated[
        Path | None, typer.Option("--nominations", metavar="F.xlsx", exists=True, dir_okay=False, help="用这份推荐汇总表。[this workbook]")
    ] = None,
    synthetic: Annotated[int, typer.Option("--synthetic", metavar="N", min=1, max=5000, help="虚拟候选人数。[made-up candidates]")] = 40,
    opens: Opens = None,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="随机种子；相同的种子结果相同。[same seed, same output]")] = 7,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", file_okay=False, help="结果文件写到这里。[write files here]")] = None,
    brief: Annotated[bool, typer.Option("--brief", help="只要结果，不列每条通知和期限。[figures only, no table]")] = False,
    as_json: Json = False,
) -> None:
    """用虚拟时钟把一届从启动走到最后一项待遇，不发送任何消息。[run a whole round on the virtual clock]

    推荐汇总表里有退回的行时退出码为 1。JSON：{"round", "opened_at", "closed_at", "nominations", "refused", "states", "certified",
    "transitions", "reminders", "escalations", "notifications": {"sent", "failed", "unknown"}, "ledger": {"entries", "verified"},
    "timeline", "out"}；"timeline" 是每条通知和每个期限，写法与 plan 相同。--out 里的“时间线”有 JSON、SVG、PNG 三种，“通知一览”是逐条的通知和消息全文。
    """
    from flows.simulation import simulate as run_simulation

    text = read_text(find_programme(programme))
    zone = ZoneInfo(frozen_programme(text).zone)
    with _progress() as progress:
        result = run_simulation(
            text, nominations=nominations, synthetic=synthetic, opens=opens, seed=seed, out=out, progress=progress, tell=complain
        )
    if as_json:
        emit({**result, "timeline": [as_planned(line) for line in result["timeline"]]})
    else:
        if not brief:
            lines = result["timeline"]
            show_table(_plan_title(result["round"], lines), _PLAN_HEADERS, (_plan_row(each, zone) for each in lines))
        say_simulation(result, nominations, out)
    finish(good=bool(result["ledger"]["verified"]) and not result["refused"])


def workdays(
    day: Annotated[date, typer.Argument(metavar="DATE", parser=parse_day, help="起始日期，如 2023-06-06。[start day]")],
    days: Annotated[
        int, typer.Argument(metavar="N", parser=parse_count, help="工作日数；负数往前数。[working days; negative counts back]")
    ],
    notice: Annotated[bool, typer.Option("--notice", help="按公示期数：首日计入。[a notice's window, first day counted]")] = False,
    as_json: Json = False,
) -> None:
    """从某日起数 N 个工作日，调休上班日照算。[count working days by the official calendar]

    JSON：{"start", "days", "notice", "first_day", "last_day", "weekday", "provisional"}
    """
    calendar = WorkCalendar(overrides=load_overrides(Settings().calendar_overrides))
    first, last, provisional = _counted(calendar, day, days, notice=notice)
    if as_json:
        values = {"start": day, "days": days, "notice": notice, "first_day": first, "last_day": last}
        emit({**values, "weekday": last.isoweekday(), "provisional": provisional})
        return
    found = f"{with_weekday(first)}至 " if notice else ""
    unsure = f"，{provisional_for(calendar.years_unannounced(day, last))}" if provisional else ""
    say(f"{found}{with_weekday(last)}{unsure}")


def _counted(calendar: WorkCalendar, day: date, days: int, *, notice: bool) -> tuple[date, date, bool]:
    if notice:
        if days < 1:
            raise typer.BadParameter("公示至少 1 个工作日", param_hint="N")
        window = calendar.notice_window(day, days)
        return window.first_day, window.last_day, window.provisional
    due = calendar.after(day, days) if days >= 0 else calendar.before(day, -days)
    return day, due.day, due.provisional


def _problems(name: str, calendar: WorkCalendar) -> list[Problem]:
    """Find what is wrong with a programme; one that is well so far must also fit into every message."""
    path = find_programme(name)
    found = check_file(path, calendar.is_year_announced)
    if templates_missing() or not all(problem.warning for problem in found):
        return found
    mend = "请在办法里补上它引用的内容（如推荐要求的条款编号），或改正 notifiers/templates 里的写法"
    wordless = [f"消息 {each}，写不出来" for each in unwritten(load_programme(path), calendar)]
    return found + [Problem(path.name, 0, "messages", reason, mend) for reason in wordless]


def _no_template(missing: str) -> Problem:
    return unplaced("messages", f"消息 {missing} 没有模板，发不出去", "请在 notifiers/templates 里补上这种消息的写法")


def _say_problems(name: str, problems: list[Problem]) -> None:
    errors = sum(not problem.warning for problem in problems)
    say(f"{name}：{f'{errors} 处错误' if errors else '可以使用'}{f'，{len(problems) - errors} 处提醒' if len(problems) > errors else ''}")
    for problem in problems:
        say(f"  {'提醒' if problem.warning else '错误'} {problem}")


def _is_programme(what: str) -> bool:
    return what in known_programmes() or Path(what).expanduser().is_file()


def _programme_plan(what: str, opens: date | None) -> tuple[Future, WorkCalendar, str]:
    """Give what a round of a programme will be, and what is to be said first where its own day has passed."""
    programme = load_programme(find_programme(what))
    calendar = WorkCalendar(programme.zone, load_overrides(Settings().calendar_overrides))
    day, today = opens or programme.opens, calendar.local(SystemClock().now()).date()
    future = programme_future(programme, calendar, day)
    titled = replace(future, title=f"{future.title}，{said_day(calendar, day, written=opens is None)}启动")
    return titled, calendar, _past(day, today) if opens is None and day < today else ""


def _past(day: date, today: date) -> str:
    """Remark on a programme's own day that lies behind: a round of it is opened only on a day that is given."""
    return (
        f"办法所写的启动日期（opens）{with_weekday(day)}已过，今天是 {with_weekday(today)}，以下仍从那天推算；"
        "照此启动会被拒绝，请先核对办法，启动时另填日期。要从别的日期推算，请加 --opens"
    )


def _round_plan(what: str, opens: date | None) -> tuple[Future, WorkCalendar, str]:
    """Give a round's future, and what is to be said first of one whose clock stands still."""
    settings = settings_for_reading(what, what="届次或认定办法", others=known_programmes())
    with opened(settings) as app:
        if opens is not None:
            raise typer.BadParameter("本届的启动日期已定，不能另设", param_hint="--opens")
        future = round_future(app, what)
        calendar = app.house.calendar(future.zone.key)
        with app.house.store.read() as connection:
            hold = hold_of(connection, find_round(connection, what), app.house.vault)
        return future, calendar, f"{hold.said(calendar)}；{MOVES}" if hold else ""


def _plan_title(title: str, lines: Sequence[Foreseen]) -> str:
    """Say what the rows of a plan are; what says the same at the same time is one row, with the number that it stands for."""
    told = [line for line in lines if line.kind in ("reminder", "escalation", "message")]
    messages = sum(line.count for line in told)
    merged = f"（合并为 {len(told)} 行）" if messages > len(told) else ""
    deadlines = sum(line.kind.endswith(("opens", "due")) for line in lines)
    return f"{title}：通知、催办和升级 {messages} 条{merged}，环节和待办的期限 {deadlines} 行"


def _plan_row(line: Foreseen, zone: object) -> tuple[object, ...]:
    # A due time is the first instant that is too late: people read the last day.
    day = str(line.day) if line.kind == "stage_opens" else local(line.at, zone)
    at = AT_ONCE if line.at_once else f"{line.day} 24:00" if line.kind.endswith("due") else day
    count = f"{line.count} {'条' if line.kind in ('reminder', 'escalation', 'message') else '项'}" if line.count > 1 else ""
    return at, _KINDS[line.kind], label(line.stage), line.what, line.named, count, line.marks


@contextmanager
def _progress() -> Iterator[Callable[[int, int, str], None]]:
    """Show a bar on stderr, where it is a terminal; gives what the simulation calls with (done, of, what)."""
    screen = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar:
        task = bar.add_task("模拟", total=None)

        def step(done: int, total: int, what: str) -> None:
            bar.update(task, completed=done, total=total or None, description=what.replace("[", "("))

        yield step
