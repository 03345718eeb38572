"""What the server starts by itself: the watch over dead runs, and the triggers of the deployments; each there and switched on."""

from functools import cache

import httpx
import yaml

from flows.health.checks import Check, broken, good
from flows.service.asking import answer_to
from flows.service.plan import PROJECT, ZOMBIE_WATCH

_MEND = (
    "死掉的运行会一直显示为运行中，新消息晚至多十分钟才送出，出错晚至多一小时才告警：被关掉的，在看板 Automations 页打开它的开关；"
    "没有的，停下后重新运行 hallmark up（它会重新登记）"
)


def automations(api: str) -> Check:
    """Look whether every automation that ``up`` makes stands and is on; raises ``Slow``."""
    title, names = "自动触发", [ZOMBIE_WATCH, *_triggers()]
    try:
        found = answer_to(api, "/automations/filter", {"automations": {"name": {"any_": names}}})
        on = {each["name"]: each["enabled"] for each in sorted(found, key=lambda each: each["enabled"])}
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        return broken("automations", title, f"查不到（{type(error).__name__}）", _MEND)
    wrong = [f"“{name}”{'被关掉' if name in on else '没有登记'}" for name in names if not on.get(name)]
    if wrong:
        return broken("automations", title, "、".join(wrong), _MEND)
    return good("automations", title, f"{len(names)} 项都开着")


@cache
def _triggers() -> tuple[str, ...]:
    """Name the triggers of all deployments, as ``prefect.yaml`` does."""
    deployments = yaml.safe_load((PROJECT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
    return tuple(trigger["name"] for each in deployments for trigger in each.get("triggers", ()))
