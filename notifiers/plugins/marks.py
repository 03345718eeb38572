"""What of a text a service of Apprise's would read as a mark or as a mention, and what is written instead."""

from apprise import NotifyFormat
from apprise.plugins.base import NotifyBase

from notifiers.cleaning import without_markdown
from notifiers.plugins.phased import PhasedPlugin
from notifiers.plugins.robots import FeishuPlugin, RobotPlugin

_DATA = frozenset({"json", "jsons", "xml", "xmls", "form", "forms", "mailto", "mailtos"})
"""Mail, and services that hand the text on as a field to somebody's own program: it has no marks there but those of its format."""


def escaped(plugin: NotifyBase, text: str) -> str:
    """Give a text so that nothing in it is a mark of the format or mentions anybody; Apprise itself escapes for HTML."""
    if isinstance(plugin, RobotPlugin):
        return plugin.escape(text)
    if isinstance(plugin, PhasedPlugin):
        return text
    if plugin.notify_format == NotifyFormat.MARKDOWN:
        text = without_markdown(text)
    return text if _takes_data(plugin) else _without_mentions(plugin, text)


def _takes_data(plugin: NotifyBase) -> bool:
    named = [*_schemes(plugin.protocol), *_schemes(plugin.secure_protocol)]
    return bool(named) and _DATA.issuperset(named)


def _schemes(named: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return (named,) if isinstance(named, str) else named or ()


def _without_mentions(plugin: NotifyBase, text: str) -> str:
    # A service says of itself that it speaks plain text, and still knows <at …>, <@…>, <!here>, @all, bold type and links.
    text = text.replace("@", "＠")
    return FeishuPlugin.escape(text) if plugin.notify_format == NotifyFormat.TEXT else text
