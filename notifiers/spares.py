"""HALLMARK_ALERTS: where alarms go when no operator can be reached, and what is wrong with what somebody wrote there."""

import re
from collections.abc import Iterator

from config.channels import ChannelKind
from config.nearest import instead
from notifiers.cleaning import ascii_address
from notifiers.routes import Route, Sender

_BETWEEN = re.compile("[,，、]")
_VARIABLE = re.compile(r"\$\{?\w+\}?")


def spare_routes(setting: str) -> Iterator[Route]:
    """Read ``channel`` or ``channel:address``, several by commas; what a Chinese keyboard types for both marks is understood."""
    for part in filter(None, map(str.strip, _BETWEEN.split(setting))):
        channel, _, address = part.replace("：", ":", 1).partition(":")
        yield Route(f"spare/{part}", channel.strip(), address.strip())


def spare_problems(setting: str, sender: Sender) -> list[str]:
    """Say in Chinese of each entry that can reach nobody what is wrong with it and how to mend it."""
    found = ((route, _problem(route, sender)) for route in spare_routes(setting))
    return [f"HALLMARK_ALERTS 里的“{_named(route)}”{problem}" for route, problem in found if problem]


def _problem(route: Route, sender: Sender) -> str:
    if variable := _VARIABLE.search(f"{route.channel} {route.address}"):
        return f"里有 {variable[0]}：这里的变量不会换成它的值；请直接写渠道名和地址"
    if not route.channel:
        return "缺少渠道名；请写成“渠道名:地址”，如 mail:duty@example.com"
    if "//" in route.address:
        return "是网址；网址请写进 channels.yaml，这里只写那个渠道的名称"
    kind = sender.kind(route.channel)
    if kind is None:
        return f"不是渠道名{instead(route.channel, sender.names)}"
    return _problem_of_address(route, kind)


def _problem_of_address(route: Route, kind: ChannelKind) -> str:
    mail = f"{route.channel}:duty@example.com"
    if kind is ChannelKind.MAIL and not route.address:
        return f"没有写邮箱地址；请写成 {mail}"
    if kind is ChannelKind.MAIL and ascii_address(route.address) is None:
        return f"不是邮箱地址；请写成 {mail}"
    return "冒号后面没有地址；请补上地址，渠道不要地址的去掉冒号" if route.key.endswith((":", "：")) else ""


def _named(route: Route) -> str:
    """Name an entry without what may be a secret: somebody may have written a robot's URL."""
    return f"{route.channel}://…" if "//" in route.address else route.key.removeprefix("spare/")
