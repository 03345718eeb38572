"""Whether the clockwork still comes by: a dead one tells nobody of itself, so whoever looks must be told."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from config.settings import Settings
from states.heartbeat import waited_since

CLOCK_MEND = "请运行 hallmark doctor 查看原因，再用 hallmark up（或 make run）重新启动服务；恢复后，到期未办的会自动补办，不会遗漏"


def clock_stopped(settings: Settings, connection: Connection, slug: str, now: datetime) -> bool:
    """Say whether a round's tick is overdue at an aware instant: it comes every hour, in a round on hold too."""
    since = waited_since(connection, slug)
    return since is not None and now - since > timedelta(hours=settings.clock_alarm_hours)
