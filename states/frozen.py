"""A round's frozen rules, read back (wall 5)."""

from functools import lru_cache

from config.loader import parse_programme
from config.programme import Programme


@lru_cache(maxsize=32)
def frozen_programme(rules: str) -> Programme:
    """Read a round's frozen rules; the same text is parsed once."""
    return parse_programme(rules, "本届冻结的认定办法")
