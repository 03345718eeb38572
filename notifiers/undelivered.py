"""Whom messages could not reach, why, and what they were to be told: so that somebody can tell them by other means."""

from collections.abc import Callable, Iterator

from config.errors import ConfigError
from config.programme import Programme
from config.vocabulary import WorkStatus
from notifiers.answers import GONE, every_answer
from notifiers.kind_names import name_of
from notifiers.kinds import ABOUT_ROUND
from notifiers.messages import Told, as_told
from notifiers.moved_days import day_of
from notifiers.overtaken import overtaken
from notifiers.owed import gathered
from notifiers.scene import PEOPLE, Scene
from notifiers.wording import Due, Line
from states.frozen import frozen_programme
from states.tables import Delivery, Notification, Party, Round, WorkItem

_NAMED = 5


def undelivered(scene: Scene, told: Told, programme: Programme, due: Callable[[WorkItem], Due]) -> Iterator[Line]:
    """List those whom messages of the round could not reach: to the office all of them, to a superior its own."""
    for delivery, party in _unreached(scene, told):
        person = party.kind in PEOPLE
        matter = _matter(scene, delivery.id, programme, due)
        note = "；没有送到的是：".join(filter(None, (every_answer(delivery), matter)))
        yield Line(party.id if person else party.name, party.name if person else "", note, brief=matter)


def mends(scene: Scene, told: Told) -> dict[str, str]:
    """Say who reads of it and what helps: work of whoever has left is handed over, everybody else is told and the roster mended."""
    left = {delivery.answer == GONE for delivery, _ in _unreached(scene, told)}
    return mended_by(office=told.recipient in scene.office(), left=True in left, there=left != {True})


def mended_by(*, office: bool, left: bool = False, there: bool = True) -> dict[str, str]:
    """Give the facts by which the words are chosen: whether the office reads, and whether some have left, or are there."""
    return {name: "yes" if fact else "" for name, fact in (("office", office), ("left", left), ("there", there))}


def _unreached(scene: Scene, told: Told) -> Iterator[tuple[Delivery, Party]]:
    office = told.recipient in scene.office()
    for key in told.context["undelivered"]:
        delivery = scene.records.get(Delivery, key)
        party = scene.party(delivery.recipient) if delivery else None
        if delivery and party and party.id != told.recipient and (office or told.recipient in scene.above(party.id)):
            yield delivery, party


def _matter(scene: Scene, delivery: str, programme: Programme, due: Callable[[WorkItem], Due]) -> str:
    """Say what a message was about in every round that it spoke of, this one first; nobody's name is in it.

    "" where it carries nothing any more.
    """
    carried = sorted(scene.records.where(Notification, delivery=delivery), key=lambda each: each.key)
    rounds = sorted({each.round for each in carried}, key=lambda slug: (slug != scene.slug, slug))
    by_round = {slug: [each for each in carried if each.round == slug] for slug in rounds}
    found = [
        _of_round(scene, each, programme, due) if slug == scene.slug else _of_another(scene, slug, each, due)
        for slug, each in by_round.items()
    ]
    return "；".join(filter(None, found))


def _of_another(scene: Scene, slug: str, carried: list[Notification], due: Callable[[WorkItem], Due]) -> str:
    """Say what was told of another round; where its rules cannot be read, only what kind of news: its fault keeps no other's news waiting."""
    row = scene.records.get(Round, slug)
    if row is None:
        return ""
    try:
        said = _of_round(Scene(scene.records, slug, scene.today), carried, frozen_programme(row.rules), due)
    except ConfigError:
        said = "、".join(dict.fromkeys(name_of(each.kind) for each in carried))
    return f"{row.title}的{said}" if said else ""


def _of_round(scene: Scene, carried: list[Notification], programme: Programme, due: Callable[[WorkItem], Due]) -> str:
    """Say what was told of one round: the work that is still open with its due days, and the news that nothing has overtaken."""
    about = {each.key: item for each in carried if each.kind not in ABOUT_ROUND and (item := scene.item(each.context.get("item", "")))}
    still = {key: item for key, item in about.items() if item.status == WorkStatus.OPEN.value}
    items = {item.id: item for item in still.values()}
    owed = sorted(items.values(), key=lambda item: (item.due_day, item.kind, item.subject))
    work = [each.text for each in gathered(owed, {item.id: due(item) for item in owed}, programme)]
    news = [_news(scene, each) for each in carried if each.key not in still and not overtaken(scene, as_told(each))]
    said = list(dict.fromkeys([*work, *news]))
    return "、".join(said[:_NAMED]) + (f"，另有{len(said) - _NAMED}件" if len(said) > _NAMED else "")


def _news(scene: Scene, each: Notification) -> str:
    about = f"（{each.subject}）" if scene.nomination(each.subject) else ""
    if "due_day" in each.context:
        about = f"（{each.context['extended']}：{day_of(each.context['due_day'])}）"
    return f"{name_of(each.kind)}{about}"
