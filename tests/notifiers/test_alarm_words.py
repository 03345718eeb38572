"""What an alarm says: what happened, since when, and what to do, in both languages."""

from datetime import UTC, datetime

import pytest

from config.calendar import WorkCalendar
from config.labels import english, label
from config.vocabulary import AlarmCause
from notifiers.alarms import Alarm, words

SINCE = datetime(2023, 6, 6, 2, 5, tzinfo=UTC)


@pytest.mark.parametrize("cause", AlarmCause)
def test_alarm_says_what_since_when_and_what_to_do_in_both_languages(cause: AlarmCause) -> None:
    subject, body = words(Alarm(cause, SINCE, SINCE), "http://127.0.0.1:4200", WorkCalendar())
    assert subject == f"【Hallmark 告警】{label(cause)}"
    for part in ("发生了什么：", "从什么时候起：2023-06-06 10:05。", "怎么办：", "查原因："):
        assert part in body
    [line] = [line for line in body.splitlines() if line.isascii() and line]
    assert line.startswith(f"[Alarm: {english(cause)}, since 2023-06-06 10:05. ")
    assert line.endswith(".]")


@pytest.mark.parametrize(("cause", "status"), [(AlarmCause.MESSAGE_FAILED, "refused_for_good"), (AlarmCause.MESSAGE_UNKNOWN, "unknown")])
def test_alarm_of_messages_says_how_to_list_them(cause: AlarmCause, status: str) -> None:
    _, body = words(Alarm(cause, SINCE, SINCE), "", WorkCalendar())
    assert body.count(f"hallmark notifications --status {status}") == 2
