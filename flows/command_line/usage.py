"""What is wrong with a command line, said in Chinese; the parser itself speaks English."""

import re
from collections.abc import Iterable

from config.nearest import nearest

_SAID = (
    (r"No such command '(.+?)'.*", r"没有命令“\1”"),
    (r"No such option: (\S+).*", r"没有选项 \1"),
    (r"Missing (?:argument|parameter) '(.+?)'.*", r"缺少 \1"),
    (r"Missing option '(.+?)'.*", r"缺少选项 \1"),
    (r"Option '(.+?)' requires an argument", r"选项 \1 后面要写值"),
    (r"Got unexpected extra arguments?(?:\(s\))? \((.+)\)", r"多写了 \1"),
    (r"Invalid value for '?\[?(.+?)\]?'?: (?:File|file|Path|path|Directory|directory) '?(.+?)'? does not exist", r"“\2”不存在"),
    (r"Invalid value for '?(.+?)'?: (?:File|file) '?(.+?)'? is a directory", r"“\2”是文件夹，这里要写文件"),
    (r"Invalid value for '?(.+?)'?: (?:Value error, )?'?(.+?)'? is not one of (.+)", r"\1 没有“\2”；可选：\3"),
    (r"Invalid value for '?(.+?)'?: '?(.+?)'? is nearest to (.+)", r"\1 没有“\2”；最接近的是\3"),
    (r"Invalid value for '?(.+?)'?: Input should be a valid integer.*", r"\1 要写整数"),
    (r"Invalid value for '?(.+?)'?: Input should be greater than or equal to (\d+)", r"\1 至少写 \2"),
    (r"Invalid value for '?(.+?)'?: Input should be less than or equal to (\d+)", r"\1 至多写 \2"),
    (r"Invalid value for '?(.+?)'?: (.+)", r"\1 不对：\2"),
    (r"Invalid value: (.+)", r"\1"),
)


def in_chinese(message: str, commands: Iterable[str] = ()) -> str:
    """Say a parser's message in Chinese, with a near command for a slip of typing; what is not known stays as it is."""
    plain = message.strip().rstrip(".")
    for pattern, chinese in _SAID:
        if re.fullmatch(pattern, plain, re.DOTALL):
            said = re.sub(pattern, chinese, plain, flags=re.DOTALL)
            return said + _near(plain, commands)
    return plain


def _near(message: str, commands: Iterable[str]) -> str:
    wanted = re.match(r"No such command '(.+?)'", message) or re.search(r"'(\S+?)' is not one of (.+)", message, re.DOTALL)
    if wanted is None:
        return ""
    near = nearest(wanted[1], re.findall(r"'([^']+)'", wanted[2]) if wanted.re.groups == 2 else commands, 1)
    return f"，是不是 {near[0]}？" if near else ""
