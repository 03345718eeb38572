"""A message too long for its channel becomes parts, cut where a reader would pause: numbers, dates and words stay whole."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from notifiers.characters import between_characters
from notifiers.cleaning import cut_bytes

MOST_PARTS = 5
"""Whoever gets more than that from one message reads none of it."""

JOINT = 2
"""Bytes between subject and body, where a service has no title of its own."""

OMITTED = "……（余下从略，请向办公室索取全文）"
_MARKER = len("（9/9）".encode())
_PAUSES = tuple(map(re.compile, (r"\n", r"[。！？；][”’）》」』】]*|[.!?;]\s+", r"[，、：]|\s+")))
"""Behind which a message is best cut: a line, a sentence, a phrase or a word."""


_PLACE = re.compile(r"(?<![\w.])\d{1,2}\.\s*\Z")
"""The number of something in a list, which stays with what it numbers."""
_LONGEST_PLACE = len("12. ")

_OF_A_DATE = frozenset("年月")
_OPENING, _CLOSING = frozenset("（“‘《【「"), frozenset("，。、；：！？）”’》】」")
"""Marks that end no line, and such as begin none."""


class Part(NamedTuple):
    """One of the messages that a message becomes."""

    subject: str
    body: str


def split(subject: str, body: str, limit: int, most: int = MOST_PARTS) -> list[Part]:
    """Split a message into at most ``most`` (up to 9) parts of at most ``limit`` bytes, subject and marker included.

    What does not fit into them is left out, and the last part says so.
    """
    subject = _cut(subject, limit // 4)
    room = limit - len(subject.encode()) - JOINT
    if len(body.encode()) <= room:
        return [Part(subject, body)]
    chunks = list(islice(_chunks(body, room - _MARKER), most + 1))
    if len(chunks) > most and len(full := list(islice(_chunks(body, room - _MARKER, ()), most + 1))) <= most:
        chunks = full  # full parts say all where parts that end at a pause would not
    if len(chunks) > most:
        last = _cut(chunks[most - 1], room - _MARKER - len(OMITTED.encode()) - 1)
        chunks = [*chunks[: most - 1], f"{last}\n{OMITTED}"]
    return [Part(f"{subject}（{number}/{len(chunks)}）", chunk) for number, chunk in enumerate(chunks, 1)]


def _chunks(text: str, room: int, pauses: Sequence[re.Pattern[str]] = _PAUSES) -> Iterator[str]:
    while text:
        end = _end(text, room, pauses)
        chunk = text[:end].strip("\n")
        if chunk.strip():
            yield chunk
        text = text[end:]


def _end(text: str, room: int, pauses: Sequence[re.Pattern[str]]) -> int:
    """Give where to cut: at the last pause of the best kind that there is in the second half of the room, else between two words."""
    end = len(text[:room].encode()[:room].decode("utf-8", "ignore"))
    if end == len(text):
        return end
    for pause in pauses:
        cuts = [cut for found in pause.finditer(text, end // 2, end) if _whole(text, cut := found.end())]
        if cuts:
            return cuts[-1]
    return _between_words(text, end)


def _cut(text: str, limit: int) -> str:
    """Cut a text to so many bytes, as ``cut_bytes`` does, between two words."""
    short = cut_bytes(text, limit)
    return short if short in (text, "") else f"{text[: _between_words(text, len(short) - 1)]}…"


def _between_words(text: str, end: int) -> int:
    """Move a cut back to where no word, number or date is parted; one that is longer than all the room is."""
    cut = end
    while cut > 0 and not _whole(text, cut):
        cut -= 1
    return cut or between_characters(text, end)


def _whole(text: str, cut: int) -> bool:
    """Whether a cut parts no character, no word of ASCII (a nomination's number, a link), no number from its unit or its item, no mark from its text."""
    before, after = text[cut - 1 : cut], text[cut : cut + 1]
    word = "!" <= before <= "~" and "!" <= after <= "~"
    figure = (before.isdecimal() and after.isalnum()) or (before in _OF_A_DATE and after.isdecimal())
    mark = before in _OPENING or after in _CLOSING
    place = _PLACE.search(text, max(cut - _LONGEST_PLACE, 0), cut)
    return not (word or figure or mark or place) and between_characters(text, cut) == cut
