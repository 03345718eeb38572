"""What people call the time of a programme's zone."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

_NAMES = {
    "Asia/Shanghai": "北京时间",
    "Asia/Urumqi": "新疆时间",
    "Asia/Hong_Kong": "香港时间",
    "Asia/Macau": "澳门时间",
    "Asia/Taipei": "台北时间",
}


def zone_name(zone: ZoneInfo, at: datetime) -> str:
    """Name a zone in Chinese; one without a name by its offset at an aware instant, such as ``UTC+9``."""
    return _NAMES.get(zone.key) or f"UTC{_offset(at.astimezone(zone).utcoffset() or timedelta())}"


def _offset(offset: timedelta) -> str:
    minutes = abs(offset) // timedelta(minutes=1)
    whole, rest = divmod(minutes, 60)
    sign = "-" if offset < timedelta() else "+"
    return f"{sign}{whole}" + (f":{rest:02}" if rest else "") if minutes else ""
