"""What the clockwork's own runs are called: Chinese, with their time on the house's clock; a run of the calendar keeps its name.

Prefect gives every run of a schedule a made-up name until it begins, and shows it meanwhile.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from prefect.runtime import flow_run

from config.calendar import WorkCalendar
from flows.prefect_api import list_scheduled, rename_run

CALENDAR = "日历"
"""The tag of a run that stands in a round's calendar."""
_SCHEDULED = ("到期处理/tick", "发送消息/deliver", "刷新看板/refresh-board")


def named(title: str) -> Callable[[], str]:
    """Give what names a run of the clockwork when it begins."""

    def name() -> str:
        if CALENDAR in flow_run.tags:
            return str(flow_run.name)
        return run_name(title, flow_run.scheduled_start_time, str(flow_run.parameters.get("slug") or ""))

    return name


def run_name(title: str, at: datetime | None, slug: str = "") -> str:
    """Name a run: what it does, for which round if it is for one alone, when (``at`` is aware; None where nobody planned it)."""
    when = f"{WorkCalendar().local(at):%m-%d %H:%M}" if at else ""
    return " ".join(filter(None, (title, slug.strip(), when)))


async def name_scheduled() -> None:
    """Name the runs that stand ahead by the clockwork's own schedules; to be done again and again, since the server plans new ones."""
    for deployment in _SCHEDULED:
        title = deployment.partition("/")[0]
        for run in await list_scheduled(deployment):
            name = run_name(title, run.at)
            if CALENDAR not in run.tags and not run.name.startswith(title):
                await rename_run(run.id, name)


def name_at_start() -> None:
    """Name them before the first delivery does, which may be ten minutes away; raises nothing.

    Prefect's clients of this thread talk to the service's own server.
    """
    with suppress(Exception):  # a name is for people to read; the next delivery gives it
        asyncio.run(name_scheduled())
