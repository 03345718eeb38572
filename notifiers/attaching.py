"""Files that go with a message: how many may, and what the message says of those that do not."""

from collections.abc import Callable
from dataclasses import replace
from itertools import chain, count

from notifiers.cleaning import cut_bytes, one_line
from notifiers.outgoing import Attachment, Outgoing, Paper

Maker = Callable[[Paper], Attachment | None]
"""Makes a file; None where it cannot be made, and nothing is raised: the message goes without it."""

MOST_BYTES = 7 * 1024 * 1024
"""For all files of a message together: base64 makes 9.5 MB of it, and many mail servers take no more than 10."""

_LONGEST_NAME = 90
"""In bytes: with a message's id before it, a name still fits any file system."""

_LONGEST_SUFFIX = 5
_NO_FILE_NAME = str.maketrans(dict.fromkeys('/\\:*?"<>|', "_"))


def with_files(message: Outgoing, make: Maker | None, *, carries: bool) -> Outgoing:
    """Make the files that go with a message, under names that any system takes; the body names those that stay behind.

    A channel that ``carries`` no files only names them; without ``make`` no file can be made.
    """
    if not carries:
        named = [each.name for each in message.attachments] + [paper.name for paper in message.papers]
        return _saying(message, [f"附件：{file_name(name)}（只随邮件发送，请查收邮件或向办公室索取）" for name in named], ())
    lines = []
    files = list(message.attachments)
    for paper in message.papers:
        made = make(paper) if make else None
        files += [made] if made else []
        lines += [] if made else [f"附件“{file_name(paper.name)}”没能生成，请向办公室索取"]
    kept: list[Attachment] = []
    for each in files:
        if sum(len(one.content) for one in (*kept, each)) <= MOST_BYTES:
            kept.append(replace(each, name=_own_name(file_name(each.name), {one.name.casefold() for one in kept})))
        else:
            size = len(each.content) / 1024 / 1024
            lines.append(f"附件“{file_name(each.name)}”太大（{size:.1f} MB），没有随信发送，请向办公室索取")
    return _saying(message, lines, tuple(kept))


def _saying(message: Outgoing, lines: list[str], kept: tuple[Attachment, ...]) -> Outgoing:
    body = "\n".join([message.body.rstrip("\n"), "", *lines, ""]) if lines else message.body
    return replace(message, body=body, papers=(), attachments=kept)


def _own_name(name: str, taken: set[str]) -> str:
    """Number a name that another file of the message has, so that none overwrites it where letter case does not count either."""
    stem, dot, suffix = name.rpartition(".") if "." in name else (name, "", "")
    names = chain([name], (f"{stem}（{number}）{dot}{suffix}" for number in count(2)))
    return next(each for each in names if each.casefold() not in taken)


def file_name(text: str) -> str:
    """Give a file name that stays in its folder and that any system takes."""
    clean = one_line(text).translate(_NO_FILE_NAME).lstrip(". ")
    stem, dot, suffix = clean.rpartition(".")
    if not dot or len(suffix) > _LONGEST_SUFFIX:
        return cut_bytes(clean, _LONGEST_NAME) or "附件"
    return f"{cut_bytes(stem, _LONGEST_NAME)}.{suffix}"
