"""Where a text may be cut: between two characters as a person sees them, not inside an emoji, a flag or a syllable."""

import unicodedata

_SKIN_TONES = range(0x1F3FB, 0x1F400)
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)
"""Regional indicators: each two of them make a flag."""

_HANGUL_TAILS = (range(0x1160, 0x1200), range(0xD7B0, 0xD800))
"""Vowels and finals of a Korean syllable that is written in its parts."""


def between_characters(text: str, end: int) -> int:
    """Move a cut back so that nothing is parted from what it is drawn on; where all before it hangs together, it stays."""
    cut = end
    while 0 < cut < len(text) and _belongs_to_what_is_before(text, cut):
        cut -= 1
    return cut or end


def _belongs_to_what_is_before(text: str, index: int) -> bool:
    code = ord(text[index])
    if code in _FLAG_LETTERS:
        return _flag_letters_before(text, index) % 2 == 1
    tail = code in _SKIN_TONES or any(code in tails for tails in _HANGUL_TAILS)
    return tail or unicodedata.category(text[index]).startswith("M")


def _flag_letters_before(text: str, index: int) -> int:
    begin = index
    while begin and ord(text[begin - 1]) in _FLAG_LETTERS:
        begin -= 1
    return index - begin
