"""Deliveries leave the house: claimed, sending, and then how it ended; one at a time, told once (wall 7)."""

from collections import Counter
from dataclasses import dataclass

from jinja2 import TemplateError
from sqlalchemy import func, select

from config.vocabulary import DeliveryStatus as Status
from notifiers.digest import WAITING
from notifiers.leases import Claim, begin, claim, finish, give_up, recover, release
from notifiers.letters import Letter, write_letter
from notifiers.outgoing import Outgoing
from notifiers.routes import Route, Sender, next_route, routes, why_unreachable
from notifiers.verdicts import verdict
from states.house import House
from states.records import Records, table_of
from states.tables import Delivery, Party

POINTLESS = "事项已办结，或收件人已不在任，不再发送"
NOT_WRITTEN = "消息无法写成"
_LOST = "lost"


@dataclass(frozen=True)
class Report:
    """What one run of ``deliver`` came to; ``queued`` is what still waits afterwards, for later or for the next run."""

    sent: int = 0
    failed: int = 0
    unknown: int = 0
    queued: int = 0


def deliver(house: House, channels: Sender, holder: str, limit: int = 100, dashboard: str = "") -> Report:
    """Send at most ``limit`` messages that are due; ``holder`` names this run, ``dashboard`` is the address they quote.

    Any number of runs at once send each message once. Whatever a dead run left half sent becomes unknown. Raises
    ``VaultError`` when the key does not fit the addresses; nothing was sent then.
    """
    ended: Counter[str] = Counter({Status.UNKNOWN.value: recover(house)})
    for _ in range(limit):
        mine = claim(house, holder)
        if mine is None:
            break
        ended[_carry(house, channels, mine, dashboard)] += 1
    with house.store.read() as connection:
        delivery = table_of(Delivery)
        waiting = select(func.count()).select_from(delivery).where(delivery.c.status.in_(WAITING))
        left = connection.execute(waiting).scalar_one()
    return Report(ended[Status.SENT.value], ended[Status.REFUSED_FOR_GOOD.value], ended[Status.UNKNOWN.value], left)


def _carry(house: House, channels: Sender, mine: Claim, dashboard: str) -> str:
    """Take one delivery as far as it goes now; gives the status in which it is left."""
    letter = _letter(house, mine, dashboard)
    if isinstance(letter, str):
        give_up(house, mine, letter)
        return Status.REFUSED_FOR_GOOD.value
    now = house.clock.now()
    allowed = letter.allowed_from(now)
    if allowed > now:
        release(house, mine, allowed)
        return mine.before.value
    found, why_none = _routes(house, channels, letter)
    route = next_route(found, mine.tried)
    if route is None:
        give_up(house, mine, why_none)
        return Status.REFUSED_FOR_GOOD.value
    return _send(house, channels, mine, letter, found, route)


def _letter(house: House, mine: Claim, dashboard: str) -> Letter | str:
    """Write the message, or say why it cannot or need not be written."""
    with house.store.read() as connection:
        try:
            letter = write_letter(house, Records(connection), mine.round, mine.recipient, mine.id, dashboard)
        except (TemplateError, LookupError) as error:
            return f"{NOT_WRITTEN}（{type(error).__name__}）"
    return letter or POINTLESS


def _routes(house: House, channels: Sender, letter: Letter) -> tuple[list[Route], str]:
    """Give the ways to the recipient, and what to say where none is left."""
    with house.store.read() as connection:
        records = Records(connection)
        party = records.get(Party, letter.reader)
        found = routes(records, house.vault, party, channels, letter.today, letter.first) if party else []
        return found, why_unreachable(records, party, letter.today)


def _send(house: House, channels: Sender, mine: Claim, letter: Letter, found: list[Route], route: Route) -> str:
    if not begin(house, mine, route.channel):
        return _LOST
    outcome = channels.send(Outgoing(mine.id, route.address, letter.text.subject, letter.text.as_(route.form), route.channel))
    values = verdict(
        outcome,
        mine.attempts + 1,
        mine.tried,
        house.clock.now(),
        route=route.key,
        more=next_route(found, (*mine.tried, route.key)) is not None,
        allowed=letter.allowed_from,
    )
    return str(values["status"]) if finish(house, mine, values) else _LOST
