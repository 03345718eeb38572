"""Messages whose outcome is unknown: an operator has asked, and says which to send again and which did arrive (wall 7)."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from config.labels import label
from config.vocabulary import DeliveryStatus as Status
from states.command import Command
from states.errors import CommandRefused, Refusal
from states.outcome import Outcome, Touch
from states.records import table_of
from states.tables import Delivery, Notification

if TYPE_CHECKING:
    from states.work import Work

SHORTEST = 8
"""Characters of a message's number that an operator has to give at least."""

_NUMBER = re.compile(rf"[0-9a-f]{{{SHORTEST},32}}")


class ResendMessages(Command):
    """Send messages of unknown outcome that speak of this round once more, under the same id: the other side may notice a repetition.

    Of a message in parts only those leave again that are not known to have arrived.

    ``deliveries`` are numbers or their beginnings; empty means all of the round that are unknown.
    """

    title: ClassVar[str] = "再发一次"
    bulk: ClassVar[bool] = True
    compares: ClassVar[bool] = True  # a message may speak of several rounds, and only one of them may decide

    deliveries: tuple[str, ...] = ()

    def plan(self, work: "Work") -> Outcome:
        """Refuse what is not unknown; the rest is queued, and may become unknown again."""
        found = _unknown(work, self.title, self.deliveries)
        work.record("deliveries_resent", work.round.slug, payload={"deliveries": [row.id for row in found]})
        for row in found:
            values = {"status": Status.QUEUED.value, "due_at": work.now, "settled_at": None, "attempts": 0, "in_ledger": False}
            work.records.set(Delivery, row, {**values, "answer": ""})
        return _outcome(f"再发 {len(found)} 条消息", found, Status.QUEUED, _what_leaves)


class ConfirmDelivered(Command):
    """Record that messages of unknown outcome did arrive; ``deliveries`` as for ``ResendMessages``."""

    title: ClassVar[str] = "确认已送达"
    bulk: ClassVar[bool] = True
    compares: ClassVar[bool] = True  # a message may speak of several rounds, and only one of them may decide

    deliveries: tuple[str, ...] = ()

    def plan(self, work: "Work") -> Outcome:
        """Refuse what is not unknown; the rest counts as sent."""
        found = _unknown(work, self.title, self.deliveries)
        work.record("deliveries_confirmed", work.round.slug, payload={"deliveries": [row.id for row in found]})
        elsewhere = _elsewhere(work, found)
        for row in found:
            # The other rounds that it speaks of learn of it as of any outcome.
            values = {"status": Status.SENT.value, "settled_at": work.now, "in_ledger": row.id not in elsewhere, "rest": None}
            work.records.set(Delivery, row, {**values, "answer": f"经办人 {work.actor.operator} 核实已送达"})
        return _outcome(f"确认 {len(found)} 条消息已送达", found, Status.SENT, lambda _: "")


def _unknown(work: "Work", title: str, wanted: tuple[str, ...]) -> list[Delivery]:
    """Find the messages that are meant, each once. Raises ``CommandRefused`` with every number that does not fit."""
    unknown = _of_round(work, work.records.where(Delivery, status=Status.UNKNOWN.value))
    given = list(dict.fromkeys(number.strip().lower() for number in wanted))
    refusals = [] if unknown or given else [Refusal("none-unknown", "本届没有结果不明的消息")]
    found: dict[str, Delivery] = {} if given else {row.id: row for row in unknown}
    for place, number in enumerate(given, start=1):
        fitting = [row for row in unknown if _NUMBER.fullmatch(number) and row.id.startswith(number)]
        if len(fitting) == 1:
            found[fitting[0].id] = fitting[0]
        else:
            refusals.append(_misfit(work, number, place, many=bool(fitting)))
    if refusals:
        raise CommandRefused(f"不能“{title}”，未作任何改动", refusals)
    return list(found.values())


def _of_round(work: "Work", rows: list[Delivery]) -> list[Delivery]:
    """Give those that speak of this round, if among others."""
    told = {row.delivery for row in _carried(work, rows) if row.round == work.round.slug}
    return [row for row in rows if row.round == work.round.slug or row.id in told]


def _elsewhere(work: "Work", rows: list[Delivery]) -> set[str]:
    """Name those that speak of another round too."""
    slug = work.round.slug
    told = {row.delivery for row in _carried(work, rows) if row.round != slug and row.delivery}
    return told | {row.id for row in rows if row.round != slug}


def _carried(work: "Work", rows: list[Delivery]) -> list[Notification]:
    return work.records.where(Notification, delivery=[row.id for row in rows])


def _misfit(work: "Work", number: str, place: int, *, many: bool) -> Refusal:
    """Say why a number is not taken; one that is not ours is not repeated, since it may be anything."""
    if not _NUMBER.fullmatch(number):
        return Refusal("no-number", f"第{place}个编号不是消息编号，请从看板“结果不明的消息”里抄，至少前 {SHORTEST} 位")
    if many:
        return Refusal("ambiguous", f"第{place}个编号不止对应一条消息，请多抄几位")
    alike = work.records.distinct(Delivery, ("id", "round", "status"), table_of(Delivery).c.id.startswith(number))
    known = _of_round(work, alike)
    if len(known) == 1:
        return Refusal("not-unknown", f"消息 {known[0].id[:12]} 现在是“{label(Status(known[0].status))}”，不需要再办")
    return Refusal("no-message", f"第{place}个编号不是本届的消息；请核对编号和届次代号")


def _what_leaves(row: Delivery) -> str:
    """Say of a message in parts which of them leave again; all of it where nothing of it is known to have arrived."""
    if not row.rest:
        return ""
    first, parts = row.rest["first"], row.rest["parts"]
    which = f"第{first}部分" if first == parts else f"第{first}至{parts}部分"
    return f"；共{parts}部分，只再发没有确认送达的{which}"


def _outcome(summary: str, found: list[Delivery], target: Status, says: Callable[[Delivery], str]) -> Outcome:
    source, reaches = label(Status.UNKNOWN), label(target)
    touched = [Touch(subject=row.id[:12], source=source, target=reaches, note=f"收件方 {row.recipient}{says(row)}") for row in found]
    return Outcome(summary=summary, touched=tuple(touched))
