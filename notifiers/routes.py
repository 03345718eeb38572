"""By which channel and to which address a party is reached, found at the moment of sending."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, get_args

from config.channels import ROBOTS, ChannelKind
from config.programme import AddressClass
from notifiers.answers import GONE, NO_CHANNEL, NO_CONTACT
from notifiers.cleaning import display_name
from notifiers.outgoing import Load, Outcome, Outgoing
from notifiers.rendering import Form
from notifiers.scene import address_class, holds
from notifiers.ways import Way
from states.records import Records
from states.tables import Contact, Party
from states.vault import Vault, VaultError

_FITS: dict[ChannelKind, tuple[str, ...]] = {
    ChannelKind.MAIL: ("mail",),
    ChannelKind.WEB: ("web", "phone"),
    ChannelKind.APPRISE: ("web", "phone"),
    **dict.fromkeys(ROBOTS, ("web", "phone")),
}
"""Which classes of address a kind of channel can reach; a file takes any."""

_CLASSES: frozenset[str] = frozenset(get_args(AddressClass))

_BRACKETS = str.maketrans("<>", "＜＞")


class Sender(Protocol):
    """What deliveries leave by: ``notifiers.channels.Channels``, or a stand-in of a simulation."""

    @property
    def names(self) -> tuple[str, ...]:
        """The channels' names, the first to be tried first."""
        ...

    def kind(self, name: str) -> ChannelKind | None:
        """What the channel speaks."""
        ...

    def definition(self, name: str) -> str:
        """Give all that makes the channel what it is, secrets filled in, for a keyed digest alone; "" where there is no such channel."""
        ...

    def load(self, message: Outgoing) -> Load | None:
        """Say what it asks of its channel; None where no rate holds."""
        ...

    def send(self, message: Outgoing) -> Outcome:
        """Send once and say how far it got; raises nothing for what goes wrong outside."""
        ...


@dataclass(frozen=True)
class Route(Way):
    """A way whose address is known; that is personal. ``contact`` is its class in the roster, "" where it is made out to the party."""

    address: str = field(repr=False)
    form: Form = Form.FULL
    contact: str = ""


def routes(records: Records, vault: Vault, party: Party, sender: Sender, today: date, first: Sequence[str] = ()) -> list[Route]:
    """Give every way to a party: classes of address named ``first``, then the contact's rank, then the channels' own order.

    A file is one only where there is no other, and needs no address: it is made out to the party. An address that does not open is
    passed by where another one opens; raises ``VaultError`` where none does.
    """
    found: list[Route] = []
    damaged: VaultError | None = None
    for contact, names in _places(records, party, sender, today, first):
        try:
            found += _opened(sender, party, contact, names, vault.open(contact.address, f"contact {party.id} {contact.channel}"))
        except VaultError as error:
            damaged = error
    if damaged and not found:
        raise damaged
    return found or [Route(_key(party, "", name), name, display_name(party.name)) for name in files(sender)]


def ways(records: Records, party: Party, sender: Sender, today: date, first: Sequence[str] = (), *, full: bool = False) -> list[Way]:
    """Give every way to a party in the order of ``routes``, or first those that carry the ``full`` form; no address is opened."""
    places = _places(records, party, sender, today, first)
    by_turns = [(contact.channel, name) for contact, names in places for name in names]
    if full:
        by_turns.sort(key=lambda each: form_of(sender.kind(each[1]), each[0]) is not Form.FULL)
    found = [Way(_key(party, contact, name), name) for contact, name in by_turns]
    return found or [Way(_key(party, "", name), name) for name in files(sender)]


def ways_of_line(
    records: Records, line: Sequence[Party], sender: Sender, today: date, first: Sequence[str] = (), *, full: bool = False
) -> dict[Way, Party]:
    """Give every way to whoever of a line may read it, each to be tried before the next; a file only where nobody in it has another."""
    found = {way: each for each in line for way in ways(records, each, sender, today, first, full=full)}
    return {way: each for way, each in found.items() if way.channel in read_channels(sender)} or found


def _places(records: Records, party: Party, sender: Sender, today: date, first: Sequence[str]) -> list[tuple[Contact, list[str]]]:
    """Give the addresses that hold today, the first to be tried first, each with its channels; files only where nothing else is."""
    contacts = [row for row in records.where(Contact, party=party.id) if holds(row, today)]
    contacts.sort(key=lambda row: (_turn(row, first), row.rank, row.channel))
    found = [(row, _channels_for(row.channel, sender)) for row in contacts]
    read = read_channels(sender)
    people_read = [(row, [name for name in names if name in read]) for row, names in found]
    return [(row, names) for row, names in people_read if names] or [(row, names) for row, names in found if names]


def _opened(sender: Sender, party: Party, contact: Contact, names: Sequence[str], address: str) -> list[Route]:
    """Give the ways to one address by some channels, in their order."""
    return [
        Route(
            _key(party, contact.channel, name),
            name,
            _written(sender, name, party, address),
            form_of(sender.kind(name), contact.channel),
            contact.channel,
        )
        for name in names
    ]


def form_of(kind: ChannelKind | None, contact: str) -> Form:
    """Give the wording for a channel and an address: telephones and robots take the short one."""
    robot = kind is ChannelKind.APPRISE or kind in ROBOTS
    return Form.BRIEF if robot or (kind is not ChannelKind.FILE and address_class(contact) == "phone") else Form.FULL


def why_unreachable(records: Records, party: Party | None, today: date) -> str:
    """Say why there is no way to a party; without one, nobody reads for a recipient who has left."""
    if party is None:
        return GONE
    contacts = records.where(Contact, party=party.id)
    return NO_CHANNEL if any(holds(row, today) for row in contacts) else NO_CONTACT


def reachable(records: Records, party: Party, sender: Sender, today: date) -> bool:
    """Say whether there is any way to a party on a day; no address is opened."""
    return bool(ways(records, party, sender, today))


def is_read(contact: Contact, sender: Sender) -> bool:
    """Say whether people read what goes to an address, without opening it."""
    return any(name in read_channels(sender) for name in _channels_for(contact.channel, sender))


def _key(party: Party, contact: str, channel: str) -> str:
    return f"{party.id}:{contact}/{channel}"


def files(sender: Sender) -> list[str]:
    """Give the channels that write files, which nobody reads unless somebody looks."""
    return [name for name in sender.names if sender.kind(name) is ChannelKind.FILE]


def read_channels(sender: Sender) -> list[str]:
    """Give the channels whose messages people read: a file somebody has to pass on, but where a house writes nothing else."""
    return [name for name in sender.names if sender.kind(name) is not ChannelKind.FILE] or files(sender)


def _turn(contact: Contact, first: Sequence[str]) -> int:
    return first.index(address_class(contact.channel)) if address_class(contact.channel) in first else len(first)


def _channels_for(contact: str, sender: Sender) -> list[str]:
    """Give the channels that serve an address, the first to be tried first.

    One that is named after a class of address serves that class alone, and first. Beside it only those serve the class whose kind
    reaches nothing else, a second mail server: behind an Apprise URL may be telephones or accounts, and only its name tells which.
    """
    if contact in sender.names and contact not in _CLASSES:
        return [contact]
    wanted = address_class(contact)
    reached = {name: _reached(sender.kind(name)) for name in sender.names if name not in _CLASSES}
    if wanted in sender.names:
        return [wanted, *(name for name, classes in reached.items() if classes == {wanted})]
    return [name for name, classes in reached.items() if wanted in classes or sender.kind(name) is ChannelKind.FILE]


def _reached(kind: ChannelKind | None) -> frozenset[str]:
    return frozenset(_FITS.get(kind, ()) if kind else ())


def _written(sender: Sender, name: str, party: Party, address: str) -> str:
    """Give an address as its channel wants it: a file is made out to the party's name too, and no address ends its own brackets."""
    if sender.kind(name) is not ChannelKind.FILE:
        return address
    return f"{display_name(party.name)} <{address.translate(_BRACKETS)}>"
