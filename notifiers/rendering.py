"""Sections become text: Jinja templates, one for each kind, in which nothing undefined and no stray line passes."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from config.programme import Programme
from notifiers.cleaning import one_line, plain_text
from notifiers.kinds import MessageKind
from notifiers.sections import Section
from notifiers.wording import full_day

TEMPLATES = Path(__file__).with_name("templates")
MOST_LINES = 60
"""A longer list is cut, and says so."""

_PARTS = ("title", "what", "why", "how", "english")


class Written(str):
    """Text that a template has written already: it keeps its lines."""

    __slots__ = ()


_SEPARATOR = Written("\x1e")
"""Between the parts of a section; data cannot bring one, since control characters are taken out."""


class Common(NamedTuple):
    """What every template may quote: the rules, the round's slug, whom it is to, the dashboard's address, the day."""

    programme: Programme
    round: str
    recipient: str
    dashboard: str
    today: date
    message_id: str = ""


class Rendered(NamedTuple):
    """A message: a subject without full names, and a body."""

    subject: str
    body: str


def render(sections: Sequence[Section], common: Common) -> Rendered:
    """Write one message of its sections, in their order. Raises ``TemplateError`` for a template that does not fit."""
    written = [_write(section, common) for section in sections]
    first = written[0]["title"]
    headline = first if len(written) == 1 else f"{len(written)}件事告知您，最急的是：{first}"
    shared = {**common._asdict(), "sections": written, "day": full_day(common.today)}
    body = _environment().get_template("message.j2").render(shared)
    return Rendered(one_line(f"【{common.programme.honour}】{headline}"), plain_text(body).strip() + "\n")


def templates_missing() -> list[str]:
    """Give the kinds of message that have no template, for ``hallmark check``."""
    return [kind.value for kind in MessageKind if not (TEMPLATES / f"{kind.value}.j2").is_file()]


def _write(section: Section, common: Common) -> dict[str, Written]:
    """Write one section's parts: a kind's template fills the blocks that ``_kind.j2`` sets out."""
    lines = [str(line) for line in section.lines[:MOST_LINES]]
    more = max(section.count - MOST_LINES, 0)
    template = _environment().get_template(f"{section.kind.value}.j2")
    text = template.render(common._asdict(), s=section, lines=lines, more=more, separator=_SEPARATOR)
    return {part: Written(written.strip()) for part, written in zip(_PARTS, text.split(_SEPARATOR), strict=True)}


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
    )


def _clean(value: object) -> object:
    return value if isinstance(value, Written) else one_line(value) if isinstance(value, str) else value
