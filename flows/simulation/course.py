"""The course of a simulated round: the clock jumps from one instant to the next at which anything happens."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from config.labels import label
from config.vocabulary import OPEN_STATES, RoundState, WorkKind, WorkStatus
from flows.due import next_due
from flows.simulation.story import Story
from states.errors import HallmarkError
from states.tables import WorkItem

if TYPE_CHECKING:
    from flows.simulation.post import Post
    from flows.simulation.world import World

Progress = Callable[[int, int, str], None]
_ENDED = (RoundState.CLOSED, RoundState.CANCELLED)
_LONGEST = timedelta(days=30 * 366)
"""No round is that long; a clockwork that never came to an end would stop here."""
_MOST_NAMED = 5


class SimulationStuck(HallmarkError):
    """A round that does not come to its end, with where it stands and what is left in it."""


class Course:
    """Carries one world from its opening to its last message. ``progress`` is told calendar days done, all, and the stage."""

    def __init__(self, world: "World", post: "Post", progress: Progress) -> None:
        self._world = world
        self._post = post
        self._story = Story(world)
        self._progress = progress
        self._days = _expected_days(world)

    def run(self) -> None:
        """Run to the end. Raises ``SimulationStuck``, or ``CommandRefused`` where the rules do not let the story go on."""
        self._world.open()
        self._catch_up()
        while self._step():
            self._catch_up()
        self._progress(self._days, self._days, label(RoundState(self._world.round.state)))

    def _step(self) -> bool:
        """Do the one thing that comes next; False when the round has ended and nothing waits any more."""
        world, departs = self._world, self._post.next_at
        due = acts = None
        if RoundState(world.round.state) not in _ENDED:
            due, acts = next_due(world.house, world.slug, world.ticked_at), world.agenda.next_at
            if due is None and acts is None:
                raise _stuck(world)
        instants = [at for at in (due, acts, departs) if at is not None]
        if not instants:
            return False
        self._move_to(max(min(instants), world.clock.now()))
        now = world.clock.now()
        if due is not None and due <= now:
            world.tick()
        elif acts is not None and acts <= now:
            world.agenda.take()()
        return True

    def _catch_up(self) -> None:
        """Let everybody react to what is new, and tell whoever is to be told."""
        self._story.react()
        self._post.go()

    def _move_to(self, instant: datetime) -> None:
        world = self._world
        if instant - world.calendar.at_hour(world.opens, world.programme.messages.hour) > _LONGEST:
            raise _stuck(world)
        world.clock.move_to(instant)
        today = world.hours.today
        done = min((today - world.opens).days, self._days)
        self._progress(done, self._days, f"{today:%m-%d} {label(RoundState(world.round.state))}")


def _expected_days(world: "World") -> int:
    """Calendar days until every stage has fallen due, one after the other."""
    working_days = sum(rule.working_days for rule in world.programme.stages.values() if not rule.skip)
    return (world.calendar.after(world.opens, working_days).day - world.opens).days


def _stuck(world: "World") -> SimulationStuck:
    items = world.rows(WorkItem, round=world.slug, status=WorkStatus.OPEN.value)
    running = world.nominations(state=[state.value for state in OPEN_STATES])
    named = "、".join(dict.fromkeys(f"{label(WorkKind(item.kind))}（{item.subject}）" for item in items[:_MOST_NAMED]))
    left = [f"{len(running)}份申报没有结果"] if running else []
    left += [f"{len(items)}项待办没有办结：{named}"] if items else ["没有一项待办能推动它"]
    stage = label(RoundState(world.round.state))
    where = f"模拟到 {world.hours.today:%Y-%m-%d} 停在“{stage}”，走不到结束"
    return SimulationStuck(f"{where}：{'，'.join(left)}。请检查认定办法里这一环节的规定。")
