"""On which day a round opens: as its operator wrote it, or else as its programme says; what is wrong with it, and what is said of it."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from config.calendar import WorkCalendar
from config.days import provisional_for, with_weekday
from config.programme import Programme
from config.vocabulary import RoundState, Stage
from states.errors import Refusal
from states.tables import LedgerEntry, Round
from states.work import Recorder, Work

_YEAR = timedelta(days=366)
_PROVISIONAL = "暂定"
_LATE = "；申报已经截止；截止日以前送达的，请补录（import-nominations），再办理截止申报（close-intake）；还要接收申报的，先延长期限（extend-deadline）"


def opening_day(work: Work, given: date | None) -> date:
    """Give the day that the operator wrote, or the programme's own."""
    return given or work.programme.opens


def amended_opening(work: Work, new: Programme, given: date | None) -> date | None:
    """Give the day to which an amendment moves the opening of a round that is still planned; ``None`` where it stays.

    It is the day that the operator wrote, or else that of the rules where they have another one than before: a day that was
    moved otherwise, by a hold or a form, stays through amendments of anything else.
    """
    row = work.round
    day = given or (new.opens if new.opens != work.programme.opens else None)
    moves = day != row.opens_on or row.planned_on is not None
    return day if row.state == RoundState.PLANNED and moves else None


def strange_amendment(work: Work, new: Programme, given: date | None, opens_on: date | None) -> Iterator[Refusal]:
    """Refuse to give a round that has opened another day, and to move the opening to a day that must be a slip."""
    if given is not None and work.round.opened_at is not None:
        yield Refusal("opened-already", f"{_stays(work.round)}，请不填“启动日期”")
    if opens_on is not None:
        yield from strange_opening(work, new, opens_on)


def move_opening(recorder: Recorder, row: Round, day: date) -> None:
    """Let a planned round open on a day that is given anew: nothing of how the one before was counted holds for it."""
    recorder.entry.payload["opens_on"] = day
    recorder.update(Round, row, opens_on=day, planned_on=None, holds="")


def held_from(work: Work, held: date) -> date:
    """Give the day from which a hold that began on ``held`` puts off an opening: where that was given in the hold, only from then on."""
    amended = work.records.where(LedgerEntry, round=work.round.slug, event="round_amended")
    given = (datetime.fromisoformat(entry.at) for entry in amended if "opens_on" in json.loads(entry.payload))
    return min(max([held, *(work.calendar.local(at).date() for at in given)]), work.today)


def strange_opening(work: Work, programme: Programme, given: date | None) -> Iterator[Refusal]:
    """Refuse a day that must be a slip; a programme's own day that has passed is the usual sign of last year's file."""
    day, today = given or programme.opens, work.today
    what = f"{'启动日期 ' if given else '认定办法所写的启动日期（opens）'}{with_weekday(day)}"
    if given is None and day < today:
        yield Refusal("written-day-past", f"“启动日期”没有填写，{what}已过，今天是 {with_weekday(today)}：{_mend_of_past(today)}")
    elif day < today - _YEAR:
        yield Refusal("too-early", f"{what}在一年多以前，今天是 {with_weekday(today)}，请核对年份")
    elif day > today + _YEAR:
        yield Refusal("too-far", f"{what}在一年多以后，今天是 {with_weekday(today)}，请核对年份")
    elif day < programme.source.date:
        notice = f"公告日期 {programme.source.date}（认定办法的 source.date）"
        yield Refusal("before-notice", f"{what}早于{notice}，请改为公告之日或之后")
    else:
        yield from _intake_over(work, programme, day, what)


def _mend_of_past(today: date) -> str:
    return (
        f"可能误用了上一届的办法，请先核对；办法无误的，填写“启动日期”（今天就启动的填 {today}），或把办法里的 opens 改为启动那天，再办理"
    )


def _intake_over(work: Work, programme: Programme, day: date, what: str) -> Iterator[Refusal]:
    """Refuse a day from which intake would be over where the clock closes it: nobody could send anything in.

    Where the office closes it, what came in time may still be entered.
    """
    rule = programme.stages[Stage.INTAKE]
    end = work.calendar.after(day, rule.working_days).day
    if end < work.today and rule.conclude == "automatic":
        over = f"申报期 {rule.working_days} 个工作日，到 {with_weekday(end)}已经截止，今天是 {with_weekday(work.today)}"
        yield Refusal("intake-over", f"{what}太早：{over}；请填较晚的日子，今天就启动的填 {work.today}")


def said_of_opening(work: Work, given: date | None) -> str:
    """Say what was opened, from which day and whose word that is, until when intake runs, and how many units are told."""
    row = work.round
    end = work.calendar.after(row.opens_on, work.programme.stages[Stage.INTAKE].working_days)
    day = said_day(work.calendar, row.opens_on, written=given is None)
    over = end.day < work.today
    until = with_weekday(end.day, *([_PROVISIONAL] if end.provisional else []), *(["已经截止"] if over else []))
    unsure = f"；{provisional_for(work.calendar.years_unannounced(row.opens_on, end.day))}" if end.provisional else ""
    name, opened = f"{row.title}（{row.slug}）", row.state != RoundState.PLANNED
    head = f"{name}已启动，开始申报推荐：启动日期 {day}" if opened else f"{name}将于 {day}启动"
    late = _LATE if over else ""
    return f"{head}，申报截至 {until}，{_told(work, opened=opened)}{late}{unsure}{_another_year(work)}"


def said_of_amended(work: Work, opens_on: date | None, *, given: date | None, written: date) -> str:
    """Say what an amendment did to the opening: nothing where neither the form nor the rules (``written`` before) have another day."""
    row = work.round
    if opens_on is None:
        return f"；{_stays(row)}" if row.opened_at is not None and work.programme.opens != written else ""
    day = said_day(work.calendar, opens_on, written=given is None)
    return f"，随即启动：启动日期 {day}" if row.opened_at is not None else f"，改在 {day}启动{later_in_hold(row)}"


def later_in_hold(row: Round) -> str:
    """Say of the day of an opening whether the release of a hold still puts it off."""
    return "（恢复计时后顺延）" if row.held else ""


def _stays(row: Round) -> str:
    return f"本届已于 {row.opens_on} 启动，启动日期不变"


def said_day(calendar: WorkCalendar, day: date, *, written: bool) -> str:
    """Write out the day of an opening, and whether the programme says it (``written``) or whoever asks: 2023-06-06（周二，办法所写）."""
    rest = [] if calendar.is_working_day(day) else ["休息日"]
    doubt = [] if calendar.is_announced(day) else [_PROVISIONAL]
    return with_weekday(day, "办法所写" if written else "所填", *rest, *doubt)


def is_guessed(row: Round) -> bool:
    """Say whether a round is still to open, on a day that will be counted again once a hold's days are announced."""
    return row.state == RoundState.PLANNED and row.planned_on is not None


def planned_day(row: Round, calendar: WorkCalendar) -> str:
    """Write out the day on which a planned round opens; one that may still be counted again is provisional."""
    unsure = is_guessed(row) or not calendar.is_announced(row.opens_on)
    return with_weekday(row.opens_on, *([_PROVISIONAL] if unsure else []))


def _told(work: Work, *, opened: bool) -> str:
    """Say how many units may recommend and will be told (notice, N18)."""
    count = len(work.ids(*work.programme.recommending_kinds))
    if not count:
        return "名册里还没有推荐单位，没有单位可以告知"
    return f"将告知 {count} 个推荐单位" if opened else f"到时告知推荐单位（名册现有 {count} 个）"


def _another_year(work: Work) -> str:
    """Remark on a programme of another year than the opening's: perhaps it is an earlier round's file."""
    year, opens_on = work.programme.year, work.round.opens_on
    return "" if year == opens_on.year else f"；提醒：办法的年份（year）是 {year}，与启动日期不在同一年，请核对是不是拿错了办法"
