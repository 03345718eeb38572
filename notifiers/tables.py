"""Plain-text tables whose columns stand straight, although a Chinese character is as wide as two others."""

import unicodedata
from collections.abc import Sequence

_WIDE = frozenset("WFA")
"""East Asian widths that take two columns; in a Chinese font the ambiguous ones (“ ” · —) do too."""


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Write rows under each other, columns two blanks apart; the last column is not filled up."""
    widths = [max(width(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    return "\n".join("  ".join([*(_filled(cell, room) for cell, room in zip(row, widths, strict=False)), row[-1]]) for row in rows)


def width(text: str) -> int:
    """Give how many columns a text takes."""
    return sum(2 if unicodedata.east_asian_width(character) in _WIDE else 1 for character in text)


def _filled(text: str, room: int) -> str:
    return text + " " * (room - width(text))
