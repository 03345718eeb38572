"""Why the operating system did not do something with a file, in Chinese; it speaks English itself."""

import errno
from pathlib import Path

_SAID = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EACCES: "没有权限",
    errno.EPERM: "系统不允许",
    errno.EISDIR: "是文件夹，不是文件",
    errno.ENOTDIR: "路径中间有一段是文件，不是文件夹",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "超出了磁盘配额",
    errno.EEXIST: "已经有同名的文件或文件夹",
    errno.EROFS: "磁盘是只读的",
    errno.ENOTEMPTY: "文件夹不是空的",
    errno.ENAMETOOLONG: "文件名太长",
    errno.ELOOP: "链接绕成了圈",
    errno.EMFILE: "打开的文件太多",
    errno.EIO: "磁盘读写出错",
    errno.EBUSY: "正被别的程序使用",
    errno.ETXTBSY: "正被别的程序使用",
}


def why(error: OSError) -> str:
    """Say why in Chinese; what is not known here stays as the system says it."""
    return _SAID.get(error.errno or 0) or error.strerror or type(error).__name__


def place(error: OSError, home: Path | None = None) -> str:
    """Name the file or folder that could not be used, within the ``home`` by its short path; "" where the system names none."""
    named = error.filename2 or error.filename
    if not isinstance(named, str | Path):
        return ""
    path = Path(named)
    inside = home is not None and path != home and path.is_relative_to(home)
    return str(path.relative_to(home)) if home is not None and inside else str(path)
