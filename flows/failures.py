"""Runs that failed, all since the last alarm of them: the server tells of one in a minute, and an alarm within the hour of none."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from prefect import get_run_logger

from config.settings import Settings
from config.vocabulary import AlarmCause
from flows.alarming import Sounded, opened_house, sound_in
from flows.bootstrap import App
from flows.prefect_api import FailedRun, failed_runs, has_server
from notifiers.alarms import Alarm, Mend
from notifiers.cleaning import one_line
from states.alarms import QUIET, alarmed_at, tell_until, told_until
from states.clock import Clock

CAUSE = AlarmCause.RUN_FAILED
OWN = "系统告警"
"""The alarm's own flow: a failure of it must not lead to alarms without end."""

DIED = ("Failed", "Crashed")
CLOCKWORK = ("到期处理", "发送消息", "刷新看板")
"""Flows that nobody has started: what is refused here is read by nobody, unless it is told."""

NOT_DONE = ("已拒绝", "已办理一部分")
_MOST_NAMED, _LONGEST_REASON = 3, 160
_MEND_REASON = Mend(
    "照写明的原因改正；改好以后系统自己再办，不必重新提交，等着的消息自动发出",
    "Mend the reason that is given above; the clockwork tries again by itself, and nobody has to submit anything.",
)
_SETTLED = timedelta(minutes=5)
"""What ended so lately the server may not list yet, or its clock differs from ours by as much: the next look asks for it again."""


def worth_an_alarm(run: FailedRun) -> bool:
    """Say whether a run is one of those for which the triggers in ``prefect.yaml`` start an alarm."""
    return run.flow != OWN and (run.state in DIED or (run.flow in CLOCKWORK and run.state in NOT_DONE))


def told_before(settings: Settings, clock: Clock) -> datetime:
    """Give up to which instant (aware) operators know what failed, however long ago: all since then is still to be told.

    An hour before the first alarm where that was never noted, an hour ago where nobody can tell.
    """
    now, known, first = clock.now(), None, None
    with opened_house(settings, clock) as app:
        if app is not None:
            with app.house.store.read() as connection:
                known, first = told_until(connection, CAUSE), alarmed_at(connection, CAUSE)
    # A clock that was set back must not hide what fails until it gets there again.
    return known if known is not None and known <= now else min(first or now, now) - QUIET


def look_is_due(app: App) -> bool:
    """Say whether the last look that succeeded is an hour old: no run of the alarm's came since, or it could not ask the server."""
    now = app.house.clock.now()
    with app.house.store.read() as connection:
        known = told_until(connection, CAUSE)
    return known is None or not known <= now < known + QUIET


async def find_failed(settings: Settings, clock: Clock) -> list[FailedRun] | None:
    """Give what failed since operators were last told; None where the server cannot be asked, so that nobody knows."""
    if not has_server():
        return None
    try:
        return await failed_runs(told_before(settings, clock))
    except Exception as error:  # noqa: BLE001 - an alarm that fails must never be a cause of alarms itself
        get_run_logger().warning("未能查出还有哪些运行出错（%s）", type(error).__name__)
        return None


def sound_for_runs(settings: Settings, clock: Clock, failed: Sequence[FailedRun] | None, detail: str = "") -> Sounded:
    """Alarm of everything that failed since operators were last told; of nothing where there is neither that nor a ``detail``.

    ``detail`` names the run for which a trigger asks, should the server not list it. ``failed`` is None where that could not be
    asked: what is known is told, and no more counts as told than did before, so that the next look reaches back as far.
    """
    now, before = clock.now(), told_before(settings, clock)
    news = [run for run in failed or () if run.at > before and worth_an_alarm(run)]
    with opened_house(settings, clock) as app:
        if news or detail:
            sounded = sound_in(app, settings, clock, Alarm(CAUSE, news[0].at if news else now, now, words(news, detail), _mend(news)))
        else:
            sounded = Sounded(again_at=now + QUIET if failed is None else None)
        until = before if failed is None else max([before, now - _SETTLED, *(run.at for run in news)])
        if app is not None and (failed is None or sounded.reached or not (news or detail)):
            tell_until(app.house.store, CAUSE, until)
    return sounded


def words(news: Sequence[FailedRun], detail: str) -> str:
    """Name what failed, first the run for which a trigger asks; of many the number and the first few, the same reason once."""
    asked = [run for run in news if str(run.id) in detail]
    first = [_named(run) for run in asked] or ([detail] if detail else [])
    named = [*first, *(_named(run) for run in news if run not in asked)]
    if len(named) == 1:
        return named[0]
    different = list(dict.fromkeys(named))
    return f"{len(named)} 次：{'；'.join(different[:_MOST_NAMED])}{'等' if len(different) > _MOST_NAMED else ''}"


def _named(run: FailedRun) -> str:
    """Say why, where a sentence of ours does; what a run died of may hold anything, so that only its id is given."""
    if not run.said or run.state not in NOT_DONE:
        return f"{run.flow} {run.id}"
    reason = one_line(run.said).rstrip("。")
    return f"{run.flow} {run.state}：{reason if len(reason) <= _LONGEST_REASON else f'{reason[:_LONGEST_REASON]}……'}"


def _mend(news: Sequence[FailedRun]) -> Mend | None:
    """Give what to do where all of it was refused to the clockwork: nobody has to submit that again."""
    return _MEND_REASON if news and all(run.said and run.state in NOT_DONE for run in news) else None
