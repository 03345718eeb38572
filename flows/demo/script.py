"""What has happened in the demo round before anybody looks: who did what, on which working day after its opening."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from random import Random

from config.loader import find_programme, parse_programme, read_text
from flows.converting import roster_entries
from flows.workbooks.synthetic import synthetic_candidates
from flows.workbooks.synthetic_roster import synthetic_roster
from states.candidate import Candidate
from states.command import Command
from states.commands.endorsements import EndorsementRow, RecordEndorsements
from states.commands.intake import SubmitNominations, SubmittedRow
from states.commands.roster import ImportRoster
from states.commands.rounds import OpenRound
from states.tables import Nomination

PROGRAMME = "binjiang-craftsman-2023"
OPERATOR = "JB01"
DAYS_GONE = 15
"""Working days between the demo's opening and today: intake has a few days left."""
_SEED = 20230606
_BATCHES = ((3, 0, 10), (6, 10, 20), (13, 20, 24))
_SPARE = (24, 28)
_SILENT = frozenset({4, 8, 13, 17})
_DECLINED = 9


@dataclass(frozen=True)
class Scene:
    """What a step may look at: the round's slug, its opening day, and the nominations there are by then."""

    slug: str
    opens_on: date
    nominations: Callable[[], list[Nomination]]


@dataclass(frozen=True)
class Step:
    """One command, ``day`` working days after the opening; ``id`` makes it happen once."""

    id: str
    day: int
    command: Callable[[Scene], Command]


def steps() -> tuple[Step, ...]:
    """Give the story in its order."""
    intake = [Step(f"import-{number}", day, _import(first, end)) for number, (day, first, end) in enumerate(_BATCHES, start=1)]
    return (
        Step("roster", 0, lambda _: ImportRoster(operator=OPERATOR, entries=roster_entries(synthetic_roster(Random(_SEED))))),
        Step("open", 0, _open),
        intake[0],
        intake[1],
        Step("endorse-1", 7, lambda scene: _endorse(scene, 1, 6)),
        Step("endorse-2", 9, lambda scene: _endorse(scene, 7, 14)),
        Step("endorse-3", 12, lambda scene: _endorse(scene, 15, 20)),
        intake[2],
        Step("endorse-4", 14, lambda scene: _endorse(scene, 21, 22)),
    )


def demo_rules(opens_on: date, slug: str) -> str:
    """Give the real programme's text with another id, year, opening day, slug and number prefix; nothing else differs.

    The demo says that it is one in its title.
    """
    text = read_text(find_programme(PROGRAMME))
    title = parse_programme(text, PROGRAMME).title
    changes = {
        "id": slug,
        "title": f"{title}（演示）",
        "year": str(opens_on.year),
        "number_prefix": slug.upper(),
        "slug": slug,
        "opens": opens_on.isoformat(),
    }
    for field, value in changes.items():
        text, count = re.subn(rf"^{field}:.*$", f"{field}: {value}", text, count=1, flags=re.MULTILINE)
        if count != 1:
            raise LookupError(f"the programme has no line for {field}")
    parse_programme(text, slug)
    return text


def spare_candidates() -> list[Candidate]:
    """Give the candidates that nobody has entered yet; the last one's identity-card number is wrong in its check digit."""
    first, end = _SPARE
    *good, last = _candidates()[first:end]
    wrong = "0" if last.id_card[-1] != "0" else "1"
    return [*good, last.model_copy(update={"id_card": last.id_card[:-1] + wrong})]


def _candidates() -> list[Candidate]:
    return synthetic_candidates(Random(_SEED), _SPARE[1])


def _open(scene: Scene) -> Command:
    rules = demo_rules(scene.opens_on, scene.slug)
    return OpenRound(round=scene.slug, operator=OPERATOR, rules=rules, opens_on=scene.opens_on, demo=True)


def _import(first: int, end: int) -> Callable[[Scene], Command]:
    def command(scene: Scene) -> Command:
        rows = [SubmittedRow(place=f"“推荐汇总表”第{row}行", candidate=each) for row, each in enumerate(_candidates()[first:end], start=2)]
        return SubmitNominations(round=scene.slug, operator=OPERATOR, rows=tuple(rows))

    return command


def _endorse(scene: Scene, first: int, last: int) -> Command:
    """Record the opinions on some nominations, counted from 1; a few units stay silent, one refuses."""
    by_ordinal = {int(each.number.rsplit("-", 1)[1]): each for each in scene.nominations()}
    rows = [_opinion(by_ordinal[each], agrees=each != _DECLINED) for each in range(first, last + 1) if each not in _SILENT]
    return RecordEndorsements(round=scene.slug, operator=OPERATOR, rows=tuple(rows))


def _opinion(nomination: Nomination, *, agrees: bool) -> EndorsementRow:
    text = "经集体研究，同意推荐。" if agrees else "本单位另有更合适的人选，本次不予推荐。"
    return EndorsementRow(nomination=nomination.number, unit=nomination.unit, agrees=agrees, text=text)
