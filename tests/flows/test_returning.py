"""When the deliverer comes back before its regular run."""

from datetime import UTC, datetime, timedelta

import pytest

from flows.returning import wake_at

NOW = datetime(2023, 6, 6, 2, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("departs_in", "wakes_at"),
    [
        (-3600, "02:00:30"),
        (0, "02:00:30"),
        (20, "02:00:30"),
        (21, "02:01:00"),
        (60, "02:01:30"),
        (9 * 60 - 1, "02:09:30"),
        (9 * 60, None),
        (86_400, None),
        (None, None),
    ],
)
def test_deliverer_comes_back_at_the_half_minute_after_something_may_leave(departs_in: int | None, wakes_at: str | None) -> None:
    found = wake_at(None if departs_in is None else NOW + timedelta(seconds=departs_in), NOW)
    assert (f"{found:%H:%M:%S}" if found else None) == wakes_at
