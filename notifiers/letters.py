"""A delivery becomes a letter at the moment it is sent: names, addresses and due days are those of now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from config.vocabulary import Urgency
from notifiers.departures import Window
from notifiers.digest import as_told
from notifiers.messages import Told
from notifiers.outbox import scene_of
from notifiers.outgoing import Paper
from notifiers.papers import papers_of
from notifiers.relevance import still_matters
from notifiers.rendering import Common, Part, Rendered, render_parts
from notifiers.routes import Sender, reachable
from notifiers.scene import Scene
from notifiers.sections import Desk, sections_of
from states.frozen import frozen_programme
from states.house import House
from states.records import Records
from states.tables import Notification, Party


@dataclass(frozen=True)
class Letter:
    """A message ready to go, with the hours in which it may; its text is personal.

    ``reader`` is the party whose addresses it goes to: the recipient, or the deputy. ``first`` are the classes of address
    that its urgency asks for, ``today`` the day in the zone of its first round, ``papers`` the files that go with it.
    """

    text: Rendered
    reader: str
    today: date
    windows: tuple[Window, ...]
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
    told: dict[str, list[Told]] = {slug: []}
    for row in records.where(Notification, delivery=delivery):
        told.setdefault(row.round, []).append(as_told(row))
    scenes = {each: scene_of(house, records, each) for each in told}
    party = scenes[slug].party(recipient)
    if party is None:
        return None
    today = scenes[slug].today
    reader = scenes[slug].reader(party, lambda each: reachable(records, each, sender, today))
    found = [_part(house, scenes[each], told[each], (party, reader), delivery, dashboard) for each in told]
    parts = [part for part in found if part is not None]
    if not parts:
        return None
    windows = tuple(Window(house.calendar(part.common.programme.zone), part.common.programme.messages) for part in parts)
    papers = papers_of(parts, party.id)
    return Letter(render_parts(parts), reader.id, today, windows, first_classes(parts), papers)


def first_classes(parts: Sequence[Part]) -> tuple[str, ...]:
    """Give the classes of address that come first, by the most pressing thing that is said and the rules of its round."""
    order = list(Urgency)
    pressing = [(order.index(section.pressing), part.common) for part in parts for section in part.sections]
    urgency, common = min(pressing, key=lambda pair: pair[0])
    return tuple(common.programme.messages.channels.get(order[urgency], ()))


def _part(house: House, scene: Scene, told: Iterable[Told], people: tuple[Party, Party], delivery: str, dashboard: str) -> Part | None:
    """Write up what is told of one round to a party and its reader; None where nothing of it matters any more."""
    wanted = [each for each in told if still_matters(scene, each)]
    if not wanted or scene.round is None:
        return None
    party, reader = people
    programme = frozen_programme(scene.round.rules)
    sections = sections_of(Desk(scene, house.vault, programme, house.calendar(programme.zone)), wanted)
    behalf_of = party.name if reader.id != party.id else ""
    return Part(sections, Common(programme, scene.slug, reader.name, dashboard, scene.today, delivery, behalf_of))
