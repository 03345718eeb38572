"""A message too long for its channel becomes parts, each whole characters, cut between two lines where one is near."""

from typing import NamedTuple

from notifiers.characters import between_characters
from notifiers.cleaning import cut_bytes

MOST_PARTS = 5
"""Whoever gets more than that from one message reads none of it."""

JOINT = 2
"""Bytes between subject and body, where a service has no title of its own."""

OMITTED = "……（余下从略，请向办公室索取全文）"
_MARKER = len("（9/9）".encode())


class Part(NamedTuple):
    """One of the messages that a message becomes."""

    subject: str
    body: str


def split(subject: str, body: str, limit: int, most: int = MOST_PARTS) -> list[Part]:
    """Split a message into at most ``most`` (up to 9) parts of at most ``limit`` bytes, subject and marker included.

    What does not fit into them is left out, and the last part says so.
    """
    subject = cut_bytes(subject, limit // 4)
    room = limit - len(subject.encode()) - JOINT
    if len(body.encode()) <= room:
        return [Part(subject, body)]
    chunks = _chunks(body, room - _MARKER)
    if len(chunks) > most:
        last = cut_bytes(chunks[most - 1], room - _MARKER - len(OMITTED.encode()) - 1)
        chunks = [*chunks[: most - 1], f"{last}\n{OMITTED}"]
    return [Part(f"{subject}（{number}/{len(chunks)}）", chunk) for number, chunk in enumerate(chunks, 1)]


def _chunks(text: str, room: int) -> list[str]:
    chunks = []
    while text:
        end = _end(text, room)
        chunk = text[:end].strip("\n")
        if chunk.strip():
            chunks.append(chunk)
        text = text[end:]
    return chunks


def _end(text: str, room: int) -> int:
    """Give where to cut: after the last line that ends in the second half of the room, else between two characters."""
    end = len(text.encode()[:room].decode("utf-8", "ignore"))
    if end == len(text):
        return end
    line = text.rfind("\n", end // 2, end)
    return line + 1 if line >= 0 else between_characters(text, end)
