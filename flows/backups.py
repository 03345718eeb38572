"""Copies of a SQLite house in one archive, taken while it runs, and put back only after they were verified."""

import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path

from alembic.util import CommandError
from filelock import FileLock, Timeout

from states.clock import Chance
from states.errors import HallmarkError
from states.replay import Report, verify
from states.store import Store
from states.vault import Vault, load_key

DATABASE, KEY, MANIFEST = "hallmark.db", "vault.key", "manifest.json"
_FORMAT = 1
_PRIVATE = 0o600
_BUSY_SECONDS = 30.0
_ENTRIES = frozenset({DATABASE, KEY, MANIFEST})
_SORTS = {True: "演示数据", False: "正式数据"}


class BackupRefused(HallmarkError):
    """An archive that cannot be made or used; the sentence says why, and nothing of the house was changed."""


@dataclass(frozen=True)
class Backup:
    """What an archive holds: ``made_at`` (aware, UTC), the size of the database in bytes, and whether the key is in it."""

    file: Path
    made_at: datetime
    size: int
    with_key: bool


@dataclass(frozen=True)
class Place:
    """Where a house lives: its home, its database file and its vault's key; ``demo`` is the demo's own file, where it has one."""

    home: Path
    database: Path
    key: Path
    demo: Path | None = None


@dataclass(frozen=True)
class Restored:
    """What came of a restore. ``in_place`` is false when ``report`` found something, and the house is as it was.

    ``database`` is the file that was to be restored, ``set_aside`` where the one before it lies now.
    """

    backup: Backup
    database: Path
    report: Report
    in_place: bool
    set_aside: Path | None


def back_up(database: Path, key: Path, target: Path, now: datetime, *, with_key: bool) -> Backup:
    """Copy a running house into an archive (mode 0600); the vault's key only on request. Raises ``BackupRefused``."""
    if not database.is_file():
        raise BackupRefused(f"还没有数据库：{database} 不存在，没有可备份的内容。[nothing to back up]")
    if with_key and not key.is_file():
        raise BackupRefused(f"找不到密钥文件 {key}，不能放进备份。[no key file]")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
        copy, archive = Path(folder) / DATABASE, Path(folder) / "archive"
        _copy(database, copy)
        backup = Backup(target, now, copy.stat().st_size, with_key)
        archive.touch(mode=_PRIVATE)
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr(MANIFEST, json.dumps(_manifest(backup, copy)))
            file.write(copy, DATABASE)
            if with_key:
                file.write(key, KEY)
        archive.replace(target)
    return backup


def restore(archive: Path, place: Place, chance: Chance, *, replace: bool, even_so: bool, across: bool = False) -> Restored:
    """Put a house back from an archive, after its integrity and its whole ledger were verified on a copy.

    Refused while the service runs, and over a database that is there unless ``replace``: that one is set aside, not
    deleted. The demo goes where the demo lives; it replaces what is real, and what is real the demo, only with ``across``.
    With findings nothing is put in place unless ``even_so``. A home without a key takes the archive's. Raises
    ``BackupRefused``, and ``VaultError`` where the key is none.
    """
    key = place.key
    for folder in {place.home, place.database.parent, key.parent}:
        folder.mkdir(parents=True, exist_ok=True)
    with _nobody_at_work(place.home), tempfile.TemporaryDirectory(dir=place.database.parent, prefix=".restore-") as name:
        folder = Path(name)
        backup = _unpack(archive, folder)
        database = place.demo if place.demo and not across and is_demo(folder / DATABASE) else place.database
        if database.exists() and not replace:
            raise BackupRefused(
                f"数据库 {database} 已经存在；确要用备份替换它，请运行 hallmark restore {archive} --replace。[a database is there]"
            )
        if not across:
            _refuse_across(archive, folder / DATABASE, database)
        held_key = key if key.is_file() else folder / KEY
        if not held_key.is_file():
            raise BackupRefused(f"备份里没有密钥：请先把原来的密钥文件放回 {key}（权限 0600），再恢复。[put the key back first]")
        report = _verified(folder / DATABASE, held_key, chance)
        if report.findings and not even_so:
            return Restored(backup, database, report, in_place=False, set_aside=None)
        set_aside = _set_aside(database, backup.made_at) if database.exists() else None
        (folder / DATABASE).replace(database)
        if held_key != key:
            held_key.replace(key)
        return Restored(backup, database, report, in_place=True, set_aside=set_aside)


def _copy(database: Path, target: Path) -> None:
    """Copy a database that others write to: SQLite's own online backup gives one consistent state."""
    target.touch(mode=_PRIVATE)
    with closing(sqlite3.connect(database, timeout=_BUSY_SECONDS)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    _check_integrity(target)


def _check_integrity(database: Path) -> None:
    try:
        with closing(sqlite3.connect(database)) as connection:
            found = connection.execute("PRAGMA integrity_check").fetchall()
    except sqlite3.DatabaseError as error:
        raise BackupRefused(f"数据库文件已损坏（{error}）。[the database is damaged]") from error
    if found != [("ok",)]:
        raise BackupRefused(f"数据库文件已损坏：{found[0][0]}。[the database is damaged]")


def _manifest(backup: Backup, copy: Path) -> dict[str, object]:
    made_at = backup.made_at.astimezone(UTC).isoformat()
    return {"format": _FORMAT, "made_at": made_at, "size": backup.size, "sha256": _digest(copy), "with_key": backup.with_key}


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


def _unpack(archive: Path, folder: Path) -> Backup:
    """Unpack exactly the files that an archive of ours has. Raises ``BackupRefused`` for anything else."""
    try:
        with zipfile.ZipFile(archive) as file:
            names = set(file.namelist())
            if not {DATABASE, MANIFEST} <= names <= _ENTRIES:
                raise BackupRefused(f"“{archive.name}”不是 Hallmark 的备份文件。[not a backup of Hallmark]")
            for name in names:
                (folder / name).touch(mode=_PRIVATE)
                with file.open(name) as source, (folder / name).open("wb") as target:
                    while block := source.read(1 << 20):
                        target.write(block)
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        made_at, size, digest = datetime.fromisoformat(manifest["made_at"]), manifest["size"], manifest["sha256"]
    except (zipfile.BadZipFile, ValueError, KeyError, EOFError) as error:
        raise BackupRefused(f"“{archive.name}”不是 Hallmark 的备份文件，或已损坏。[not a backup, or damaged]") from error
    if digest != _digest(folder / DATABASE):
        raise BackupRefused(f"“{archive.name}”里的数据库与清单不符，文件已损坏。[the archive is damaged]")
    _check_integrity(folder / DATABASE)
    return Backup(archive, made_at, size, KEY in names)


def _refuse_across(archive: Path, copy: Path, database: Path) -> None:
    """Refuse to put the demo in the place of what is real, or what is real in the demo's."""
    ours, theirs = is_demo(database), is_demo(copy)
    if ours is None or theirs is None or ours is theirs:
        return
    raise BackupRefused(
        f"备份“{archive.name}”里是{_SORTS[theirs]}，要替换的 {database} 里是{_SORTS[ours]}，没有恢复，什么都没有改动。"
        "请核对备份文件；要另行查看这份备份，请用 HALLMARK_HOME 另指一个空目录再恢复（密钥文件一并放去）；"
        "确要互相替换，请加 --across。[the demo and a real house are not put in each other's place]"
    )


def is_demo(database: Path) -> bool | None:
    """Whether a database holds the demo alone; ``None`` where nothing is in it, or it cannot be read.

    A roster without any round is real: the demo never has one without its round.
    """
    if not database.is_file():
        return None
    try:
        with closing(sqlite3.connect(database, timeout=_BUSY_SECONDS)) as connection:
            demos = [bool(demo) for (demo,) in connection.execute("SELECT demo FROM round")]
            roster = connection.execute("SELECT 1 FROM party LIMIT 1").fetchone()
    except sqlite3.DatabaseError:
        return None
    return all(demos) if demos else (False if roster else None)


def _verified(database: Path, key: Path, chance: Chance) -> Report:
    """Bring the copy to the newest schema and verify its ledger, with its people and texts."""
    store = Store(f"sqlite:///{database}")
    try:
        store.migrate()
        return verify(store, Vault(load_key(key, chance), chance))
    except CommandError as error:
        raise BackupRefused("备份来自更新的版本：请先升级 Hallmark，再恢复。[the backup is of a newer version]") from error
    finally:
        store.dispose()
        _fold_log(database)


def _fold_log(database: Path) -> None:
    """Bring what SQLite keeps beside the file into it, so that the file alone is the database."""
    with closing(sqlite3.connect(database, timeout=_BUSY_SECONDS)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode=DELETE")


def _set_aside(database: Path, made_at: datetime) -> Path:
    """Rename a database with what SQLite keeps beside it; it may be damaged, so it is not opened."""
    stem = f"{database.name}.before-restore-of-{made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    taken = sum(1 for _ in database.parent.glob(f"{stem}*"))
    aside = database.with_name(f"{stem}-{taken}" if taken else stem)
    for beside in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            Path(f"{database}{beside}").replace(f"{aside}{beside}")
    return aside


@contextmanager
def _nobody_at_work(home: Path) -> Iterator[None]:
    """Hold the lock that a running service holds."""
    lock = FileLock(home / "up.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise BackupRefused("Hallmark 正在运行：请先在原窗口按 Ctrl-C 停止，再恢复。[stop the service first]") from error
    try:
        yield
    finally:
        lock.release()
