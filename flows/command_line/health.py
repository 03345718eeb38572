"""``doctor``: whether this house is well, and what to do where it is not."""

from flows.command_line.house import settings_for_looking
from flows.command_line.options import Json
from flows.command_line.screen import emit, finish, say
from flows.health import Level, check_up
from states.clock import SystemClock

_MARKS = {Level.GOOD: "正常", Level.WARNING: "注意", Level.BROKEN: "故障"}


def doctor(as_json: Json = False) -> None:
    """体检：数据目录、密钥、数据库、台账保护、消息、时钟、渠道、节假日、Prefect 服务和计划，逐项说明怎么办。[health, and what to do]

    只看不改；有故障时退出码为 1，只有注意事项时为 0。JSON：[{"what", "title", "level": "good|warning|broken", "found", "mend"}]
    """
    checks = check_up(settings_for_looking(), SystemClock())
    if as_json:
        emit(checks)
    else:
        for check in checks:
            say(f"{_MARKS[check.level]} {check.title}：{check.found}{f'。{check.mend}。' if check.mend else ''}")
    finish(good=all(check.level is not Level.BROKEN for check in checks))
