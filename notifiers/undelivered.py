"""Whom messages could not reach, why, and what they were to be told: so that somebody can tell them by other means."""

from collections.abc import Callable, Iterator

from config.programme import Programme
from config.vocabulary import WorkStatus
from notifiers.answers import every_answer
from notifiers.kind_names import name_of
from notifiers.messages import Told
from notifiers.owed import gathered
from notifiers.scene import PEOPLE, Scene
from notifiers.wording import Due, Line
from states.tables import Delivery, Notification, WorkItem

_NAMED = 5


def undelivered(scene: Scene, told: Told, programme: Programme, due: Callable[[WorkItem], Due]) -> Iterator[Line]:
    """List those whom messages of the round could not reach: to the office all of them, to a superior its own."""
    office = told.recipient in scene.office()
    for key in told.context["undelivered"]:
        delivery = scene.records.get(Delivery, key)
        party = scene.party(delivery.recipient) if delivery else None
        if delivery and party and party.id != told.recipient and (office or told.recipient in scene.above(party.id)):
            person = party.kind in PEOPLE
            note = "；没有送到的是：".join(filter(None, (every_answer(delivery), _matter(scene, key, programme, due))))
            yield Line(party.id if person else party.name, party.name if person else "", note)


def _matter(scene: Scene, delivery: str, programme: Programme, due: Callable[[WorkItem], Due]) -> str:
    """Say what a message was about: the work that is still open with its due days, and the news; nobody's name is in it.

    "" where it carries nothing of the round any more.
    """
    carried = sorted(scene.records.where(Notification, delivery=delivery, round=scene.slug), key=lambda each: each.key)
    items = {each.id: each for each in map(scene.item, _items(carried)) if each and each.status == WorkStatus.OPEN.value}
    owed = sorted(items.values(), key=lambda item: (item.due_day, item.kind, item.subject))
    work = [each.text for each in gathered(owed, {item.id: due(item) for item in owed}, programme)]
    news = [_news(scene, each) for each in carried if each.context.get("item") not in items]
    said = list(dict.fromkeys([*work, *news]))
    return "、".join(said[:_NAMED]) + (f"，另有{len(said) - _NAMED}件" if len(said) > _NAMED else "")


def _items(carried: list[Notification]) -> list[str]:
    return [each.context["item"] for each in carried if "item" in each.context]


def _news(scene: Scene, each: Notification) -> str:
    about = f"（{each.subject}）" if scene.nomination(each.subject) else ""
    return f"{name_of(each.kind)}{about}"
