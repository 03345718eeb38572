"""What a message has gathered while it waited says each thing once: the newest of what an owner hears, an escalation with all its reasons."""

from collections.abc import Iterable, Sequence

from config.vocabulary import Audience, WorkKind
from notifiers.kinds import MessageKind
from notifiers.messages import Told
from notifiers.owed import late_one
from notifiers.scene import Scene

K = MessageKind
_TO_OWNER = frozenset({K.WORK_OPENED, K.REMINDER})
"""Each of them says all that its owner needs to know of the work, so that a later one stands for the earlier."""
_Late = tuple[str, str]
"""What an escalation is about: a work item, and who is late with it."""


def said_once(scene: Scene, told: Iterable[Told]) -> list[Told]:
    """Leave out what a newer one stands for, and put together what one recipient hears of one late item in several parts.

    Sending may have paused for days: work that is new and overdue is a reminder, and whoever is both the superior and the
    office hears of a late item once, for both reasons. That a nomination came back says all about the correction that is owed.
    """
    every = list(told)
    parts = _parts(scene, every)
    newest = {each.context["item"]: each.seq for each in sorted(every, key=lambda each: each.seq) if _to_owner(each)}
    returned = {each.subject for each in every if each.kind == K.RETURNED}
    news = [each for each in every if not (each.subject in returned and _opens_correction(scene, each))]
    kept = [each for each in news if not _to_owner(each) or each.seq == newest[each.context["item"]]]
    return [each for one in kept for each in _whole(scene, one, parts)]


def _to_owner(told: Told) -> bool:
    return told.kind in _TO_OWNER and "item" in told.context


def _opens_correction(scene: Scene, told: Told) -> bool:
    item = scene.item(told.context["item"]) if told.kind == K.WORK_OPENED else None
    return item is not None and item.kind == WorkKind.CORRECTION


def _parts(scene: Scene, told: Sequence[Told]) -> dict[_Late, list[Told]]:
    found: dict[_Late, list[Told]] = {}
    for each in told:
        if (late := _late(scene, each)) is not None:
            found.setdefault(late, []).append(each)
    return found


def _whole(scene: Scene, told: Told, parts: dict[_Late, list[Told]]) -> list[Told]:
    """Give an escalation with the reasons of all others of the same late item, and none for those; anything else as it is."""
    late = _late(scene, told)
    if late is None:
        return [told]
    heard = {each.context["audience"] for each in parts[late]}
    reasons = " ".join(audience.value for audience in Audience if audience.value in heard)
    return [told._replace(context=told.context | {"audience": reasons})] if told is parts[late][-1] else []


def _late(scene: Scene, told: Told) -> _Late | None:
    """Give what an escalation is about, None for any other message; a superior of a former owner alone hears of that one."""
    item = scene.item(told.context["item"]) if told.kind == K.ESCALATION else None
    owner = late_one(scene, told, item) if item is not None else None
    return (item.id, owner.id) if item is not None and owner is not None else None
