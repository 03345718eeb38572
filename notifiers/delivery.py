"""Deliveries leave the house in small batches: claimed, sending, and then how each ended; told once (wall 7)."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from config.vocabulary import DeliveryStatus as Status
from notifiers.answers import with_answer
from notifiers.digest import WAITING
from notifiers.doors import Doors
from notifiers.leases import BATCH, CLAIMED, LEASE, LOT, Claim, Lease, begun, change, extend, given_up, held, keep, recover, released, take
from notifiers.lots import Lot
from notifiers.mending import PutOff, forget_changed, look, note_all
from notifiers.outgoing import ChannelRefused, NotYet, Outcome
from notifiers.pace import Promises
from notifiers.plans import Hopeless, Later, Plan, Ready, plans_of
from notifiers.resuming import kept, left_by
from notifiers.routes import Sender
from notifiers.sending import AT_ONCE, Hands, Sending, hands
from notifiers.verdicts import MENDED_SOONEST, verdict
from states.faults import Faults
from states.fitting import key_fits
from states.house import House
from states.records import table_of
from states.store import StoreUnavailable
from states.tables import Delivery
from states.vault import VaultError

WRONG_KEY = "保密库的密钥与数据不符，消息一条也没有发；请找回原来的密钥文件（vault.key）"
_LOT_BYTES = 2


@dataclass(frozen=True)
class Report:
    """What one run of ``deliver`` came to; ``queued`` is what still waits afterwards, for later or for the next run."""

    sent: int = 0
    failed: int = 0
    unknown: int = 0
    queued: int = 0


def deliver(
    house: House,
    channels: Sender,
    holder: str,
    limit: int = 1000,
    dashboard: str = "",
    at_once: int = AT_ONCE,
    faults: Faults | None = None,
) -> Report:
    """Send at most ``limit`` messages that are due, ``at_once`` together; ``holder`` names this run.

    Any number of runs at once send each message once. Whatever a dead run left half sent becomes unknown. ``dashboard`` is
    the address that messages quote. Raises ``VaultError`` when the key does not fit the house; nothing was sent then. What a fault
    of its round stops waits, noted in ``faults``; without these it comes out.
    """
    _check_key(house)
    forget_changed(house, channels)
    recovered = recover(house)
    with hands(at_once) as together:
        ended = _Line(house, channels, together, holder, dashboard, faults).empty(limit)
    ended[Status.UNKNOWN] += recovered
    with house.store.read() as connection:
        delivery = table_of(Delivery)
        waiting = select(func.count()).select_from(delivery).where(delivery.c.status.in_(WAITING))
        queued = connection.execute(waiting).scalar_one()
    return Report(ended[Status.SENT.value], ended[Status.REFUSED_FOR_GOOD.value], ended[Status.UNKNOWN.value], queued)


def _check_key(house: House) -> None:
    """Tell a wrong key, with which nothing may leave, from rows that are damaged: those stop their own message alone."""
    with house.store.read() as connection:
        if not key_fits(connection, house.vault):
            raise VaultError(WRONG_KEY)


class _Line:
    """Lots on their way, one behind the other: nobody who sends waits for the database, and no more than a batch is sending.

    The next deliveries are claimed by a commit that is due anyway, and written by another hand behind those that are on their way.
    """

    def __init__(self, house: House, channels: Sender, hands: Hands, holder: str, dashboard: str, faults: Faults | None) -> None:
        self._house = house
        self._channels = channels
        self._hands = hands
        now = house.clock.now()
        self._lease = Lease(holder, now + LEASE, now)
        self._dashboard = dashboard
        self._faults = faults
        self._ended: Counter[str] = Counter()
        self._flight: list[Lot] = []
        self._claims: list[list[Claim]] = []
        self._plans: list[Plan] = []
        self._promised: Promises = {}
        self._put_off: PutOff = {}
        self._refused_by: dict[tuple[str, str], datetime] = {}
        self._coming: Callable[[], list[Plan]] | None = None

    def empty(self, limit: int) -> Counter[str]:
        """Carry what is due as far as it goes now; counts the statuses in which those that were sent or given up are left."""
        try:
            while self._step(limit):
                pass
        except BaseException:  # also what ends the process (an interrupt, a cancelled run): the world may have got what has begun
            self._break_off()
            raise
        return self._ended

    def _step(self, limit: int) -> bool:
        """Let a lot leave as soon as there is room for it; says whether more is to be done."""
        if not self._plans and self._coming:
            self._plans, self._coming = self._coming(), None
        following, self._plans = self._plans[:LOT], self._plans[LOT:]
        before = self._flight[: self._ahead(following)]
        for lot in before:
            lot.sending.wait(self._keep)
        for lot in self._commit(before, following, limit):
            lot.sending.start(self._hands.senders, self._keep)
        return bool(self._plans or self._coming or self._flight)

    def _ahead(self, following: Sequence[Plan]) -> int:
        """Say how many lots have to be settled before this one leaves; what stands behind a probe has to know its outcome."""
        if not following or not self._hands.senders or any(lot.probed for lot in self._flight):
            return len(self._flight)
        return len(self._flight) + 1 - BATCH // LOT

    def _commit(self, before: Sequence[Lot], following: Sequence[Plan], limit: int) -> list[Lot]:
        """Commit how some lots ended, what follows them, and what is claimed next; gives what may leave now, where there is any."""
        ended, claimed, until = Counter(self._ended), [], self._lease.until
        with self._house.store.write() as connection:
            now = self._house.clock.now()  # once: when messages were refused is held against since when their channel fails
            health = look(connection, before, (plan.route.channel for plan in following if isinstance(plan, Ready)), now)
            for lot in before:
                ended += _finish(self._house, connection, lot, now)
            mended = note_all(self._house, self._channels, health, before, self._put_off)
            doors = Doors(connection, health, now, self._promised)
            ready, hopeless = _begin(connection, doors, following, now)
            ended[Status.REFUSED_FOR_GOOD] += hopeless
            new = [Lot(ready, Sending(self._channels, [each.outgoing for each in ready]), doors.probed)] if ready else []
            flight = [*(lot for lot in self._flight if lot not in before), *new]
            if self._coming is None and len(self._plans) <= BATCH:
                until = extend(connection, now, self._lease)
                claimed = take(connection, now, self._lease, min(limit - _gone(ended, flight) - len(self._plans), CLAIMED))
        self._ended, self._flight = ended, flight
        for lot, well in zip(before, mended, strict=True):
            self._refused_by = {each: until for each, until in self._refused_by.items() if each[1] not in well}
            self._refused_by |= dict.fromkeys(lot.refused, now + MENDED_SOONEST)
        self._lease.until, self._lease.moved_at = until, now
        if claimed:
            self._claims = [*self._claims[-1:], claimed]
            known = [self._knowing(mine, now) for mine in claimed]
            self._coming = self._hands.write(plans_of, self._house, self._channels, known, self._dashboard, self._faults)
        return new

    def _knowing(self, mine: Claim, now: datetime) -> Claim:
        """Give a claim with the channels that have just refused it, which must not be asked again at once."""
        refused = (channel for (key, channel), until in self._refused_by.items() if key == mine.id and until > now)
        return replace(mine, refused_by=frozenset(refused))

    def _keep(self) -> None:
        keep(self._house, self._lease)

    def _keep_if_possible(self) -> None:
        # A database that fails for a moment, perhaps the very reason to break off, must not cost the outcomes that are known.
        with suppress(SQLAlchemyError, StoreUnavailable):
            self._keep()

    def _break_off(self) -> None:
        """Keep back what has not begun, commit how far the rest got, and put back what was claimed and never begun."""
        try:
            # All of them first: while one is waited for, nothing of the next may begin.
            for lot in self._flight:
                lot.sending.stop()
            for lot in self._flight:
                lot.sending.wind_up(self._keep_if_possible)
            self._commit_once_more()
        finally:
            _release_all(self._house, [mine for claimed in self._claims for mine in claimed])

    def _commit_once_more(self) -> None:
        try:
            self._commit(self._flight, (), 0)
        except (SQLAlchemyError, StoreUnavailable):  # what is known must not become unknown by one more misfortune
            self._commit(self._flight, (), 0)


def _gone(ended: Counter[str], flight: Sequence[Lot]) -> int:
    # What is only put off counts for nothing: a thousand messages for a channel that rests must not keep the others waiting.
    return ended.total() - ended[Status.QUEUED] + sum(len(lot.ready) for lot in flight)


def _release_all(house: House, batch: list[Claim]) -> None:
    """Put back what was claimed and never begun."""
    with house.store.write() as connection:
        mine = held(connection, batch, Status.CLAIMED)
        change(connection, [(each, released(each, each.due_at)) for each in batch if each.id in mine])


def _begin(connection: Connection, doors: Doors, plans: Sequence[Plan], now: datetime) -> tuple[list[Ready], int]:
    """Note what is about to leave, before its first byte, and what is put off or given up; gives the first and how many are given up."""
    ready: list[Ready] = []
    changes: list[tuple[Claim, dict[str, Any]]] = []
    mine = held(connection, [plan.mine for plan in plans], Status.CLAIMED)
    doors.expect(plan.route.channel for plan in plans if isinstance(plan, Ready) and plan.load)
    for plan in (each for each in plans if each.mine.id in mine):
        if isinstance(plan, Hopeless):
            changes.append((plan.mine, given_up(plan.why, now)))
        elif isinstance(plan, Later):
            changes.append((plan.mine, released(plan.mine, plan.due_at)))
        elif (quiet := plan.draft.allowed_from(now)) > now:  # the lots before it took their time
            changes.append((plan.mine, released(plan.mine, quiet)))
        elif (until := doors.closed_until(plan.route.channel, plan.load)) is not None:
            changes.append((plan.mine, released(plan.mine, plan.draft.allowed_from(until))))
        else:
            changes.append((plan.mine, begun(plan.mine, plan.route.channel)))
            ready.append(plan.with_room())
    change(connection, changes)
    return ready, sum(isinstance(plan, Hopeless) for plan in plans if plan.mine.id in mine)


def _finish(house: House, connection: Connection, lot: Lot, now: datetime) -> Counter[str]:
    """Note how each ended; whatever never began goes back as it was."""
    ended: list[tuple[Claim, dict[str, Any]]] = []
    back: list[tuple[Claim, dict[str, Any]]] = []
    mine = held(connection, [each.mine for each in lot.ready], Status.SENDING)
    for each, outcome in zip(lot.ready, lot.sending.outcomes, strict=True):
        if each.mine.id in mine and outcome is None:
            back.append((each.mine, released(each.mine, each.mine.due_at)))
        elif each.mine.id in mine and outcome is not None:
            ended.append((each.mine, {**_verdict(house, each, outcome, now), "lease_until": None}))
    change(connection, [*ended, *back])
    return Counter(values["status"] for _, values in ended)


def _verdict(house: House, each: Ready, outcome: Outcome, now: datetime) -> dict[str, Any]:
    mine, key = each.mine, each.route.key
    values = verdict(
        outcome,
        mine.attempt(each.route.channel),
        mine.tried,
        now,
        route=key,
        more=_goes_on(each, outcome),
        allowed=each.draft.allowed_from,
        lot=int.from_bytes(house.chance.token(_LOT_BYTES)) / 256**_LOT_BYTES,
    )
    # A channel that is only asked whether it is mended does not make another one's count begin anew.
    only_asked = isinstance(outcome, ChannelRefused | NotYet) and mine.attempts > 0
    if isinstance(outcome, ChannelRefused) and values["status"] == Status.REFUSED_FOR_NOW:
        values["channel_refused_at"] = mine.channel_refused_at or now
    if "tried" in values:
        values["answers"] = with_answer(mine.answers, each.route.contact, each.route.address, values["answer"])
    return values | kept(house.vault, mine, each.route, outcome) | (mine.counted() if only_asked else {})


def _goes_on(each: Ready, outcome: Outcome) -> bool:
    """Say whether there is another way after a definite refusal; by another channel, where the channel itself was refused.

    None for the rest of a message of which parts have arrived: another channel would tell these twice.
    """
    if each.outgoing.rest or left_by(outcome):
        return False
    tried = (*each.mine.tried, each.route.key)
    if isinstance(outcome, ChannelRefused):
        untried = [way for way in each.ways if way.key not in tried]
        return each.refusals.passable([each.route, *untried], {*each.mine.refused_by, each.route.channel})
    return any(way.key not in tried for way in each.ways)
