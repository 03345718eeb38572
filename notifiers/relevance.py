"""What is still worth telling at the moment it would leave."""

from config.vocabulary import RoundState, WorkStatus
from notifiers.kinds import ABOUT_WORK, MessageKind
from notifiers.messages import Told
from notifiers.scene import Scene


def still_matters(scene: Scene, told: Told) -> bool:
    """Say whether a recipient should still be told: in office, the work still open and its due time not moved since.

    A decision stays worth telling; the call for nominations only while intake is open.
    """
    if not scene.in_office(scene.party(told.recipient)):
        return False
    if told.kind in ABOUT_WORK:
        item = scene.item(told.context["item"])
        return item is not None and item.status == WorkStatus.OPEN and item.due_version == told.due_version
    if told.kind == MessageKind.INTAKE_OPENED:
        return scene.round is not None and scene.round.state == RoundState.INTAKE
    return True
