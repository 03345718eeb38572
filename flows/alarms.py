"""``alert-operators``: what the dashboard's automations start when a run fails or the clock stands still."""

from typing import Annotated, Any

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Completed

from config.calendar import WorkCalendar
from config.settings import Settings
from config.vocabulary import AlarmCause
from flows.alarming import Sounded, sound, sound_for_clock
from flows.forms import field
from flows.prefect_api import has_server, schedule_run
from notifiers.alarms import Reached
from states.clock import Clock, SystemClock

ALERT_OPERATORS = "系统告警/alert-operators"

Cause = Annotated[
    AlarmCause,
    field(
        "原因",
        "run_failed 运行出错，clock_stopped 时钟已停，message_failed 消息没有送达，message_unknown 消息结果不明，channel_refused 渠道被对方拒绝。[cause]",
    ),
]
Detail = Annotated[str, field("说明", "哪个运行、哪一届；不写姓名。[which run or round; nothing personal]")]


@flow(name="系统告警", flow_run_name="系统告警 {cause}", persist_result=False)
async def alert_operators(cause: Cause, detail: Detail = "") -> State[Any]:
    """把出错的运行、停走的时钟告诉经办人；同一类一小时内只发一次。[Alarm the operators, once an hour for each cause]"""
    settings, clock = Settings(), SystemClock()
    clockwork = cause is AlarmCause.CLOCK_STOPPED
    sounded = sound_for_clock(settings, clock) if clockwork else sound(settings, clock, cause, detail)
    if sounded.silent_until is not None and not clockwork:
        await _come_back(sounded, clock, cause, detail)
    return Completed(name="已办理", message=_summary(sounded))


def _summary(sounded: Sounded) -> str:
    if sounded.silent_until is not None:
        return f"一小时内已告警过，{WorkCalendar().local(sounded.silent_until):%H:%M} 以后再发"
    return f"已告知：{sounded.reached}" if sounded.reached is not Reached.NOBODY else "没有告警：时钟已恢复，或没有地方可写"


async def _come_back(sounded: Sounded, clock: Clock, cause: AlarmCause, detail: str) -> None:
    """What happens within the silent hour is told once it is over, in one alarm however often it happened."""
    at = max(sounded.silent_until or clock.now(), clock.now())
    key = f"alarm-{cause.value}-{at.isoformat(timespec='seconds')}"
    if not has_server():
        return
    try:
        await schedule_run(
            ALERT_OPERATORS, at, f"系统告警 {cause.value}", parameters={"cause": cause.value, "detail": detail}, idempotency_key=key
        )
    except Exception as error:  # noqa: BLE001 - an alarm that fails must never be a cause of alarms itself
        get_run_logger().warning("未能预约下一次告警（%s）", type(error).__name__)
