"""Files that go with a message: how many may, and what the message says of those that do not."""

from dataclasses import replace

from notifiers.cleaning import cut_bytes, one_line
from notifiers.outgoing import Attachment, Outgoing

MOST_BYTES = 7 * 1024 * 1024
"""For all files of a message together: base64 makes 9.5 MB of it, and many mail servers take no more than 10."""

_LONGEST_NAME = 90
"""In bytes: with a message's id before it, a name still fits any file system."""

_LONGEST_SUFFIX = 5
_NO_FILE_NAME = str.maketrans(dict.fromkeys('/\\:*?"<>|', "_"))


def fitting(message: Outgoing, *, carries: bool) -> Outgoing:
    """Keep the files that may go, under names that any system takes, and name those that stay behind in the body.

    A channel that ``carries`` no files only names them.
    """
    files = [replace(each, name=file_name(each.name)) for each in message.attachments]
    kept: list[Attachment] = []
    lines = []
    for each in files:
        if not carries:
            lines.append(f"附件：{each.name}（只随邮件发送，请查收邮件或向办公室索取）")
        elif sum(len(one.content) for one in (*kept, each)) > MOST_BYTES:
            lines.append(f"附件“{each.name}”太大（{len(each.content) / 1024 / 1024:.1f} MB），没有随信发送，请向办公室索取")
        else:
            kept.append(each)
    body = "\n".join([message.body.rstrip("\n"), "", *lines, ""]) if lines else message.body
    return replace(message, body=body, attachments=tuple(kept))


def file_name(text: str) -> str:
    """Give a file name that stays in its folder and that any system takes."""
    clean = one_line(text).translate(_NO_FILE_NAME).lstrip(". ")
    stem, dot, suffix = clean.rpartition(".")
    if not dot or len(suffix) > _LONGEST_SUFFIX:
        return cut_bytes(clean, _LONGEST_NAME) or "附件"
    return f"{cut_bytes(stem, _LONGEST_NAME)}.{suffix}"
