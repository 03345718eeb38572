"""The home, the disk below it, and the key file."""

import base64
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.engine import make_url

from config.settings import Settings
from flows.bootstrap import LOST_KEY
from flows.health.checks import Check, broken, good, warning
from states.vault import KEY_BYTES

_LITTLE, _TOO_LITTLE = 1 << 30, 100 << 20
_OTHERS = 0o077
_MEGABYTE = 1 << 20


def home(settings: Settings) -> Check:
    """Look whether the home, or the folder in which it would be made, can be written."""
    folder = existing(settings.folder)
    if not os.access(folder, os.W_OK | os.X_OK) or not folder.is_dir():
        return broken("home", "数据目录", f"{folder} 不可写", "请收回该目录的写权限，或用 HALLMARK_HOME 指定别的目录")
    if folder != settings.folder:
        return good("home", "数据目录", f"{settings.folder} 还没有，第一次运行时建立")
    return good("home", "数据目录", f"{folder} 可写")


def outbox(settings: Settings) -> Check:
    """Look whether files for operators, and messages that become files, can be written."""
    folder = settings.outbox / "mail"
    there = existing(folder)
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return broken("outbox", "发件夹", f"{there} 不能写入", "请把它改为可以写入的文件夹；写成文件的消息和退回的工作簿都放在里面")
    return good("outbox", "发件夹", f"{settings.outbox} 可写" if there == folder else f"{folder} 还没有，第一次写入时建立")


def disk(settings: Settings) -> Check:
    """Look how much room is left for the home, and for a database that lies elsewhere: where there is less of it."""
    places = {folder: shutil.disk_usage(existing(folder)).free for folder in (settings.folder, *_of_the_database(settings))}
    folder, free = min(places.items(), key=lambda place: place[1])
    found, mend = f"{folder} 剩余 {free // _MEGABYTE} MB", "请清理磁盘，或把数据移到更大的磁盘（HALLMARK_HOME、HALLMARK_DATABASE_URL）"
    if free < _TOO_LITTLE:
        return broken("disk", "磁盘空间", found, mend)
    return warning("disk", "磁盘空间", found, mend) if free < _LITTLE else good("disk", "磁盘空间", found)


def _of_the_database(settings: Settings) -> Iterator[Path]:
    """Give the folder of a SQLite database; a server's disk is its own matter."""
    url = make_url(settings.url)
    if url.get_backend_name() == "sqlite" and url.database:
        yield Path(url.database).absolute().parent


def key(settings: Settings, *, used: bool) -> Check:
    """Look at the key file: there, readable by its owner alone, and a key; ``used`` says that a database needs it."""
    path, title = settings.key_path, "密钥文件"
    if not path.exists():
        if used:
            return broken("key", title, f"{path} 不见了", LOST_KEY)
        return good("key", title, "还没有，第一次运行时生成")
    mode = path.stat().st_mode & 0o777
    if mode & _OTHERS:
        return broken("key", title, f"权限是 {mode:04o}，他人可读", f"请执行 chmod 600 {path}")
    if not _is_key(path):
        return broken("key", title, f"{path} 的内容不是密钥", "请从保管处放回原来的密钥文件")
    return good("key", title, f"权限 {mode:04o}；请在别处另存一份")


def existing(folder: Path) -> Path:
    """Give the folder, or the nearest one above it that is there."""
    return next(each for each in _upwards(folder) if each.exists())


def _upwards(folder: Path) -> Iterator[Path]:
    yield folder
    yield from folder.parents


def _is_key(path: Path) -> bool:
    try:
        return len(base64.b64decode(path.read_text(encoding="ascii"), validate=True)) == KEY_BYTES
    except (OSError, ValueError):
        return False
