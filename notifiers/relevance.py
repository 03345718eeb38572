"""What is still worth telling at the moment it would leave."""

from config.vocabulary import PartyKind, RoundState, WorkStatus
from notifiers.kinds import ABOUT_WORK, MessageKind
from notifiers.messages import Told
from notifiers.overtaken import heard_already, overtaken
from notifiers.scene import Scene
from states.tables import Party, WorkItem
from states.unsent import OVERTAKEN

_OF_BODIES = (PartyKind.LEADING_GROUP_MEMBER, PartyKind.OPERATOR)


def still_matters(scene: Scene, told: Told) -> bool:
    """Say whether a recipient should still be told: the work still open, and whoever owed it still owing it where it is told to them.

    A step of a ladder that is to be fired again, since its due time moved first or another took the work over, is not told
    now, and when it is, not to those who have heard it. What was in a deliverer's hands by then is, with the due time of now; so
    is an escalation of late work that was handed over, of which others have heard already, and which therefore is not fired again.
    Open work matters also where its recipient has left without anybody in the same place: that nobody reads of it is for the
    superior and the office to know. A decision stays worth telling to whoever is in office, or is stood for by a deputy; the call
    for nominations only while intake is open.
    """
    party = scene.party(told.recipient)
    if party is None or overtaken(scene, told):
        return False
    if told.kind in ABOUT_WORK:
        item = scene.item(told.context["item"])
        owed = item is not None and item.status == WorkStatus.OPEN and _concerns(told, item)
        owed = owed and not heard_already(scene, told)
        return owed and OVERTAKEN not in told.context and (scene.stands(party) or not _others_know(scene, party, item))
    if not scene.stands(party):
        return False
    if told.kind == MessageKind.INTAKE_OPENED:
        return scene.round is not None and scene.round.state == RoundState.INTAKE
    return True


def _concerns(told: Told, item: WorkItem) -> bool:
    """Say whether whoever was late or is reminded owes the work still; an escalation concerns also whoever owes it by now."""
    return told.kind == MessageKind.ESCALATION or item.owner == told.context.get("owner", item.owner)


def _others_know(scene: Scene, party: Party, item: WorkItem | None) -> bool:
    """Say whether somebody in office was told the same as one of a body's people: the body is not left without news."""
    owes = item is not None and item.owner == party.id
    return party.kind in _OF_BODIES and not owes and bool(scene.of_kind(PartyKind(party.kind)))
