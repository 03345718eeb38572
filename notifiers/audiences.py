"""Who is told of what happened: small functions that give the ids of parties in office, and of whoever owes without being."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from config.vocabulary import Audience, PartyKind, Stage, WorkStatus
from notifiers.happenings import Happening
from notifiers.scene import Scene
from states.concerned import IN_RUNNING
from states.frozen import frozen_programme
from states.tables import Delivery, Nomination, StageClock, WorkItem

Who = Callable[[Scene, Happening], Iterable[str]]


def owner(scene: Scene, happening: Happening) -> list[str]:
    """Whoever owes the work item; the owner itself where nobody stands for it, so that its superior and the office hear at once."""
    party = happening.payload["owner"]
    return scene.heads(party) or ([party] if scene.party(party) else [])


def dropped_owner(scene: Scene, happening: Happening) -> list[str]:
    """Whoever owed a dropped work item, but for those who know it from elsewhere: the bodies, and the nomination's unit."""
    party = scene.party(happening.payload["owner"])
    nomination = scene.nomination(happening.subject)
    if party is None or party.kind in (PartyKind.DISTRICT_OFFICE, PartyKind.LEADING_GROUP):
        return []
    return [] if nomination is not None and nomination.unit == party.id else scene.heads(party.id)


def former_owner(scene: Scene, happening: Happening) -> list[str]:
    """Whoever owed what another has taken over."""
    return scene.heads(happening.payload["former"])


def unit(scene: Scene, happening: Happening) -> list[str]:
    """The unit that recommended the nomination."""
    nomination = scene.nomination(happening.subject)
    return scene.heads(nomination.unit) if nomination else []


def nominees_units(scene: Scene, happening: Happening) -> list[str]:
    """The units of all nominees that a notice names."""
    nominations = [scene.nomination(number) for number in happening.payload["nominations"]]
    return scene.all_heads(each.unit for each in nominations if each is not None)


def recommending_units(scene: Scene, happening: Happening) -> list[str]:
    """Every unit in the roster that may recommend in this round (notice, N18)."""
    del happening
    if scene.round is None:
        return []
    kinds = frozen_programme(scene.round.rules).recommending_kinds
    return [party.id for kind in kinds for party in scene.of_kind(kind)]


def office(scene: Scene, happening: Happening) -> list[str]:
    """The office of the leading group."""
    del happening
    return scene.office()


def bodies(scene: Scene, happening: Happening) -> list[str]:
    """The office and the leading group."""
    del happening
    return list(dict.fromkeys((*scene.office(), *scene.leading_group())))


def bodies_and_units(scene: Scene, happening: Happening) -> list[str]:
    """The office, the leading group, and the units whose nominations are in the running."""
    return list(dict.fromkeys((*bodies(scene, happening), *_units_in_running(scene, happening.at))))


def everybody_concerned(scene: Scene, happening: Happening) -> list[str]:
    """The bodies, the units with nominations in the running, those called for nominations while intake ran, and whoever owed something.

    All as it was when it happened, whenever this is asked: by the entry itself, or where an older one does not say, as far
    as the tables still know.
    """
    payload, at = happening.payload, happening.at
    units = scene.all_heads(payload["units"]) if "units" in payload else _units_in_running(scene, at)
    called = recommending_units(scene, happening) if _in_intake(scene, at) else []
    owners = scene.all_heads(payload["owners"] if "owners" in payload else _owners(scene, at))
    return list(dict.fromkeys((*bodies(scene, happening), *units, *called, *owners)))


def owners_of_moved_work(scene: Scene, happening: Happening) -> list[str]:
    """Whoever owes what was given another due time; where intake itself was, every unit that may recommend."""
    items = [scene.item(item) for item in happening.payload["items"]]
    owners = scene.all_heads(item.owner for item in items if item is not None)
    stages = {clock["stage"] for clock in happening.changed("stage_clock")}
    units = recommending_units(scene, happening) if Stage.INTAKE in stages else []
    return list(dict.fromkeys((*owners, *units)))


def whom_moved_dates_concern(scene: Scene, happening: Happening) -> list[str]:
    """Every unit that may recommend where intake ends on another day, the units of nominees whose notice does, the bodies for the opening."""
    stages = {each["id"] for each in happening.payload.get("stages", ())}
    batches = [each["id"] for each in happening.payload.get("batches", ())]
    nominees = scene.records.where(Nomination, round=scene.slug, batch=batches) if batches else []
    units = recommending_units(scene, happening) if Stage.INTAKE in stages else []
    heard = bodies(scene, happening) if happening.payload.get("opening") else []
    return list(dict.fromkeys((*heard, *units, *scene.all_heads(each.unit for each in nominees))))


def answerable_for_failures(scene: Scene, happening: Happening) -> list[str]:
    """Whoever stands above those that messages could not reach, and the office."""
    failed = [scene.records.get(Delivery, key) for key in happening.payload["undelivered"]]
    parties = [each.recipient for each in failed if each is not None]
    above = [superior for party in parties for superior in scene.above(party)]
    return list(dict.fromkeys((*above, *scene.office())))


def fired_for(audience: Audience) -> Who:
    """Whoever an audience of a ladder stands for, where a step for it fired."""

    def who(scene: Scene, happening: Happening) -> list[str]:
        if audience not in {step["audience"] for step in happening.payload["fired"]}:
            return []
        if audience == Audience.OWNER:
            return owner(scene, happening)
        if audience == Audience.SUPERIOR:
            return scene.above(happening.payload["owner"])
        return scene.office() if audience == Audience.DISTRICT_OFFICE else scene.leading_group()

    return who


def _units_in_running(scene: Scene, at: datetime) -> list[str]:
    """Give the units whose nominations were in the running at an instant: they are now, or were closed only since."""
    nominations = scene.records.where(Nomination, round=scene.slug)
    return scene.all_heads(each.unit for each in nominations if each.state in IN_RUNNING or each.entered_at > at)


def _in_intake(scene: Scene, at: datetime) -> bool:
    """Say whether intake ran at an instant; a round cancelled in it never closed it."""
    clock, row = scene.records.get(StageClock, scene.slug, Stage.INTAKE.value), scene.round
    if clock is None or row is None:
        return False
    return clock.opened_at <= at and (row.intake_closed_at is None or row.intake_closed_at > at)


def _owners(scene: Scene, at: datetime) -> Iterator[str]:
    """Give whose work was open at an instant: it is now, or was closed since, or was dropped by what happened then."""
    open_now = scene.records.where(WorkItem, round=scene.slug, status=WorkStatus.OPEN.value)
    yield from (item.owner for item in open_now if item.opened_at <= at)
    for item in scene.records.since(WorkItem, "done_at", at, round=scene.slug):
        if item.opened_at <= at and (item.done_at != at or item.status == WorkStatus.DROPPED):
            yield item.owner
