"""What is wrong with a command line, said in Chinese; the parser itself speaks English."""

import re
from collections.abc import Iterable, Sequence

from typer._click.exceptions import ClickException, MissingParameter, NoSuchOption

from config.nearest import nearest

_SUBJECT = re.compile(r"[^：；，。\[]+")

_SAID = (
    (r"No such command '(.+?)'.*", r"没有命令“\1”"),
    (r"No such option: (\S+).*", r"没有选项 \1"),
    (r"Missing (?:argument|parameter) '(.+?)'.*", r"缺少 \1"),
    (r"Missing option '(.+?)'.*", r"缺少选项 \1"),
    (r"Option '(.+?)' requires an argument", r"选项 \1 后面要写值"),
    (r"Got unexpected extra arguments?(?:\(s\))? \((.+)\)", r"多写了 \1"),
    (r"Invalid value for '?\[?(.+?)\]?'?: (?:File|file|Path|path|Directory|directory) '?(.+?)'? does not exist", r"“\2”不存在"),
    (r"Invalid value for '?(.+?)'?: \w+ '?(.+?)'? is a directory", r"“\2”是文件夹，这里要写文件"),
    (r"Invalid value for '?(.+?)'?: \w+ '?(.+?)'? is a file", r"“\2”是文件，\1 要写文件夹"),
    (r"Invalid value for '?(.+?)'?: \w+ '?(.+?)'? is not readable", r"“\2”没有权限读"),
    (r"Invalid value for '?(.+?)'?: \w+ '?(.+?)'? is not writable", r"“\2”没有权限写"),
    (r"Option '(.+?)' does not take a value", r"选项 \1 后面不写值"),
    (r"Invalid value for '?(.+?)'?: (?:Value error, )?'?(.+?)'? is not one of (.+)", r"\1 没有“\2”；可选：\3"),
    (r"Invalid value for '?(.+?)'?: '?(.+?)'? is nearest to (.+)", r"\1 没有“\2”；最接近的是\3"),
    (r"Invalid value for '?(.+?)'?: Input should be a valid integer.*", r"\1 要写整数"),
    (r"Invalid value for '?(.+?)'?: Input should be greater than or equal to (\d+)", r"\1 至少写 \2"),
    (r"Invalid value for '?(.+?)'?: Input should be less than or equal to (\d+)", r"\1 至多写 \2"),
    (r"Invalid value for '?(.+?)'?: (.+)", r"\1 不对：\2"),
    (r"Invalid value: (.+)", r"\1"),
)


def said_of(error: ClickException, commands: Iterable[str]) -> str:
    """Say in Chinese what is wrong with a command line, with what may have been meant by a slip of typing."""
    if isinstance(error, NoSuchOption):
        return in_chinese(error.message) + _perhaps(nearest(error.option_name, _options(error), 1, likely=0.7))
    help_text = getattr(error.param, "help", None) if isinstance(error, MissingParameter) else None
    subject = _SUBJECT.match(help_text or "")
    return in_chinese(error.format_message(), commands) + (f"（{subject[0]}）" if subject else "")


def where_to_look(arguments: Sequence[str], commands: Iterable[str]) -> str:
    """Name the help of the command that was meant, where one was."""
    return f"hallmark {arguments[0]} --help" if arguments and arguments[0] in commands else "hallmark --help"


def in_chinese(message: str, commands: Iterable[str] = ()) -> str:
    """Say a parser's message in Chinese, with a near command for a slip of typing; what is not known stays as it is."""
    plain = message.strip().rstrip(".")
    for pattern, chinese in _SAID:
        if re.fullmatch(pattern, plain, re.DOTALL):
            said = re.sub(pattern, chinese, plain, flags=re.DOTALL)
            return said + _near(plain, commands)
    return plain


def _options(error: NoSuchOption) -> list[str]:
    params = error.ctx.command.params if error.ctx else []
    return [name for param in params for name in param.opts if name.startswith("--")]


def _near(message: str, commands: Iterable[str]) -> str:
    wanted = re.match(r"No such command '(.+?)'", message) or re.search(r"'(\S+?)' is not one of (.+)", message, re.DOTALL)
    if wanted is None:
        return ""
    near = nearest(wanted[1], re.findall(r"'([^']+)'", wanted[2]) if wanted.re.groups == 2 else commands, 1)
    return _perhaps(near)


def _perhaps(near: Sequence[str]) -> str:
    return f"，是不是 {near[0]}？" if near else ""
