"""Who will be told of a unit of work that is only previewed (wall 9)."""

from notifiers.happenings import from_entry
from notifiers.messages import told
from notifiers.relevance import still_matters
from notifiers.scene import Scene, shown
from states.errors import CommandRefused
from states.ledger import HOUSE
from states.work import Work


def recipients(work: Work) -> list[str]:
    """Give whoever the entries of a unit of work will tell, sorted: units by name, people by id and masked name.

    An owner who has left without a deputy is not among them: nobody reads what is for them.
    """
    scene = Scene(work.records, _slug(work), work.today)
    happenings = [from_entry(entry, work.now) for entry in work.entries]
    parties = {each.recipient for happening in happenings for each in told(scene, happening) if still_matters(scene, each)}
    found = [scene.party(party) for party in parties]
    return sorted({shown(party) for party in found if party is not None and scene.stands(party)})


def _slug(work: Work) -> str:
    """Give the work's round; a command of the house has none."""
    try:
        return work.round.slug
    except CommandRefused:
        return HOUSE
