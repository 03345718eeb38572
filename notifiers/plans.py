"""Each claimed delivery is written, its way found, or it is put off or given up: what is to become of it, at one look at the database."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from jinja2 import TemplateError
from sqlalchemy.exc import SQLAlchemyError

from notifiers.breaker import refused_channels
from notifiers.leases import Claim
from notifiers.letters import Letter, Writer
from notifiers.outgoing import Load, Outgoing
from notifiers.resuming import still_to_send
from notifiers.routes import Route, Sender, next_route, routes, why_unreachable
from notifiers.verdicts import MENDING, POINTLESS
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
    """A delivery that may leave now, by ``route``, the first of those ``found`` that did not refuse it yet."""

    mine: Claim
    letter: Letter
    found: list[Route]
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
    """One look at the database: ``refused`` are the channels that are refused for their own sake, and whether one may ask again."""

    house: House
    records: Records
    channels: Sender
    writer: Writer
    refused: dict[str, bool]

    def route(self, found: list[Route], tried: tuple[str, ...]) -> Route | None:
        """Give the first way that did not refuse yet; past a refused channel, where there is another, but for one that asks again."""
        first = next_route(found, tried)
        if first is None or first.channel not in self.refused:
            return first
        if self.refused[first.channel]:
            self.refused[first.channel] = False
            return first
        return next_route([each for each in found if each.channel not in self.refused], tried) or first

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
        refused = refused_channels(connection, house.clock.now())
        writer = Writer(house, records, dashboard, channels, refused)
        look = _Look(house, records, channels, writer, refused)
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
    letter = look.writer.letter(mine.round, mine.recipient, mine.id, mine.tried)
    if letter is None:
        return Hopeless(mine, POINTLESS)
    allowed = letter.allowed_from(now)
    if allowed > now:
        return Later(mine, allowed)
    party = look.records.get(Party, letter.reader)
    found = routes(look.records, look.house.vault, party, look.channels, letter.today, letter.first) if party else []
    # What is left of a message that has partly arrived leaves by its own way alone; another address never got the first parts.
    route, rest = still_to_send(look.house.vault, mine, found) or (look.route(found, mine.tried), None)
    if route is None:
        return Hopeless(mine, why_unreachable(look.records, party, letter.today))
    text = letter.text
    outgoing = Outgoing(mine.id, route.address, text.subject, text.as_(route.form), route.channel, letter.papers, rest=rest)
    return Ready(mine, letter, found, route, outgoing, look.channels.load(outgoing))
