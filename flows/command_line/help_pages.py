"""Help pages in Chinese: what the parser itself says around our own words is English."""

import re

from typer._click.core import Context
from typer.core import TyperCommand, TyperGroup

_SAID = (
    (r"^Usage: ", "用法："),
    (r"\[OPTIONS\]", "[选项]"),
    (r"COMMAND \[ARGS\]\.\.\.", "命令 [参数]..."),
    (r"^Options:$", "选项："),
    (r"^Arguments:$", "参数："),
    (r"^Commands:$", "命令："),
    (r"Show this message\s+and exit\.", "显示这份说明。[this help]"),
    (r"\[required\]", "[必填]"),
    (r"\[default:\s*", "[默认："),
    (r"\[env var:\s*", "[环境变量："),
    (r" *\[[^\[\]\n]*\.\.\.$", ""),  # English that a list of commands has cut off
)


def in_chinese(page: str) -> str:
    """Say the parser's own words of a help page in Chinese; they may be broken over two lines."""
    for english, chinese in _SAID:
        page = re.sub(english, chinese, page, flags=re.MULTILINE)
    return page


class Command(TyperCommand):
    """A command whose help is Chinese all over."""

    def get_help(self, ctx: Context) -> str:
        """Write the help page."""
        return in_chinese(super().get_help(ctx))


class Group(TyperGroup):
    """The same for ``hallmark`` itself."""

    def get_help(self, ctx: Context) -> str:
        """Write the help page."""
        return in_chinese(super().get_help(ctx))
