"""What somebody owes in a round, by kind of work and due day: said where all due times moved at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from config.labels import english, label
from config.programme import Programme
from config.vocabulary import Audience, PartyKind, Stage, WorkKind, WorkStatus
from notifiers.messages import Told
from notifiers.scene import Scene
from notifiers.wording import Due, Line
from states.tables import Party, WorkItem

_NAMED = 3
_BY_CLOCK = (WorkKind.CLOSE_INTAKE, WorkKind.NOTICE_COMPLETION)
"""Work that nobody has to do where the programme lets the clock do it; a correction its unit owes all the same."""


@dataclass(frozen=True)
class Owed:
    """Open work of one kind that is due on one day; ``named`` are the numbers of nominations and batches that it is about."""

    work: WorkKind
    due: Due
    count: int
    named: tuple[str, ...] = ()
    by_clock: bool = False

    @property
    def text(self) -> str:
        """The whole in Chinese: what, about which and how many, until when."""
        more = "等" if len(self.named) > _NAMED else ""
        named = "、".join(self.named[:_NAMED]) + more
        about = f"{self.count}项：{named}" if self.count > 1 and named else f"{self.count}项" if self.count > 1 else named
        return f"{label(self.work)}{f'（{about}）' if about else ''}：{self.due.long}{'，届时系统自动办理' if self.by_clock else ''}"

    @property
    def briefly(self) -> str:
        """The same for a short message."""
        return f"{label(self.work)}{f'（{self.count}项）' if self.count > 1 else ''}：{self.due.long}"

    @property
    def english(self) -> str:
        """The same in English."""
        return f"{english(self.work)}{f' ({self.count})' if self.count > 1 else ''}: {self.due.english}"


def owed_items(scene: Scene, party: str) -> list[WorkItem]:
    """Give the open work of a party, and of a body that it stands for, the earliest due first."""
    kinds = (PartyKind.DISTRICT_OFFICE, PartyKind.LEADING_GROUP)
    stands_for = [each.id for kind in kinds for each in scene.of_kind(kind) if party in scene.heads(each.id)]
    owners = sorted({party, *stands_for})
    items = scene.records.where(WorkItem, round=scene.slug, status=WorkStatus.OPEN.value, owner=owners)
    return sorted(items, key=lambda item: (item.due_day, item.kind, item.subject, item.id))


def late_one(scene: Scene, told: Told, item: WorkItem) -> Party | None:
    """Give who is late, to whoever hears of it: the owner of now; to a superior of the former one alone, that one."""
    stranger = told.context["audience"] == Audience.SUPERIOR and told.recipient not in scene.above(item.owner)
    return scene.party(told.context.get("owner", item.owner) if stranger else item.owner)


def gathered(items: list[WorkItem], dues: dict[str, Due], programme: Programme) -> Iterator[Owed]:
    """Put together what is of one kind and due on one day; ``dues`` gives the due day of each item as it stands."""
    for (_, kind), group in groupby(items, key=lambda item: (item.due_day, item.kind)):
        alike, work = list(group), WorkKind(kind)
        named = tuple(dict.fromkeys(item.subject for item in alike if item.subject != item.round))
        yield Owed(work, dues[alike[0].id], len(alike), named, work in _BY_CLOCK and programme.by_clock(work))


def owed_lines(owed: list[Owed]) -> tuple[Line, ...]:
    """List it, the earliest due first."""
    return tuple(Line(note=each.text, place=place) for place, each in enumerate(owed))


def owed_facts(owed: list[Owed]) -> dict[str, str]:
    """Give the words of a short message, and the English ones, with how many more there are."""
    more = len(owed) - _NAMED
    some = owed[:_NAMED]
    return {
        "owed": "；".join(each.briefly for each in some) + (f"；另有{more}项" if more > 0 else ""),
        "owed_english": "; ".join(each.english for each in some) + (f"; and {more} more" if more > 0 else ""),
    }


def clause_of(programme: Programme, item: WorkItem) -> str:
    """Give the clause that a work item rests on, "" where it is the programme's own rule."""
    kind = WorkKind(item.kind)
    if kind == WorkKind.ENDORSEMENT:
        return programme.recommendation.clauses[-1]
    if kind == WorkKind.CLEARANCE:
        return next((each.clause for each in programme.clearances if each.id == item.detail and each.clause), "")
    if kind == WorkKind.BENEFIT:
        return next((each.clause for each in programme.benefits if each.kind == item.detail), "")
    return programme.stages[Stage(item.stage)].clause or ""
