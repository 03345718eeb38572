"""``alert-operators``: what the dashboard's automations start when a run fails or the clock stands still."""

from datetime import datetime
from typing import Annotated, Any, NamedTuple

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Completed

from config.calendar import WorkCalendar
from config.settings import Settings
from config.vocabulary import AlarmCause
from flows.alarming import Sounded, sound, sound_for_clock
from flows.failures import find_failed, sound_for_runs
from flows.forms import field
from flows.prefect_api import has_server, schedule_run
from notifiers.alarms import Reached
from states.clock import SystemClock

ALERT_OPERATORS = "系统告警/alert-operators"

Cause = Annotated[
    AlarmCause,
    field(
        "原因",
        "run_failed 运行出错，clock_stopped 时钟已停，service_failed 服务出错，message_failed 消息没有送达，message_unknown 消息结果不明，"
        "channel_refused 渠道被对方拒绝。[cause]",
    ),
]
Detail = Annotated[str, field("说明", "哪个运行、哪一届；不写姓名。[which run or round; nothing personal]")]


@flow(name="系统告警", flow_run_name="系统告警 {cause}", persist_result=False)
async def alert_operators(cause: Cause, detail: Detail = "") -> State[Any]:
    """把出错的运行、停走的时钟告诉经办人；同一类一小时内只发一次。[Alarm the operators, once an hour for each cause]"""
    settings, clock = Settings(), SystemClock()
    if cause is AlarmCause.CLOCK_STOPPED:
        sounded = sound_for_clock(settings, clock)
    elif cause is AlarmCause.RUN_FAILED:
        sounded = sound_for_runs(settings, clock, await find_failed(settings, clock), detail)
    else:
        sounded = sound(settings, clock, cause, detail)
    if (again := look_again(cause, sounded, detail)) is not None:
        await _come_back(again)
    return Completed(name="已办理", message=_summary(sounded))


class Again(NamedTuple):
    """When to look once more (aware), and with what."""

    at: datetime
    cause: AlarmCause
    detail: str

    @property
    def key(self) -> str:
        """One look is enough, however often something happens within the silent hour."""
        return f"alarm-{self.cause.value}-{self.at.isoformat(timespec='seconds')}"


def look_again(cause: AlarmCause, sounded: Sounded, detail: str) -> Again | None:
    """Say when to look again: what happens within the silent hour is told once it is over, in one alarm however often it happened.

    After an alarm of runs that failed in any case: a second one in the same minute starts no run of this flow. So also after
    a look that could not ask the server.
    """
    if cause is AlarmCause.RUN_FAILED and sounded.again_at is not None:
        return Again(sounded.again_at, cause, "")
    if cause is AlarmCause.CLOCK_STOPPED or sounded.silent_until is None:
        return None
    return Again(sounded.silent_until, cause, detail)


def _summary(sounded: Sounded) -> str:
    if sounded.silent_until is not None:
        return f"一小时内已告警过，{WorkCalendar().local(sounded.silent_until):%H:%M} 以后再发"
    if sounded.reached is not Reached.NOBODY:
        return f"已告知：{sounded.reached}"
    return "没有告警：没有新的出错，时钟已恢复，一时查不出，或没有地方可写"


async def _come_back(again: Again) -> None:
    if not has_server():
        return
    try:
        name, parameters = f"系统告警 {again.cause.value}", {"cause": again.cause.value, "detail": again.detail}
        await schedule_run(ALERT_OPERATORS, again.at, name, parameters=parameters, idempotency_key=again.key)
    except Exception as error:  # noqa: BLE001 - the same
        get_run_logger().warning("未能预约下一次告警（%s）", type(error).__name__)
