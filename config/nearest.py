"""What may have been meant by a word that is not there: one way to look for it and to say it, in every room."""

import difflib
import re
import unicodedata
from collections.abc import Iterable

MOST = 3
LIKELY = 0.6
_LISTED = 10
_ID = re.compile(r"[A-Za-z]{1,8}[-_]?[0-9]{1,5}")


def nearest(word: str, known: Iterable[str], most: int = MOST, likely: float = LIKELY) -> list[str]:
    """Give the known words nearest to a slip of typing, the nearest first; capitals, width and spaces are no difference."""
    alike: dict[str, list[str]] = {}
    for each in dict.fromkeys(known):
        alike.setdefault(_plain(each), []).append(each)
    near = difflib.get_close_matches(_plain(word), alike, n=most, cutoff=likely)
    return [each for found in near for each in alike[found]][:most]


def perhaps(word: str, known: Iterable[str]) -> str:
    """End a sentence with what is nearest; "" where nothing is. The word itself is not repeated: it may be a name."""
    near = nearest(word, known)
    return f"；最接近的是{'、'.join(f'“{each}”' for each in near)}" if near else ""


def instead(word: str, known: Iterable[str]) -> str:
    """End a sentence with what is nearest, else with what there is (ten at most); "" where nothing is known."""
    there = list(dict.fromkeys(known))
    return perhaps(word, there) or (f"；现有：{listed(there)}" if there else "")


def as_typed(word: str) -> str:
    """Quote a word that has the shape of an id, few letters and then few figures; "" for any other: it may be a name, or somebody's number."""
    plain = unicodedata.normalize("NFKC", word).strip()
    return f"“{plain}”" if _ID.fullmatch(plain) else ""


def listed(known: Iterable[str]) -> str:
    """List what there is, ten at most, and how many there are beyond."""
    there = list(dict.fromkeys(known))
    return "、".join(there[:_LISTED]) + (f" 等 {len(there)} 个" if len(there) > _LISTED else "")


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
