"""What one check came to."""

from dataclasses import dataclass
from enum import StrEnum


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
