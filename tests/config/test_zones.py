"""What people call the time of a zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from config.zones import zone_name


@pytest.mark.parametrize(
    ("zone", "month", "name"),
    [
        ("Asia/Shanghai", 6, "北京时间"),
        ("Asia/Hong_Kong", 6, "香港时间"),
        ("Asia/Tokyo", 6, "UTC+9"),
        ("America/New_York", 1, "UTC-5"),
        ("America/New_York", 6, "UTC-4"),
        ("Asia/Kolkata", 6, "UTC+5:30"),
        ("UTC", 6, "UTC"),
    ],
)
def test_a_zone_is_named_in_chinese_or_by_its_offset(zone: str, month: int, name: str) -> None:
    assert zone_name(ZoneInfo(zone), datetime(2023, month, 6, tzinfo=UTC)) == name
