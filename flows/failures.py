"""Runs that failed, all since the last alarm of them: the server tells of one in a minute, and an alarm within the hour of none."""

from collections.abc import Sequence
from datetime import datetime

from config.settings import Settings
from config.vocabulary import AlarmCause
from flows.alarming import Sounded, opened_house, sound_in
from flows.prefect_api import FailedRun
from notifiers.alarms import Alarm
from states.alarms import QUIET, tell_until, told_until
from states.clock import Clock

CAUSE = AlarmCause.RUN_FAILED
OWN = "系统告警"
"""The alarm's own flow: a failure of it must not lead to alarms without end."""

DIED = ("Failed", "Crashed")
CLOCKWORK = ("到期处理", "发送消息", "刷新看板")
"""Flows that nobody has started: what is refused here is read by nobody, unless it is told."""

NOT_DONE = ("已拒绝", "已办理一部分")
_MOST_NAMED = 3


def worth_an_alarm(run: FailedRun) -> bool:
    """Say whether a run is one of those for which the triggers in ``prefect.yaml`` start an alarm."""
    return run.flow != OWN and (run.state in DIED or (run.flow in CLOCKWORK and run.state in NOT_DONE))


def told_before(settings: Settings, clock: Clock) -> datetime:
    """Give up to which instant (aware) operators know what failed; an hour ago where nobody can tell."""
    with opened_house(settings, clock) as app:
        if app is None:
            return clock.now() - QUIET
        with app.house.store.read() as connection:
            return told_until(connection, CAUSE) or clock.now() - QUIET


def sound_for_runs(settings: Settings, clock: Clock, failed: Sequence[FailedRun], detail: str = "") -> Sounded:
    """Alarm of everything that failed since operators were last told; of nothing where there is neither that nor a ``detail``.

    ``detail`` names the run for which a trigger asks, should the server not list it.
    """
    before = told_before(settings, clock)
    news = [run for run in failed if run.at > before and worth_an_alarm(run)]
    if not news and not detail:
        return Sounded()
    now = clock.now()
    with opened_house(settings, clock) as app:
        sounded = sound_in(app, settings, clock, Alarm(CAUSE, news[0].at if news else now, now, words(news, detail)))
        if app is not None and sounded.reached:
            tell_until(app.house.store, CAUSE, max((run.at for run in news), default=now))
    return sounded


def words(news: Sequence[FailedRun], detail: str) -> str:
    """Name what failed, first the run for which a trigger asks; of many the number and the first few."""
    others = [f"{run.flow} {run.id}" for run in news if str(run.id) not in detail]
    named = [detail, *others] if detail else others
    if len(named) == 1:
        return named[0]
    return f"{len(named)} 次：{'、'.join(named[:_MOST_NAMED])}{'等' if len(named) > _MOST_NAMED else ''}"
