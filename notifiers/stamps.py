"""When this machine last alarmed of a cause, in a file: it holds also while the database is down."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

_LONGEST = 64
_said: dict[Path, datetime] = {}
"""What this process has alarmed of: the service that watches the clock lives on while its disk is full."""


class Stamp:
    """The file of one cause, locked against every other process of this machine; without one, what this process knows."""

    def __init__(self, path: Path, file: int | None) -> None:
        self._path = path
        self._file = file  # its descriptor: what a buffer could not write would break the closing

    @property
    def at(self) -> datetime | None:
        """When the last alarm left (aware); None where there was none, or where nobody can read it."""
        known = [at for at in (self._written(), _said.get(self._path)) if at is not None]
        return max(known, default=None)

    def put(self, at: datetime) -> None:
        """Note an alarm at an aware instant; on a full disk for this process alone, since that must not silence the alarm."""
        _said[self._path] = at
        if self._file is not None:
            with suppress(OSError):
                os.ftruncate(self._file, os.pwrite(self._file, at.isoformat().encode(), 0))

    def _written(self) -> datetime | None:
        if self._file is None:
            return None
        try:
            found = datetime.fromisoformat(os.pread(self._file, _LONGEST, 0).decode().strip())
        except ValueError:
            return None
        return found if found.tzinfo else None


@contextmanager
def stamped(folder: Path, cause: str) -> Iterator[Stamp]:
    """Hold the stamp of a cause; a folder that cannot be written gives one without a file, for an alarm must not fail over it."""
    path = folder / cause
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        yield Stamp(path, None)
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield Stamp(path, file)
    finally:
        os.close(file)
