"""Which files go with a message: an expert's empty score sheets, the text of a public notice."""

from collections.abc import Sequence

from config.vocabulary import WorkKind
from notifiers.kinds import MessageKind
from notifiers.outgoing import Paper, PaperKind
from notifiers.rendering import Part


def papers_of(parts: Sequence[Part], party: str) -> tuple[Paper, ...]:
    """Give the files that belong to what a party is told; each is made only where a channel can carry it."""
    return tuple(dict.fromkeys(paper for part in parts for paper in _of_round(part, party)))


def _of_round(part: Part, party: str) -> list[Paper]:
    slug = part.common.round
    found = []
    for section in part.sections:
        if section.kind == MessageKind.WORK_OPENED and section.work == WorkKind.SCORE_SHEET:
            numbers = tuple(line.number for line in section.lines)
            found.append(Paper(PaperKind.SCORE_SHEET, f"评分表-{slug}-{party}.xlsx", slug, party, numbers))
        elif section.kind == MessageKind.NOTICE_PUBLISHED and section.facts.get("batch"):
            batch = section.facts["batch"]
            found.append(Paper(PaperKind.NOTICE, f"公示-{batch}.txt", slug, batch))
    return found
