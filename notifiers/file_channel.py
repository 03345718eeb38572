"""Delivery to files, for a house without any other channel."""

import os
import threading
from collections.abc import Iterable
from contextlib import suppress
from email.utils import format_datetime
from pathlib import Path

from config.os_errors import why
from notifiers.cleaning import header_text, safe_token
from notifiers.outgoing import Outcome, Outgoing, RefusedForNow, Sent
from states.clock import Clock


class FileChannel:
    """Writes each message as one UTF-8 text file, laid out like a mail, named by the message's id; its files lie beside it."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def deliver(self, message: Outgoing) -> Outcome:
        """Write ``message``, whole or not at all; the same id again leaves the first file as it is.

        The file is readable by its owner alone: it holds names and addresses.
        """
        token = safe_token(message.message_id)
        target = self._folder / f"{token}.eml"
        files = {f"{token}-{each.name}": each.content for each in message.attachments}
        try:
            if not target.exists():
                self._folder.mkdir(parents=True, exist_ok=True)
                for name, content in files.items():
                    _write_whole(self._folder / name, content)
                _write_whole(target, self._text(message, files).encode("utf-8"))
        except OSError as error:
            return RefusedForNow(f"写不进文件夹 outbox/mail（{why(error)}），请检查磁盘空间和权限")
        return Sent(f"已写入 {target.name}")

    def _text(self, message: Outgoing, files: Iterable[str]) -> str:
        headers = {
            "Message-ID": f"<{safe_token(message.message_id)}>",
            "Date": format_datetime(message.written_at(self._clock.now())),
            "To": header_text(message.recipient_address),
            "Subject": message.subject,
            "MIME-Version": "1.0",
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Transfer-Encoding": "8bit",
        }
        lines = [f"{name}: {value}" for name, value in headers.items()]
        beside = [f"附件：{name}" for name in files]
        return "\n".join([*lines, "", message.body.rstrip("\n"), *beside, ""])


def _write_whole(target: Path, content: bytes) -> None:
    # Process and thread in the name: two writers of the same message never share a half-written file.
    draft = target.with_name(f".{target.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()
