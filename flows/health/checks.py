"""What one check came to."""

from dataclasses import dataclass
from enum import StrEnum

_NO_END = "。；："


class Level(StrEnum):
    """Well, worth knowing, or broken."""

    GOOD = "good"
    WARNING = "warning"
    BROKEN = "broken"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: ``what`` is a stable id, the rest Chinese; ``mend`` is empty where all is well."""

    what: str
    title: str
    level: Level
    found: str
    mend: str = ""


def good(what: str, title: str, found: str) -> Check:
    """Report something well."""
    return Check(what, title, Level.GOOD, found)


def warning(what: str, title: str, found: str, mend: str) -> Check:
    """Report something worth knowing."""
    return Check(what, title, Level.WARNING, found, mend)


def broken(what: str, title: str, found: str, mend: str) -> Check:
    """Report something broken."""
    return Check(what, title, Level.BROKEN, found, mend)


def one_sentence(text: str) -> str:
    """Put the lines of an error into one sentence that has no end yet."""
    first, *others = (line.rstrip(_NO_END) for line in text.splitlines())
    return f"{first}：{'；'.join(others)}" if others and text.splitlines()[0].endswith("：") else "；".join([first, *others])
