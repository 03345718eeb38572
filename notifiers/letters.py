"""A delivery becomes a letter at the moment it is sent: names, addresses and due days are those of now."""

from dataclasses import dataclass
from datetime import date

from config.calendar import WorkCalendar
from config.programme import Messages
from notifiers.digest import as_told
from notifiers.outbox import scene_of
from notifiers.relevance import still_matters
from notifiers.rendering import Common, render
from notifiers.sections import Desk, sections_of
from states.frozen import frozen_programme
from states.house import House
from states.records import Records
from states.tables import Notification


@dataclass(frozen=True)
class Letter:
    """A message ready to go, with the hours in which it may; subject and body are personal."""

    subject: str
    body: str
    today: date
    calendar: WorkCalendar
    messages: Messages


def write_letter(house: House, records: Records, slug: str, recipient: str, delivery: str, dashboard: str) -> Letter | None:
    """Write what a delivery carries; None where nothing of it is worth telling any more.

    Raises ``TemplateError``, ``LookupError`` where something it speaks of is not there, ``VaultError`` for a wrong key.
    """
    scene = scene_of(house, records, slug)
    party, row = scene.party(recipient), scene.round
    told = [as_told(each) for each in records.where(Notification, delivery=delivery)]
    wanted = [each for each in told if still_matters(scene, each)]
    if not wanted or party is None or row is None:
        return None
    programme = frozen_programme(row.rules)
    calendar = house.calendar(programme.zone)
    sections = sections_of(Desk(scene, house.vault, programme, calendar), wanted)
    text = render(sections, Common(programme, slug, party.name, dashboard, scene.today, delivery))
    return Letter(text.subject, text.body, scene.today, calendar, programme.messages)
