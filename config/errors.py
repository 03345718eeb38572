"""What can be wrong with a file of this room, said so that whoever edits the file can mend it."""

from collections.abc import Sequence
from dataclasses import dataclass


class ConfigError(Exception):
    """Base of this room's errors; ``str()`` is Chinese and meant for the operator."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong in one place, and how to mend it.

    ``line`` counts from 1 and is 0 where there is no place; ``field`` is a dotted path (``tiers[0].quota``), "" for the
    whole file. A ``warning`` is worth reading and refuses nothing.
    """

    file: str
    line: int
    field: str
    reason: str
    mend: str
    warning: bool = False

    def __str__(self) -> str:
        place = f"{self.file} 第{self.line}行" if self.line else self.file
        subject = f"“{self.field}”" if self.field else ""
        mend = self.mend if self.mend.endswith("？") else f"{self.mend}。"
        return f"{place}：{subject}{self.reason}。{mend}"


def unplaced(field: str, reason: str, mend: str, *, warning: bool = False) -> Problem:
    """Make a problem whose file and line are not known yet."""
    return Problem("", 0, field, reason, mend, warning)


class ProgrammeInvalid(ConfigError):
    """A programme file that cannot be used; ``problems`` holds everything found wrong in it."""

    def __init__(self, name: str, problems: Sequence[Problem]) -> None:
        self.name = name
        self.problems = tuple(problems)
        super().__init__("\n".join([f"认定办法 {name} 有 {len(problems)} 处问题：", *map(str, problems)]))


class ProgrammeNotFound(ConfigError):
    """There is no programme of this id and no file at this path; ``known`` lists the ids there are."""

    def __init__(self, wanted: str, known: Sequence[str], hint: str = "") -> None:
        self.wanted = wanted
        self.known = tuple(known)
        listed = "、".join(known) or "（无）"
        super().__init__(f"没有找到认定办法“{wanted}”{hint}。请写编号或文件路径；现有编号：{listed}。")
