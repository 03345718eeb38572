"""Each claimed delivery is written, its way found, or it is put off or given up: what is to become of it, at one look at the database."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from jinja2 import TemplateError
from sqlalchemy.exc import SQLAlchemyError

from notifiers.breaker import refused_channels
from notifiers.leases import Claim
from notifiers.letters import Draft, Writer
from notifiers.outgoing import Load, Outgoing, Rest
from notifiers.resuming import Left, still_to_send
from notifiers.routes import Route, Sender, routes, why_unreachable
from notifiers.verdicts import MENDING, POINTLESS
from notifiers.ways import Refusals, Way
from states.commands.messages import LEFT_DAMAGED
from states.faults import Faults, guarded
from states.house import House
from states.records import Records
from states.tables import Contact, Notification, Party
from states.vault import VaultError

HELD_BACK = timedelta(minutes=1)
NOT_WRITTEN = "消息无法写成"
DAMAGED = f"{NOT_WRITTEN}：收件人的联系方式或消息要写的资料已损坏，打不开；请重新导入名册，仍不行的从备份恢复"


@dataclass(frozen=True)
class Ready:
    """A delivery that may leave now, by ``route``, as ``refusals`` lets it; ``ways`` are all that lead to whoever may read it."""

    mine: Claim
    draft: Draft
    ways: tuple[Way, ...]
    refusals: Refusals
    route: Route
    outgoing: Outgoing
    load: Load | None

    def with_room(self) -> "Ready":
        """Give it with its turn on the channel's rate taken."""
        return replace(self, outgoing=replace(self.outgoing, room=self.load.parts)) if self.load else self


@dataclass(frozen=True)
class Hopeless:
    """A delivery that is refused for good without being sent."""

    mine: Claim
    why: str


@dataclass(frozen=True)
class Later:
    """A delivery that may not leave before an instant."""

    mine: Claim
    due_at: datetime


Plan = Ready | Hopeless | Later


@dataclass(frozen=True)
class _Look:
    """One look at the database, and what it knows of channels that are refused for their own sake."""

    house: House
    records: Records
    channels: Sender
    writer: Writer
    refusals: Refusals

    def routes(self, party: Party, draft: Draft) -> list[Route]:
        """Give every way to a party, opened; raises ``VaultError`` where none opens."""
        return routes(self.records, self.house.vault, party, self.channels, draft.today, draft.first)

    def own_way(self, draft: Draft, left: Left) -> Way | None:
        """Give the way that the first parts went; another address never got them."""
        way, party = next(((way, party) for way, party in draft.ways.items() if way.key == left.key), (None, None))
        return way if party and any(map(left.is_for, self.routes(party, draft))) else None

    def speaks_of(self, mine: Claim) -> str:
        """Name the rounds that a delivery speaks of."""
        carried = (row.round for row in self.records.where(Notification, delivery=mine.id))
        return "、".join(sorted({mine.round, *carried}))


def plans_of(house: House, channels: Sender, batch: list[Claim], dashboard: str, faults: Faults | None = None) -> list[Plan]:
    """Write every letter and find every way at one look at the database. What a fault of its round stops waits, noted in ``faults``."""
    with house.store.read() as connection:
        records = Records(connection)
        records.expect(Notification, "delivery", [mine.id for mine in batch])
        records.where(Party, id=[mine.recipient for mine in batch])
        records.expect(Contact, "party", [mine.recipient for mine in batch])
        now = house.clock.now()
        refusals = Refusals(refused_channels(connection, now), now)
        look = _Look(house, records, channels, Writer(house, records, dashboard, channels), refusals)
        return [_plan(look, mine, faults) for mine in batch]


def _plan(look: _Look, mine: Claim, faults: Faults | None) -> Plan:
    decided: list[Plan] = []
    with guarded(faults, look.speaks_of(mine), SQLAlchemyError):
        decided.append(_decided(look, mine))
    return decided[0] if decided else Later(mine, look.house.clock.now() + MENDING)


def _decided(look: _Look, mine: Claim) -> Plan:
    try:
        return _written(look, mine)
    except (TemplateError, LookupError) as error:
        return Hopeless(mine, f"{NOT_WRITTEN}（{type(error).__name__}）")
    except VaultError:
        return Hopeless(mine, DAMAGED)


def _written(look: _Look, mine: Claim) -> Plan:
    now = look.house.clock.now()
    overtaken = mine.rest is None and look.writer.overtaken(mine.id)
    if overtaken or look.writer.on_hold(mine.id):  # since this run began; the next one takes it back first
        return Later(mine, now + HELD_BACK)
    draft = look.writer.draft(mine.round, mine.recipient, mine.id)
    if draft is None:
        return Hopeless(mine, POINTLESS)
    allowed = draft.allowed_from(now)
    return Later(mine, allowed) if allowed > now else _on_its_way(look, mine, draft)


def _on_its_way(look: _Look, mine: Claim, draft: Draft) -> Plan:
    """Find the way of a message that may leave, and write it for whoever reads it there."""
    untried = [way for way in draft.ways if way.key not in mine.tried]
    if not untried:
        return Hopeless(mine, why_unreachable(look.records, draft.addressee, draft.today))
    try:
        left = still_to_send(look.house.vault, mine)
    except VaultError:
        return Hopeless(mine, LEFT_DAMAGED)
    own = look.own_way(draft, left) if left else None
    way = own or look.refusals.way(untried, mine.refused_by)
    if way is None:  # the channel that has just refused it is asked again later, not at once
        return Later(mine, draft.allowed_from(look.house.clock.now() + MENDING))
    return _written_for(look, mine, draft, way, left.rest if left and own else None)


def _written_for(look: _Look, mine: Claim, draft: Draft, way: Way, rest: Rest | None) -> Plan:
    reader = draft.ways[way]
    found = look.routes(reader, draft)
    # An address that is damaged is passed by where another one opens.
    open_ways = [each for each in found if each.key not in mine.tried]
    route = next((each for each in found if each.key == way.key), None) or look.refusals.way(open_ways, mine.refused_by)
    if route is None:
        return Hopeless(mine, why_unreachable(look.records, reader, draft.today))
    look.refusals.ask(route)
    letter = look.writer.written(draft, reader)
    text = letter.text
    outgoing = Outgoing(
        mine.id, route.address, text.subject, text.as_(route.form), route.channel, letter.papers, rest=rest, zone=draft.zone
    )
    ways = (*found, *(each for each, party in draft.ways.items() if party.id != reader.id))
    return Ready(mine, draft, ways, look.refusals, route, outgoing, look.channels.load(outgoing))
