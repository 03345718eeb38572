"""The inbox: a parameter names a file inside one folder, and nothing can point outside it."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath

from states.errors import HallmarkError

MOST_BYTES = 20 * 1024 * 1024
_MEGABYTE = 1024 * 1024
_LISTED = 10
_LOCKS = ("~$", ".~lock.")


class InboxRefused(HallmarkError):
    """A file name that may not be used; the Chinese sentence says why and what is there instead."""


def inbox_file(inbox: Path, name: str) -> Path:
    """Find a file by its name inside ``inbox``; folders within it are allowed, as ``round-4/a.xlsx``.

    Gives the resolved path of a regular file of 1 byte to 20 MB. Raises ``InboxRefused`` for anything else: a name that
    points outside by whatever way (absolute, "..", backslash, a link), one that is not there, a folder, Office's locks.
    """
    plain = unicodedata.normalize("NFC", name.strip())
    _refuse_name(plain)
    found = _existing(inbox, plain)
    if not found.is_relative_to(inbox.resolve()):
        raise InboxRefused(f"“{_shown(plain)}”指向收件夹（inbox）之外，不能使用；请把文件本身放进收件夹。")
    _refuse_content(found, plain)
    return found


def _refuse_name(name: str) -> None:
    if not name or name in (".", "/"):
        raise InboxRefused("没有填写文件名；请填收件夹（inbox）中的文件名，如“推荐汇总表.xlsx”。")
    if any(unicodedata.category(character) in ("Cc", "Cf") for character in name):
        raise InboxRefused("文件名中有看不见的控制字符；请重新输入文件名。")
    path = PurePosixPath(name)
    if "\\" in name or path.is_absolute() or PureWindowsPath(name).drive or ".." in path.parts or name.startswith("~/"):
        raise InboxRefused(f"“{_shown(name)}”不是收件夹（inbox）里的文件名；只填文件名，不要带盘符、上级目录或反斜杠。")
    if path.name.startswith(_LOCKS):
        raise InboxRefused(f"“{_shown(name)}”是 Office 打开文件时的临时锁文件；请关闭 Excel，改填真正的文件名。")


def _existing(inbox: Path, name: str) -> Path:
    try:
        direct = inbox / name
        if direct.exists():
            return direct.resolve(strict=True)
    except (OSError, RuntimeError):
        raise InboxRefused(f"“{_shown(name)}”无法读取；请检查文件和它的权限。") from None
    # A file copied from a Mac has its accents apart from their letters: the same name to people.
    same = (path for path in _files(inbox) if unicodedata.normalize("NFC", path.relative_to(inbox).as_posix()) == name)
    found = next(same, None)
    if found is None:
        raise InboxRefused(_not_there(inbox, name))
    return found.resolve()


def _refuse_content(path: Path, name: str) -> None:
    if path.is_dir():
        raise InboxRefused(f"“{_shown(name)}”是文件夹；请填文件夹里的文件名，如“{_shown(name)}/推荐汇总表.xlsx”。")
    if not path.is_file():
        raise InboxRefused(f"“{_shown(name)}”不是普通文件；请把文件本身放进收件夹（inbox）。")
    size = path.stat().st_size
    if size == 0:
        raise InboxRefused(f"“{_shown(name)}”是空文件（0字节）；请重新保存或重新上传。")
    if size > MOST_BYTES:
        most = MOST_BYTES // _MEGABYTE
        raise InboxRefused(f"“{_shown(name)}”有{size / _MEGABYTE:.1f} MB，超过{most} MB；请删去图片或拆成几个文件。")


def _not_there(inbox: Path, name: str) -> str:
    """Say that a file is not there. Other files are only counted: their names may be people's."""
    count = sum(1 for _ in _files(inbox))
    if not count:
        return f"收件夹（inbox）里没有“{_shown(name)}”，也没有任何其他文件；请先把文件放进 {inbox.name} 文件夹。"
    return f"收件夹（inbox）里没有“{_shown(name)}”，现有 {count} 个其他文件；请核对文件名，连同扩展名（如 .xlsx）一起填写。"


def _files(inbox: Path) -> Iterator[Path]:
    paths = sorted(inbox.rglob("*")) if inbox.is_dir() else []
    return (path for path in paths if path.is_file() and not path.name.startswith((".", *_LOCKS)))


def _shown(name: str) -> str:
    return name if len(name) <= 80 else f"{name[:80]}…"
