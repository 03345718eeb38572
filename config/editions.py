"""Which editions (届) of an honour a text speaks of."""

import re

_EDITION = re.compile(r"第\s*([一二三四五六七八九十]{1,3}|\d{1,2})\s*届")
_FIGURES = {figure: value for value, figure in enumerate("一二三四五六七八九", start=1)}


def editions_in(text: str) -> list[int]:
    """Give the editions that a text names, 第四届 as well as 第12届, in order and each once."""
    return sorted({_number(word) for word in _EDITION.findall(text)} - {0})


def _number(word: str) -> int:
    """Read 四, 十二, 二十 or 12; 0 for what is no number."""
    if word.isdigit():
        return int(word)
    tens, ten, ones = word.rpartition("十")
    units = _FIGURES.get(ones, 0)
    return units + 10 * (_FIGURES.get(tens, 1) if ten else 0)
