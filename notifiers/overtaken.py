"""What a later decision has overtaken before it could be told: it is not told any more, and what is told instead speaks for both.

A hold and its release, or an extension and its taking back, may follow each other faster than messages leave: in the quiet
hours, or while a channel rests. What is not true any more stays unsaid. Who has not heard of a hold hears its release all
the same where dates have moved, and the release says so by itself: of a hold that moved nothing they need to know neither. It
is the same with an extension that was taken back whole. Of what was moved twice only the later day is told. Who hears that the
round is cancelled hears no more of what was to be done in it.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from config.vocabulary import RoundState, Stage, WorkStatus
from notifiers.kinds import MessageKind
from notifiers.messages import Told, seq_of
from notifiers.scene import Scene
from states.tables import Notification, StageClock
from states.unsent import OVERTAKEN

K = MessageKind
HELD, RELEASED, EXTENDED, BROUGHT_BACK = "round_held", "round_released", "deadline_extended", "deadline_brought_back"
DECISIONS = (HELD, RELEASED, EXTENDED, BROUGHT_BACK)
"""The events of which a later one may overtake an earlier one."""
_OF_TIME = frozenset({K.ROUND_HELD, K.ROUND_RELEASED, K.DEADLINE_EXTENDED})
"""The kinds of message about them."""
MAY_BE = _OF_TIME | {K.DATES_REPLANNED, K.WORK_REASSIGNED, K.WORK_DROPPED}
"""Those, and what else nobody needs to hear who hears that the round is cancelled: when and by whom something is to be done in it."""
NOT_NEEDED = "not-needed"
"""In a notification's ``delivery``: it became pointless before it could leave."""


def overtaken(scene: Scene, told: Told) -> bool:
    """Say whether a later decision has overtaken what a recipient would be told of an earlier one; of a preview, where it is numbered."""
    if told.kind not in MAY_BE or not told.seq:
        return False
    if _cancelled_since(scene, told):
        return True
    if told.kind not in _OF_TIME:
        return False
    if told.kind == K.DEADLINE_EXTENDED:
        undone = _taken_back_in_vain(scene, told) if "back" in told.context else _taken_back(scene, told.seq)
        return undone or _moved_again(scene, told) or _released_since(scene, told)
    opposite = RELEASED if told.kind == K.ROUND_HELD else HELD
    if any(event == opposite and seq > told.seq for seq, (event, _) in scene.entries(DECISIONS).items()):
        return True
    return told.kind == K.ROUND_RELEASED and _held_in_vain(scene, told)


def days_unheard(scene: Scene, told: Told) -> int:
    """Give the working days of a release, with those of earlier ones of which its recipient has not heard."""
    earlier = [row for row in _unheard_releases(scene, told)[1] if row.kind == K.ROUND_RELEASED]
    return sum(int(context["working_days"]) for context in (told.context, *(row.context for row in earlier)))


def moved_on(scene: Scene, told: Told) -> bool:
    """Say whether a release has moved what was extended since: it tells by itself which day that is now."""
    entries = scene.entries(DECISIONS).items() if told.seq else ()
    later = [payload for seq, (event, payload) in entries if event == RELEASED and seq > told.seq]
    return any(payload["working_days"] or "put_off" in payload for payload in later)


def day_now(scene: Scene, told: Told) -> tuple[date, bool] | None:
    """Give the day on which is due by now what a decision has moved, and whether that is provisional; None where it is due on several.

    A stage's own day speaks for the work in it; of work by itself that counts which is still open.
    """
    _, payload = scene.entries(DECISIONS)[told.seq]
    stages = [key["stage"] for table, key, _ in payload["changes"] if table == "stage_clock"]
    clocks = [scene.records.get(StageClock, scene.slug, stage) for stage in stages]
    items = [item for each in payload["items"] if (item := scene.item(each)) and item.status == WorkStatus.OPEN]
    days = {(row.due_day, row.provisional) for row in clocks or items if row}
    return days.pop() if len(days) == 1 else None


def heard_of_extension(scene: Scene, told: Told) -> bool:
    """Say whether a recipient has heard of an extension that was taken back since, or may have: that one gets a correction."""
    unheard = False
    for row in _earlier(scene, told, K.DEADLINE_EXTENDED):
        back, left = "back" in row.context, _has_left(scene, row)
        if back and left:
            break
        if not back and _taken_back(scene, seq_of(row)):
            if left:
                return True
            unheard = True
    return not unheard


def heard_already(scene: Scene, told: Told) -> bool:
    """Say whether a recipient has heard the steps that fire anew at a moved due time: what others had not heard of fires for them."""
    steps = set(told.context.get("steps", ()))
    if not steps or told.due_version == 1:
        return False
    rows = [row for row in _earlier(scene, told, K.REMINDER, K.ESCALATION) if row.context["item"] == told.context["item"]]
    return steps <= {
        step for row in rows if _has_left(scene, row) and OVERTAKEN not in row.context for step in row.context.get("steps", ())
    }


def _cancelled_since(scene: Scene, told: Told) -> bool:
    """Say whether the round was cancelled and its recipient is told of that: whoever owed nothing any more by then may not be."""
    cancelled = scene.round is not None and scene.round.state == RoundState.CANCELLED
    return cancelled and bool(scene.notified(told.recipient, [K.ROUND_CANCELLED]))


def _held_in_vain(scene: Scene, told: Told) -> bool:
    """Say whether a release tells of nothing: dates are as before, and nobody told this recipient that they stood still."""
    if told.context["working_days"]:
        return False
    heard, unheard = _unheard_releases(scene, told)
    put_off = any("put_off" in context for context in (told.context, *(row.context for row in unheard)))
    return not heard and bool(unheard) and not put_off and days_unheard(scene, told) == 0


def _unheard_releases(scene: Scene, told: Told) -> tuple[bool, list[Notification]]:
    """Give what has not left of the holds and releases since the last release that a recipient heard of; and whether any hold has."""
    heard, unheard = False, []
    for row in _earlier(scene, told, K.ROUND_HELD, K.ROUND_RELEASED):
        if not _has_left(scene, row):
            unheard.append(row)
        elif row.kind == K.ROUND_RELEASED:
            break
        else:
            heard = True
    return heard, unheard


def _taken_back_in_vain(scene: Scene, told: Told) -> bool:
    """Say whether a correction tells of nothing: all is as it was planned, and nobody told this recipient of anything else."""
    _, payload = scene.entries(DECISIONS)[told.seq]
    restored = all(values.get("planned_from") is None for table, _, values in payload["changes"] if table in ("work_item", "stage_clock"))
    return restored and not heard_of_extension(scene, told)


def _taken_back(scene: Scene, seq: int) -> bool:
    """Say whether all that an extension moved, and that is still open, was brought back since."""
    _, payload = scene.entries(DECISIONS)[seq]
    mine = {each for each in _moved(payload) if (item := scene.item(each)) is None or item.status == "open"}
    later = [payload for number, (event, payload) in scene.entries(DECISIONS).items() if event == BROUGHT_BACK and number > seq]
    return bool(mine) and any(mine <= _moved(each) for each in later)


def _moved_again(scene: Scene, told: Told) -> bool:
    """Say whether later decisions, of which the recipient is told too, moved all that it owes of what this one moved."""
    entries = scene.entries(DECISIONS)
    mine = _own(scene, told, entries[told.seq][1])
    later = [entries[seq_of(row)][1] for row in _rows(scene, told, K.DEADLINE_EXTENDED) if seq_of(row) > told.seq]
    return bool(mine) and mine <= {each for payload in later for each in _moved(payload)}


def _own(scene: Scene, told: Told, payload: dict[str, Any]) -> set[str]:
    """Give what a decision moved for one recipient: what it owes still, and the end of intake; where that is nothing, all of it."""
    moved = _moved(payload)
    items = {each: scene.item(each) for each in payload["items"]}
    still = {each: item for each, item in items.items() if item is None or item.status == WorkStatus.OPEN}
    own = {each for each, item in still.items() if item is not None and told.recipient in scene.heads(item.owner)}
    own |= moved & {Stage.INTAKE.value}
    return own or {each for each in moved if each not in items or each in still}


def _released_since(scene: Scene, told: Told) -> bool:
    """Say whether a release that moved days since tells the recipient of them in another message than this one."""
    mine = {row.delivery for row in _rows(scene, told, K.DEADLINE_EXTENDED) if seq_of(row) == told.seq}
    later = [row for row in _rows(scene, told, K.ROUND_RELEASED) if seq_of(row) > told.seq]
    apart = [row.context for row in later if row.delivery not in {*mine, NOT_NEEDED}]
    return any(context["working_days"] or "put_off" in context for context in apart)


def _moved(payload: dict[str, Any]) -> set[str]:
    """Give the ids of the work that a decision moved, and its stage's name."""
    return {*payload["items"], *(key["stage"] for table, key, _ in payload["changes"] if table == "stage_clock")}


def _earlier(scene: Scene, told: Told, *kinds: MessageKind) -> Iterable[Notification]:
    """Give what a recipient was to be told before, the newest first."""
    return sorted((row for row in _rows(scene, told, *kinds) if seq_of(row) < told.seq), key=seq_of, reverse=True)


def _rows(scene: Scene, told: Told, *kinds: MessageKind) -> list[Notification]:
    """Give all that a recipient was and is to be told of some kinds."""
    return scene.notified(told.recipient, [kind.value for kind in kinds])


def _has_left(scene: Scene, row: Notification) -> bool:
    return row.delivery not in (None, NOT_NEEDED) and row.delivery not in scene.waiting
