"""A fixed history of one round, with its people: what happens whatever the schedule of ticks is."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from config.vocabulary import PartyKind, WorkKind
from states.commands.reassigning import ReassignWork
from states.commands.roster import ImportRoster, RosterEntry
from states.commands.timing import ExtendDeadline
from states.store import Store
from tests.states.builders import Story
from tests.states.figures import TOWN, UNIT, candidate, local, number

FIRST, LAST = local(6, 6), local(9, 20)
"""When the round opens, and when everything of the history is over: by then every step of every ladder has come."""
EARLIEST = FIRST - timedelta(days=3)
"""As far back as a clock is set."""
_PEOPLE = (
    RosterEntry(id="U1", kind=PartyKind.SUBDISTRICT_UNION, name=UNIT, parent="U2", contacts={"mail": "changhe@example.com"}),
    RosterEntry(id="U4", kind=PartyKind.SUBDISTRICT_UNION, name="西兴街道总工会", contacts={"mail": "u4@example.com"}),
    RosterEntry(id="U5", kind=PartyKind.MEMBER_UNIT, name="西兴建设集团", parent="U4", contacts={"mail": "u5@example.com"}),
    RosterEntry(id="L1", kind=PartyKind.LEADING_GROUP_MEMBER, name="吴领导", contacts={"mail": "l1@example.com"}),
    RosterEntry(id="L2", kind=PartyKind.LEADING_GROUP_MEMBER, name="郑领导", contacts={"mail": "l2@example.com"}),
)


class Act(NamedTuple):
    """What happens at a fixed instant, whatever the ticks are."""

    at: datetime
    do: Callable[[Story], Any]


def _extend(day: date, kind: WorkKind | None = None, subject: str = "") -> Callable[[Story], Any]:
    return lambda story: story.do(ExtendDeadline(**story.who, due_day=day, kind=kind, subject=subject, reason="台风停工"))


def _hand(ordinal: int) -> Callable[[Story], Any]:
    return lambda story: story.do(ReassignWork(**story.who, source="U1", target="U5", subject=number(ordinal), reason="单位合并"))


def _endorse_and_hand(story: Story) -> None:
    """The opinion on the fifth is overdue since the day before, and its unit's superior hears of it at nine."""
    story.endorse([4])
    _hand(5)(story)


def _extend_and_hand(story: Story) -> None:
    """Both opinions are overdue since five days, and their escalations may wait, have left, or be still to come."""
    _extend(date(2023, 6, 29), WorkKind.ENDORSEMENT, number(4))(story)
    _hand(3)(story)


def _extend_in_vain(story: Story) -> None:
    """The correction has lapsed at midnight, whether a tick has come by since or not."""
    late = ExtendDeadline(**story.who, due_day=date(2023, 7, 20), kind=WorkKind.CORRECTION, reason="台风停工")
    assert "no-such-work" in story.codes(late)


def _judge(story: Story) -> None:
    story.do(story.verdict(1, "return", reason="请补证明", fields=("证明材料",)))
    story.do(story.verdict(2))


HISTORY = (
    Act(local(6, 8, 10), lambda story: story.endorse([1, 2])),
    Act(local(6, 8, 11), _extend(date(2023, 6, 21), WorkKind.ENDORSEMENT, number(3))),
    Act(local(6, 12, 10), lambda story: story.endorse([1, 2], unit=TOWN)),
    Act(local(6, 14, 10), _endorse_and_hand),
    Act(local(6, 26, 10), _extend_and_hand),
    Act(local(7, 7, 10), lambda story: story.hold()),
    Act(local(7, 7, 11), lambda story: story.hold(False)),
    Act(local(7, 7, 12), _judge),
    Act(local(7, 10, 10), lambda story: story.hold()),
    Act(local(7, 12, 10), lambda story: story.hold(False)),
    Act(local(7, 19, 9, 30), _extend_in_vain),
    Act(local(7, 19, 10), _extend(date(2023, 8, 10))),
    Act(local(7, 20, 10), _extend(date(2023, 8, 3))),
)
"""Five candidates: one is returned and lapses, one is qualified, three wait in vain; deadlines are moved, and one back, late work is handed
over, and a round is held. Intake ends at the beginning of 7-06: by a tick that comes then, by a later one, or by the first hold, a day late."""
GAPS = len(HISTORY) + 1
"""Stretches of time in which ticks may fall: before each act, and after the last."""


def gap_ends(gap: int) -> datetime:
    """Give the latest instant at which a tick of a gap may fall."""
    return HISTORY[gap].at if gap < len(HISTORY) else LAST


def prepared(store: Store) -> None:
    """Begin the history: the roster, the round, and five candidates of one unit with one above it."""
    story = Story(store)
    story.open()
    story.do(ImportRoster(operator="op1", entries=_PEOPLE))
    story.submit(*(candidate(ordinal) for ordinal in range(1, 6)))
