"""Messages whose outcome is unknown: an operator has asked, and says which to send again and which did arrive (wall 7).

Those that were refused may be sent again too, once the address or the channel has been mended.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from config.labels import label
from config.vocabulary import DeliveryStatus as Status
from states.command import Command
from states.errors import CommandRefused, Refusal
from states.outcome import Outcome, Skip, Touch
from states.records import table_of
from states.tables import Delivery, Notification

if TYPE_CHECKING:
    from states.work import Work

SHORTEST = 8
"""Characters of a message's number that an operator has to give at least."""

LEFT_DAMAGED = "前面的部分已送达，余下部分的记录已损坏，打不开；请打电话告知收件人余下的事项"
"""The answer of a message of which nothing more can leave."""

_NUMBER = re.compile(rf"[0-9a-f]{{{SHORTEST},32}}")


class ResendMessages(Command):
    """Send messages of this round that are unknown or refused once more, under the same id: the other side may notice a repetition.

    Of a message in parts only those leave again that are not known to have arrived; a refused one has all its ways before it
    again, since what was mended may be any of them. ``deliveries`` are numbers or their beginnings; empty means all of the
    round that are unknown, and none that was refused. ``overtaken`` are those, known to whoever gives the command, that a later
    decision has made void: an older day must not arrive after the one that holds.
    """

    title: ClassVar[str] = "再发一次"
    bulk: ClassVar[bool] = True
    compares: ClassVar[bool] = True  # a message may speak of several rounds, and only one of them may decide

    deliveries: tuple[str, ...] = ()
    overtaken: tuple[str, ...] = ()

    def plan(self, work: "Work") -> Outcome:
        """Refuse what is neither unknown nor refused, or void, or cannot leave; the rest is queued, and may end so again."""
        meant = _meant(work, self, self.deliveries, (Status.UNKNOWN, Status.REFUSED_FOR_GOOD))
        void = {row.id: why for row in meant if (why := self._why_not(row))}
        found = [row for row in meant if row.id not in void]
        if void and (self.deliveries or not found):
            refusals = [Refusal(code, f"消息 {key[:12]} {why}") for key, (code, why) in void.items()]
            raise CommandRefused(f"不能“{self.title}”，未作任何改动", refusals)
        touched = _touched(found, Status.QUEUED, _what_leaves)
        work.record("deliveries_resent", work.round.slug, payload={"deliveries": [row.id for row in found]})
        for row in found:
            values = {"status": Status.QUEUED.value, "due_at": work.now, "settled_at": None, "attempts": 0, "in_ledger": False}
            values |= {"channel_refused_at": None}
            anew: dict[str, Any] = {"tried": [], "answers": None} if row.status == Status.REFUSED_FOR_GOOD else {}
            work.records.set(Delivery, row, {**values, **anew, "answer": ""})
        skipped = tuple(Skip(subject=key[:12], reason=why) for key, (_, why) in void.items())
        return Outcome(summary=f"再发 {len(found)} 条消息", touched=touched, skipped=skipped, data=_ids(found))

    def _why_not(self, row: Delivery) -> tuple[str, str] | None:
        """Say why a message cannot be sent again, with a code."""
        if row.id in self.overtaken:
            return "overtaken", _why_void(row)
        return ("rest-damaged", _why_lost(row)) if row.rest == {} or row.answer == LEFT_DAMAGED else None


class ConfirmDelivered(Command):
    """Record that messages of unknown outcome did arrive; ``deliveries`` are numbers or their beginnings; empty means all unknown ones."""

    title: ClassVar[str] = "确认已送达"
    bulk: ClassVar[bool] = True
    compares: ClassVar[bool] = True  # a message may speak of several rounds, and only one of them may decide

    deliveries: tuple[str, ...] = ()

    def plan(self, work: "Work") -> Outcome:
        """Refuse what is not unknown; the rest counts as sent."""
        found = _meant(work, self, self.deliveries, (Status.UNKNOWN,))
        touched = _touched(found, Status.SENT, lambda _: "")
        work.record("deliveries_confirmed", work.round.slug, payload={"deliveries": [row.id for row in found]})
        elsewhere = _elsewhere(work, found)
        for row in found:
            # The other rounds that it speaks of learn of it as of any outcome.
            values = {"status": Status.SENT.value, "settled_at": work.now, "in_ledger": row.id not in elsewhere, "rest": None}
            work.records.set(Delivery, row, {**values, "answer": f"经办人 {work.actor.operator} 核实已送达"})
        return Outcome(summary=f"确认 {len(found)} 条消息已送达", touched=touched, data=_ids(found))


def _meant(work: "Work", command: Command, wanted: tuple[str, ...], allowed: tuple[Status, ...]) -> list[Delivery]:
    """Find the messages that are meant, each once. Raises ``CommandRefused`` with every number that does not fit."""
    given = list(dict.fromkeys(number.strip().lower() for number in wanted))
    if not given:
        unknown = _of_round(work, work.records.where(Delivery, status=Status.UNKNOWN.value))
        if not unknown:
            raise CommandRefused(f"不能“{command.title}”，未作任何改动", [Refusal("none-unknown", "本届没有结果不明的消息")])
        return unknown
    refusals, found = [], []
    for place, number in enumerate(given, start=1):
        alike = _alike(work, number)
        fitting = [row.id for row in alike if row.status in allowed]
        if len(fitting) == 1:
            found += fitting
        else:
            refusals.append(_misfit(number, place, alike, many=bool(fitting)))
    if refusals:
        raise CommandRefused(f"不能“{command.title}”，未作任何改动", refusals)
    known = {row.id: row for row in work.records.where(Delivery, id=found)}
    return [known[key] for key in dict.fromkeys(found)]


def _alike(work: "Work", number: str) -> list[Delivery]:
    """Give the messages of this round whose numbers begin so: their numbers, rounds and statuses alone."""
    if not _NUMBER.fullmatch(number):
        return []
    return _of_round(work, work.records.distinct(Delivery, ("id", "round", "status"), table_of(Delivery).c.id.startswith(number)))


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


def _misfit(number: str, place: int, alike: list[Delivery], *, many: bool) -> Refusal:
    """Say why a number is not taken; one that is not ours is not repeated, since it may be anything."""
    if not _NUMBER.fullmatch(number):
        where = "看板“结果不明的消息”或 hallmark notifications"
        return Refusal("no-number", f"第{place}个编号不是消息编号，请从{where}里抄，至少前 {SHORTEST} 位")
    if many:
        return Refusal("ambiguous", f"第{place}个编号不止对应一条消息，请多抄几位")
    if len(alike) == 1 and alike[0].status == Status.REFUSED_FOR_GOOD:
        return Refusal("not-unknown", f"消息 {alike[0].id[:12]} 被拒收，没有送达，不能确认；改正联系方式后办“再发一次”")
    if len(alike) == 1:
        return Refusal("not-unknown", f"消息 {alike[0].id[:12]} 现在是“{label(Status(alike[0].status))}”，不需要再办")
    return Refusal("no-message", f"第{place}个编号不是本届的消息；请核对编号和届次代号")


def _why_void(row: Delivery) -> str:
    """Say that a message is not sent again since a later decision speaks instead, and what may be done with it."""
    confirm = "；对方已经收到的，可办“确认已送达”（confirm-delivered）" if row.status == Status.UNKNOWN else ""
    return f"要说的已被之后的决定取代，不必再发{confirm}"


def _why_lost(row: Delivery) -> str:
    """Say of a message in parts whose record of what is left is damaged what helps; nothing of it can leave."""
    confirm = "，再办“确认已送达”" if row.status == Status.UNKNOWN else ""
    return f"余下部分的记录已损坏，不能再发；请打电话告知收件人余下的事项{confirm}"


def _what_leaves(row: Delivery) -> str:
    """Say of a message in parts which of them leave again; all of it where nothing of it is known to have arrived."""
    if not row.rest:
        return ""
    first, parts = row.rest["first"], row.rest["parts"]
    which = f"第{first}部分" if first == parts else f"第{first}至{parts}部分"
    return f"；共{parts}部分，只再发没有确认送达的{which}（收件地址或渠道已改的，全部重发）"


def _ids(found: list[Delivery]) -> dict[str, Any]:
    return {"deliveries": [row.id for row in found]}


def _touched(found: list[Delivery], target: Status, says: Callable[[Delivery], str]) -> tuple[Touch, ...]:
    notes = {row.id: f"收件方 {row.recipient}{says(row)}" for row in found}
    return tuple(Touch(subject=row.id[:12], source=label(Status(row.status)), target=label(target), note=notes[row.id]) for row in found)
