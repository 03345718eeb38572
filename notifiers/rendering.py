"""Sections become text: Jinja templates, one for each kind, in which nothing undefined and no stray line passes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache, cached_property
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from config.labels import label
from config.programme import Programme
from notifiers.cleaning import one_line, plain_text
from notifiers.kinds import MessageKind
from notifiers.sections import Section
from notifiers.tables import aligned
from notifiers.wording import contact_line, full_day

TEMPLATES = Path(__file__).with_name("templates")
MOST_LINES = 60
"""A longer list is cut, and says so."""
MOST_NUMBERS = 10
"""The English lists so many numbers, and how many there are besides."""
MOST_BRIEFLY = 5
"""A short message says so many things: what binds its reader, then the most urgent ones, and how many there are besides."""

_PARTS = ("title", "what", "why", "how", "english", "why_english", "how_english", "brief")


class Form(StrEnum):
    """The class of channel that a text is written for; each kind's template has a wording for each."""

    FULL = "full"
    BRIEF = "brief"


class Written(str):
    """Text that a template has written already: it keeps its lines."""

    __slots__ = ()


_SEPARATOR = Written("\x1e")
"""Between the parts of a section; data cannot bring one, since control characters are taken out."""


class Common(NamedTuple):
    """What every template may quote: the rules, the round's slug, whom it is to, the dashboard's address, the day.

    ``behalf_of`` is the party for whom a deputy reads it, "" where it is its own recipient's; the day of an ``example`` is
    invented, and says so.
    """

    programme: Programme
    round: str
    recipient: str
    dashboard: str
    today: date
    message_id: str = ""
    behalf_of: str = ""
    example: bool = False

    def shared(self) -> dict[str, Any]:
        """Give what is the same for everybody who is told of the round that day."""
        return {"programme": self.programme, "round": self.round, "dashboard": self.dashboard, "today": self.today}


class Matter:
    """What a message says to everybody who is told the same, each form written when it is first asked for.

    Everything raises ``TemplateError`` for a template that does not fit.
    """

    def __init__(self, pieces: "Sequence[_Piece]") -> None:
        written = [_write(piece) for piece in pieces]
        self.shared = _shared(pieces, written)
        first = written[0]["title"]
        headline = first if len(written) == 1 else f"{len(written)}件事告知您，最急的是：{first}"
        self.subject = one_line(f"【{self.shared['honours']}】{headline}")
        self.english = "\n".join(each["english"] for each in written)

    @cached_property
    def full(self) -> Written:
        """The full form from the greeting to the signature."""
        return Written(_environment().get_template("matter.j2").render(self.shared))


@dataclass(frozen=True)
class Rendered:
    """A message: a subject without full names, and a text for each class of channel, written when it is asked for.

    Both texts raise ``TemplateError`` for a template that does not fit.
    """

    matter: Matter = field(repr=False)
    common: Common = field(repr=False)

    @property
    def subject(self) -> str:
        """Its subject."""
        return self.matter.subject

    @property
    def english(self) -> str:
        """What both texts say in English, a line for each thing."""
        return self.matter.english

    @cached_property
    def body(self) -> str:
        """The full form."""
        given = {**self.matter.shared, **self.common._asdict(), "matter": self.matter.full}
        return plain_text(_environment().get_template("message.j2").render(given)).strip() + "\n"

    @cached_property
    def brief(self) -> str:
        """The short form, in which candidates are masked."""
        given = {**self.matter.shared, **self.common._asdict()}
        return one_line(_environment().get_template("brief.j2").render(given)) + "\n"

    def as_(self, form: Form) -> str:
        """Give the text for a class of channel."""
        return self.brief if form is Form.BRIEF else self.body


Wordings = dict[tuple[Any, ...], Matter]
"""What is written already: whoever is told the same at one look at the database is told it in the same words."""


class Part(NamedTuple):
    """What a message says of one round: its sections, the most urgent first."""

    sections: Sequence[Section]
    common: Common


class _Piece(NamedTuple):
    section: Section
    common: Common

    @property
    def group(self) -> tuple[str, str]:
        return self.common.programme.title, label(self.section.stage) if self.section.stage else "本届"

    @property
    def likeness(self) -> tuple[Any, ...]:
        """What makes its wording, at one look at the database."""
        section, common = self.section, self.common
        facts = tuple(sorted(section.facts.items()))
        return common.round, common.dashboard, common.today, section.kind, section.work, section.due, section.stage, section.lines, facts


def render(sections: Sequence[Section], common: Common) -> Rendered:
    """Write one message of one round. Raises ``TemplateError`` for a template that does not fit."""
    return render_parts([Part(sections, common)])


def render_parts(parts: Iterable[Part], known: Wordings | None = None) -> Rendered:
    """Write one message: grouped by round and stage, each group and what is in it by urgency, with a table above.

    What is ``known`` is not written again. Raises ``TemplateError`` for a template that does not fit.
    """
    known = {} if known is None else known
    pieces = _in_order(_Piece(section, part.common) for part in parts for section in part.sections)
    likeness = tuple(piece.likeness for piece in pieces)
    if likeness not in known:
        known[likeness] = Matter(pieces)
    return Rendered(known[likeness], pieces[0].common)


def parts_of(section: Section, common: Common) -> Mapping[str, str]:
    """Write the parts of one section by themselves, named as in ``_PARTS``. Raises ``TemplateError``."""
    return _write(_Piece(section, common))


def fits_briefly(sections: Iterable[Section]) -> bool:
    """Say whether a short message says everything that binds its reader."""
    return sum(section.binds for section in sections) <= MOST_BRIEFLY


def templates_missing() -> list[str]:
    """Give the kinds of message that lack a wording for a class of channel, for ``hallmark check``: ``reminder (brief)``."""
    return [f"{kind.value} ({form.value})" for kind in MessageKind for form in Form if not _has(kind, form)]


def _has(kind: MessageKind, form: Form) -> bool:
    path = TEMPLATES / f"{kind.value}.j2"
    if not path.is_file():
        return False
    return form is Form.FULL or "brief" in _environment().get_template(path.name).blocks


def _in_order(pieces: Iterable[_Piece]) -> list[_Piece]:
    """Order by round and stage, the group with the most urgent thing first, and by urgency inside a group."""
    ranked = sorted(pieces, key=lambda piece: piece.section.urgency)
    groups = list(dict.fromkeys(piece.group for piece in ranked))
    return sorted(ranked, key=lambda piece: groups.index(piece.group))


def _shared(pieces: Sequence[_Piece], written: Sequence[dict[str, Written]]) -> dict[str, object]:
    """Give what the forms of a message quote, listed by urgency alone; the short one, which leaves things out, has first what binds."""
    ranked = sorted(range(len(pieces)), key=lambda index: pieces[index].section.urgency)
    briefly = sorted(ranked, key=lambda index: not pieces[index].section.binds)
    common = pieces[0].common
    return {
        **common.shared(),
        "honours": _each_once(piece.common.programme.honour for piece in pieces),
        "groups": _groups(pieces, written, ranked),
        "count": len(written),
        "rounds": _each_once(piece.common.programme.title for piece in pieces),
        "slugs": _each_once(piece.common.round for piece in pieces),
        "table": Written(_table(pieces, written, ranked) if len(written) > 1 else ""),
        "day": f"{full_day(common.today)}{'（示例）' if common.example else ''}",
        "more": max(len(written) - MOST_BRIEFLY, 0),
        "binding": _binding([pieces[index].section for index in briefly[MOST_BRIEFLY:]]),
        "own_first": briefly != ranked,
        "said": [written[index]["brief"] + written[index]["english"] for index in briefly[:MOST_BRIEFLY]],
        "contacts": _contacts(pieces),
        "offices": _each_once(piece.common.programme.bodies.office for piece in pieces),
    }


def _groups(
    pieces: Sequence[_Piece], written: Sequence[dict[str, Written]], ranked: Sequence[int]
) -> list[tuple[str, list[tuple[int, dict[str, Written]]]]]:
    """Give the groups with what is in them, each by its place among all that is said."""
    numbers = [ranked.index(index) + 1 for index in range(len(pieces))]
    found = groupby(zip(pieces, numbers, written, strict=True), key=lambda each: each[0].group)
    return [(" · ".join(group), [(number, text) for _, number, text in each]) for group, each in found]


def _binding(left_out: Iterable[Section]) -> str:
    """Name the nominations of what binds the reader and is left out, "" where nothing is."""
    numbers = list(dict.fromkeys(one_line(line.number) for each in left_out if each.binds for line in each.lines if line.number))
    return f"{'、'.join(numbers[:MOST_NUMBERS])}{'等' if len(numbers) > MOST_NUMBERS else ''}"


def _table(pieces: Sequence[_Piece], written: Sequence[dict[str, Written]], ranked: Sequence[int]) -> str:
    """List everything on one line each, the most urgent first: number, due day, how far it is, stage, headline."""
    rounds = len({piece.common.round for piece in pieces}) > 1
    rows = [("序号", "期限", "还有", "环节", "事项")]
    for number, (piece, text) in enumerate(((pieces[index], written[index]) for index in ranked), start=1):
        due = piece.section.day
        stage = " · ".join(piece.group) if rounds else piece.group[1]
        rows.append((str(number), due.short if due else "—", due.left_text if due else "—", stage, text["title"]))
    return aligned(rows)


def _contacts(pieces: Sequence[_Piece]) -> list[str]:
    """Say whom to ask; of rounds that name different people each by itself."""
    by_title = {piece.common.programme.title: contact_line(piece.common.programme) for piece in pieces}
    lines = list(dict.fromkeys(by_title.values()))
    return lines if len(lines) == 1 else [f"{title}：{line}" for title, line in by_title.items()]


def _each_once(names: Iterable[str]) -> str:
    return "、".join(dict.fromkeys(names))


def _write(piece: _Piece) -> dict[str, Written]:
    """Write one section's parts: a kind's template fills the blocks that ``_kind.j2`` sets out.

    It may quote nothing that is its reader's alone: it is written once for everybody who is told the same.
    """
    section = piece.section
    lines = [str(line) for line in section.lines[:MOST_LINES]]
    more = max(section.count - MOST_LINES, 0)
    template = _environment().get_template(f"{section.kind.value}.j2")
    text = template.render(piece.common.shared(), s=section, lines=lines, more=more, separator=_SEPARATOR)
    parts = zip(_PARTS, text.split(_SEPARATOR), strict=True)
    return {part: Written(written.strip()) for part, written in parts} | {"numbers": Written(_numbers(section))}


def _numbers(section: Section) -> str:
    """List what a section is about for its English, which names nobody."""
    numbers = [one_line(line.number) for line in section.lines if line.number]
    more = f" and {len(numbers) - MOST_NUMBERS} more" if len(numbers) > MOST_NUMBERS else ""
    return ", ".join(numbers[:MOST_NUMBERS]) + more


@cache
def _environment() -> Environment:
    # Plain text: HTML escaping would only spoil it. What data brings is cut to one line instead.
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 - plain text never meets a browser
        finalize=_clean,
        auto_reload=False,  # templates do not change under a running house
    )


def _clean(value: object) -> object:
    return value if isinstance(value, Written) else one_line(value) if isinstance(value, str) else value
