"""A delivery becomes a letter at the moment it is sent: names, addresses and due days are those of now."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from config.vocabulary import Urgency
from notifiers.departures import Window
from notifiers.messages import Told, as_told
from notifiers.on_hold import STOPPED
from notifiers.outbox import scene_of
from notifiers.outgoing import Paper
from notifiers.overtaken import overtaken
from notifiers.papers import papers_of
from notifiers.relevance import still_matters
from notifiers.rendering import Common, Part, Rendered, Wordings, render_parts
from notifiers.routes import Sender, reachable
from notifiers.scene import Scene
from notifiers.sections import Desk, sections_of
from states.frozen import frozen_programme
from states.house import House
from states.records import Records
from states.tables import Notification, Party, Round


@dataclass(frozen=True)
class Letter:
    """A message ready to go, with the hours in which it may; its text is personal.

    ``reader`` is the party whose addresses it goes to: the recipient, or the deputy; "" where the recipient has left and nobody
    reads in its place. ``elsewhere`` says whether others of the line from the deputy to the recipient can be reached. ``first`` are the classes of address
    that its urgency asks for, ``today`` the day in the zone of its first round, ``papers`` the files that go with it.
    """

    text: Rendered
    reader: str
    today: date
    windows: tuple[Window, ...]
    elsewhere: bool = False
    first: tuple[str, ...] = ()
    papers: tuple[Paper, ...] = ()

    def allowed_from(self, instant: datetime) -> datetime:
        """Give the first instant, not before this one, that lies in no round's quiet hours."""
        for _ in self.windows:
            instant = max(window.allowed_from(instant) for window in self.windows)
        return instant


def write_letter(house: House, records: Records, slug: str, recipient: str, delivery: str, dashboard: str, sender: Sender) -> Letter | None:
    """Write what a delivery carries; None where nothing of it is worth telling any more. A deputy whom ``sender`` cannot reach reads nothing.

    Raises ``TemplateError``, ``LookupError`` where something it speaks of is not there, ``VaultError`` for a wrong key.
    """
    return Writer(house, records, dashboard, sender).letter(slug, recipient, delivery)


class Writer:
    """Writes letters at one look at the database: what many of them share is looked up and worded once."""

    def __init__(self, house: House, records: Records, dashboard: str, sender: Sender, refused: Collection[str] = ()) -> None:
        """Write for the ways that ``sender`` has; whom only a ``refused`` channel reaches reads nothing while somebody else can."""
        self._house = house
        self._refused = refused
        self._records = records
        self._dashboard = dashboard
        self._sender = sender
        self._scenes: dict[str, Scene] = {}
        self._desks: dict[str, Desk] = {}
        self._wordings: Wordings = {}

    def letter(self, slug: str, recipient: str, delivery: str, tried: Sequence[str] = ()) -> Letter | None:
        """Write what a delivery carries, as ``write_letter`` does. A deputy all of whose ways were ``tried`` in vain reads nothing either."""
        told: dict[str, list[Told]] = {slug: []}
        for row in self._records.where(Notification, delivery=delivery):
            told.setdefault(row.round, []).append(as_told(row))
        scene = self._scene(slug)
        party = scene.party(recipient)
        if party is None:
            return None

        def open_to(each: Party, refused: Collection[str] = ()) -> bool:
            return reachable(self._records, each, self._sender, scene.today, tried, refused)

        line = scene.line(party)  # without a recipient who has left, whose addresses must not be written to any more
        passing = self._refused if any(open_to(each, self._refused) for each in line) else ()
        reader = scene.reader(party, lambda each: open_to(each, passing))
        found = [self._part(each, told[each], (party, reader), delivery) for each in told]
        parts = [part for part in found if part is not None]
        if not parts:
            return None
        windows = tuple(Window(self._desks[part.common.round].calendar, part.common.programme.messages) for part in parts)
        text = render_parts(parts, self._wordings)
        read_by = reader.id if reader.id in {each.id for each in line} else ""
        elsewhere = any(open_to(each) for each in line if each.id != reader.id)
        return Letter(text, read_by, scene.today, windows, elsewhere, first_classes(parts), papers_of(parts, party.id))

    def on_hold(self, delivery: str) -> bool:
        """Say whether a delivery carries what its round, on hold since it was made up, does not say now."""
        rows = self._records.where(Notification, delivery=delivery)
        return any(row.kind in STOPPED and (each := self._scene(row.round).round) is not None and each.held for row in rows)

    def overtaken(self, delivery: str) -> bool:
        """Say whether a delivery carries what a later decision has overtaken since it was made up."""
        return any(overtaken(self._scene(row.round), as_told(row)) for row in self._records.where(Notification, delivery=delivery))

    def _part(self, slug: str, told: Iterable[Told], people: tuple[Party, Party], delivery: str) -> Part | None:
        """Write up what is told of one round to a party and its reader; None where nothing of it matters any more."""
        scene = self._scene(slug)
        wanted = [each for each in told if still_matters(scene, each)]
        if not wanted or scene.round is None:
            return None
        party, reader = people
        desk = self._desk(scene, scene.round)
        behalf_of = party.name if reader.id != party.id else ""
        common = Common(desk.programme, slug, reader.name, self._dashboard, scene.today, delivery, behalf_of)
        return Part(sections_of(desk, wanted), common)

    def _scene(self, slug: str) -> Scene:
        if slug not in self._scenes:
            self._scenes[slug] = scene_of(self._house, self._records, slug)
        return self._scenes[slug]

    def _desk(self, scene: Scene, row: Round) -> Desk:
        if scene.slug not in self._desks:
            programme = frozen_programme(row.rules)
            self._desks[scene.slug] = Desk(scene, self._house.vault, programme, self._house.calendar(programme.zone))
        return self._desks[scene.slug]


def first_classes(parts: Sequence[Part]) -> tuple[str, ...]:
    """Give the classes of address that come first, by the most pressing thing that is said and the rules of its round."""
    order = list(Urgency)
    pressing = [(order.index(section.pressing), part.common) for part in parts for section in part.sections]
    urgency, common = min(pressing, key=lambda pair: pair[0])
    return tuple(common.programme.messages.channels.get(order[urgency], ()))
