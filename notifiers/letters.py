"""A delivery becomes a letter at the moment it is sent: names, addresses and due days are those of now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from config.programme import Programme
from config.vocabulary import Urgency
from notifiers.departures import Window
from notifiers.messages import Told, as_told
from notifiers.on_hold import STOPPED
from notifiers.outbox import scene_of
from notifiers.outgoing import Paper
from notifiers.overtaken import overtaken
from notifiers.papers import papers_of
from notifiers.relevance import still_matters
from notifiers.rendering import Common, Part, Rendered, Wordings, fits_briefly, render_parts
from notifiers.routes import Sender, ways_of_line
from notifiers.scene import Scene
from notifiers.sections import Desk, Section, sections_of
from notifiers.ways import Way
from states.frozen import frozen_programme
from states.house import House
from states.records import Records
from states.tables import Notification, Party, Round


@dataclass(frozen=True)
class Letter:
    """A message ready to go; its text is personal. ``papers`` are the files that go with it."""

    text: Rendered
    papers: tuple[Paper, ...] = ()


@dataclass(frozen=True)
class Draft:
    """What a delivery says, before it is known who reads it, with the hours in which it may leave.

    ``ways`` are all that lead to whoever may read it, from the deputies to the recipient: each to be tried before the next.
    ``first`` are the classes of address that its urgency asks for, ``today`` the day in the zone of its first round. What a short
    form would leave out of what binds the reader goes by a full one where there is any.
    ``addressee`` is the recipient, None where it has left.
    """

    delivery: str
    party: Party
    addressee: Party | None
    said: tuple[tuple[Desk, str, list[Section]], ...]
    today: date
    windows: tuple[Window, ...]
    first: tuple[str, ...]
    ways: dict[Way, Party]

    @property
    def zone(self) -> str:
        """The zone of its first round."""
        return self.windows[0].calendar.zone.key

    def allowed_from(self, instant: datetime) -> datetime:
        """Give the first instant, not before this one, that lies in no round's quiet hours."""
        for _ in self.windows:
            instant = max(window.allowed_from(instant) for window in self.windows)
        return instant


class Writer:
    """Writes letters at one look at the database: what many of them share is looked up and worded once."""

    def __init__(self, house: House, records: Records, dashboard: str, sender: Sender) -> None:
        """Write for the ways that ``sender`` has."""
        self._house = house
        self._records = records
        self._dashboard = dashboard
        self._sender = sender
        self._scenes: dict[str, Scene] = {}
        self._desks: dict[str, Desk] = {}
        self._wordings: Wordings = {}

    def draft(self, slug: str, recipient: str, delivery: str) -> Draft | None:
        """Gather what a delivery says and who may read it; None where nothing of it is worth telling any more.

        Raises ``LookupError`` where something it speaks of is not there, ``VaultError`` for a wrong key.
        """
        told: dict[str, list[Told]] = {slug: []}
        for row in self._records.where(Notification, delivery=delivery):
            told.setdefault(row.round, []).append(as_told(row))
        scene = self._scene(slug)
        party = scene.party(recipient)
        said = [said for each in told if (said := self._said(each, told[each])) is not None]
        if party is None or not said:
            return None
        first = first_classes([(desk.programme, sections) for desk, _, sections in said])
        windows = tuple(Window(desk.calendar, desk.programme.messages) for desk, _, _ in said)
        line = scene.line(party)  # without a recipient who has left, whose addresses must not be written to any more
        full = not fits_briefly(section for _, _, sections in said for section in sections)
        found = ways_of_line(self._records, line, self._sender, scene.today, first, full=full)
        return Draft(delivery, party, party if party in line else None, tuple(said), scene.today, windows, first, found)

    def written(self, draft: Draft, reader: Party) -> Letter:
        """Write a draft up for whoever reads it. Raises ``TemplateError``."""
        behalf_of = draft.party.name if reader.id != draft.party.id else ""
        parts = [
            Part(sections, Common(desk.programme, slug, reader.name, self._dashboard, self._scene(slug).today, draft.delivery, behalf_of))
            for desk, slug, sections in draft.said
        ]
        return Letter(render_parts(parts, self._wordings), papers_of(parts, draft.party.id))

    def on_hold(self, delivery: str) -> bool:
        """Say whether a delivery carries what its round, on hold since it was made up, does not say now."""
        rows = self._records.where(Notification, delivery=delivery)
        return any(row.kind in STOPPED and (each := self._scene(row.round).round) is not None and each.held for row in rows)

    def overtaken(self, delivery: str) -> bool:
        """Say whether a delivery carries what a later decision has overtaken since it was made up."""
        return any(overtaken(self._scene(row.round), as_told(row)) for row in self._records.where(Notification, delivery=delivery))

    def _said(self, slug: str, told: Iterable[Told]) -> tuple[Desk, str, list[Section]] | None:
        """Write up what is told of one round; None where nothing of it matters any more."""
        scene = self._scene(slug)
        wanted = [each for each in told if still_matters(scene, each)]
        if not wanted or scene.round is None:
            return None
        desk = self._desk(scene, scene.round)
        return desk, slug, list(sections_of(desk, wanted))

    def _scene(self, slug: str) -> Scene:
        if slug not in self._scenes:
            self._scenes[slug] = scene_of(self._house, self._records, slug)
        return self._scenes[slug]

    def _desk(self, scene: Scene, row: Round) -> Desk:
        if scene.slug not in self._desks:
            programme = frozen_programme(row.rules)
            self._desks[scene.slug] = Desk(scene, self._house.vault, programme, self._house.calendar(programme.zone))
        return self._desks[scene.slug]


def first_classes(said: Sequence[tuple[Programme, Sequence[Section]]]) -> tuple[str, ...]:
    """Give the classes of address that come first, by the most pressing thing that is said and the rules of its round."""
    order = list(Urgency)
    pressing = [(order.index(section.pressing), programme) for programme, sections in said for section in sections]
    urgency, programme = min(pressing, key=lambda pair: pair[0])
    return tuple(programme.messages.channels.get(order[urgency], ()))
