"""Many nominations in one command: each is moved or passed by with its reason, in the order given."""

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from states.errors import CommandRefused, Refusal, numbered
from states.facts import Facts
from states.gathering import gather
from states.outcome import Outcome, Skip, Touch
from states.progress import advance, ask_again
from states.tables import Nomination
from states.work import Work

T = TypeVar("T")
Mover = Callable[[Work, Nomination, T, Facts], Touch]
_ID = re.compile(r"(?!.*\d{8})[A-Za-z0-9_-]{1,40}")
"""An id or number of the house's kind; eight figures in a row may be a telephone or an identity-card number (wall 8)."""


def shown(cell: str, place: int) -> str:
    """Give a workbook's cell where it has the form of an id, else only its place among the rows, from 1: it may hold a name."""
    return cell.strip() if _ID.fullmatch(cell.strip()) else f"（第{place}条）"


def each_or_skip(work: Work, title: str, wanted: Sequence[tuple[str, T]], move: Mover[T]) -> Outcome:
    """Move each nomination that may; the others are skipped with every reason. Raises ``CommandRefused`` when none may.

    ``move`` must refuse before it records anything. Afterwards whoever came back is waited for again, a free place is offered
    to a reserve, and a stage with nothing left in it is concluded.
    """
    found = {number: work.nomination(number) for number, _ in wanted}
    facts = gather(work, [nomination for nomination in found.values() if nomination is not None])
    done: list[Touch] = []
    skipped: list[Skip] = []
    seen: set[str] = set()
    for place, (number, given) in enumerate(wanted, start=1):
        nomination = found[number]
        if nomination is None:
            near = work.instead(number, work.numbers)
            skipped.append(Skip(subject=shown(number, place), reason=f"本届没有这个申报编号{near}"))
        elif number in seen:
            skipped.append(Skip(subject=number, reason="同一编号出现两次，只办第一次"))
        else:
            _move_or_skip(work, nomination, given, facts[number], move, done, skipped)
        seen.add(number)
    if not done:
        raise CommandRefused(f"不能“{title}”", [Refusal("none", f"{skip.subject}：{skip.reason}") for skip in skipped] or [_nothing()])
    ask_again(work)
    advance(work)
    return Outcome(summary=f"{title}：办理 {len(done)} 份，略过 {len(skipped)} 份", touched=tuple(done), skipped=tuple(skipped))


def _move_or_skip(
    work: Work, nomination: Nomination, given: T, facts: Facts, move: Mover[T], done: list[Touch], skipped: list[Skip]
) -> None:
    try:
        done.append(move(work, nomination, given, facts))
    except CommandRefused as error:
        skipped.append(Skip(subject=nomination.number, reason=numbered(error.refusals)))


def _nothing() -> Refusal:
    return Refusal("nothing-given", "没有给出任何申报编号")
