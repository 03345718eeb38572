"""When this machine last alarmed of a cause, in a file: it holds also while the database is down."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TextIO


class Stamp:
    """The file of one cause, locked against every other process of this machine."""

    def __init__(self, file: TextIO | None) -> None:
        self._file = file

    @property
    def at(self) -> datetime | None:
        """When the last alarm left (aware); None where there was none, or where nobody can read it."""
        if self._file is None:
            return None
        self._file.seek(0)
        try:
            found = datetime.fromisoformat(self._file.read().strip())
        except ValueError:
            return None
        return found if found.tzinfo else None

    def put(self, at: datetime) -> None:
        """Note an alarm at an aware instant."""
        if self._file is not None:
            self._file.seek(0)
            self._file.truncate()
            self._file.write(at.isoformat())
            self._file.flush()


@contextmanager
def stamped(folder: Path, cause: str) -> Iterator[Stamp]:
    """Hold the stamp of a cause; a folder that cannot be written gives an empty one, for an alarm must not fail over it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = (folder / cause).open("a+", encoding="utf-8")
    except OSError:
        yield Stamp(None)
        return
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield Stamp(file)
