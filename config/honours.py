"""Honours that a programme knows: their names as people write them, their kinds and their levels (notice, N4, N5, N24)."""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from config.rules import Block, ClauseId, Rule, Text


class HonourKind(StrEnum):
    """What sort of honour it is; a craftsman's excludes, a nomination for one does not."""

    CRAFTSMAN = "craftsman"
    NOMINATION = "nomination"
    MODEL_WORKER = "model_worker"
    MEDAL = "medal"
    SKILL_TITLE = "skill_title"
    OTHER = "other"


class KnownHonour(Block):
    """One honour with its level; ``clause`` is the clause that speaks of it, if one does."""

    name: Text
    aliases: tuple[Text, ...] = ()
    kind: HonourKind
    level: Text
    clause: ClauseId | None = None


class HonourRules(Rule):
    """The levels, lowest first, and the honours known. One that is not known is never guessed at: it needs a person."""

    levels: Annotated[tuple[Text, ...], Field(min_length=1)]
    known: tuple[KnownHonour, ...]

    def find(self, text: str) -> KnownHonour | None:
        """Find an honour as a form names it: quotes, year, edition and the word 称号 around the name do not matter."""
        wanted = plain_name(text)
        return next((honour for honour in self.known if wanted in map(plain_name, (honour.name, *honour.aliases))), None)

    def reaches(self, honour: KnownHonour, level: str) -> bool:
        """Tell whether an honour is of this level or above. Raises ``ValueError`` for a level not listed."""
        return self.levels.index(honour.level) >= self.levels.index(level)

    def holds_any(self, held: Iterable[str], names: Iterable[str]) -> bool:
        """Tell whether one of the honours held is among those named (the exception of N24)."""
        wanted = set(names)
        return any(honour.name in wanted for honour in map(self.find, held) if honour is not None)


_AROUND = re.compile(r"[\s\"'“”‘’「」『』《》()\[\]【】·]")
_BEFORE = re.compile(r"^(?:(?:荣获|曾获|获评|获得|获)|(?:19|20)\d\d年度?|第[一二三四五六七八九十百\d]+[届批])+")
_AFTER = re.compile(r"(?:荣誉称号|称号|荣誉|(?:19|20)\d\d年度?)+$")


def plain_name(text: str) -> str:
    """Reduce an honour's name to its core: ``2021年度“杭州工匠”称号`` becomes ``杭州工匠``."""
    bare = _AROUND.sub("", unicodedata.normalize("NFKC", text))
    return _AFTER.sub("", _BEFORE.sub("", bare))
