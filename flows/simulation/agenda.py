"""What the people of a simulation mean to do, and when."""

import heapq
from collections.abc import Callable
from datetime import datetime

Act = Callable[[], object]


class Agenda:
    """Acts by their instants (aware); those of one instant in the order in which they were planned."""

    def __init__(self) -> None:
        self._planned: list[tuple[datetime, int, Act]] = []
        self._made = 0

    def plan(self, at: datetime, act: Act) -> None:
        """Put an act down for an instant."""
        self._made += 1
        heapq.heappush(self._planned, (at, self._made, act))

    @property
    def next_at(self) -> datetime | None:
        """The instant of the next act; None when nothing is planned."""
        return self._planned[0][0] if self._planned else None

    def take(self) -> Act:
        """Take the next act off the agenda. Raises ``IndexError`` when nothing is planned."""
        return heapq.heappop(self._planned)[2]
