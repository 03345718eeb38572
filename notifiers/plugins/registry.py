"""Our door into Apprise: plug-ins registered, URLs opened, its log kept quiet."""

import importlib.util
import logging
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from apprise import Apprise, AppriseAsset, NotifyFormat
from apprise.manager_plugins import NotificationManager
from apprise.plugins.base import NotifyBase

from config.channel_problems import ChannelConfigError, Problem
from config.nearest import instead
from notifiers.plugins.mail import MailPlugin
from notifiers.plugins.phased import BadChannelUrl, PhasedPlugin
from notifiers.plugins.robots import ROBOT_PLUGINS, RobotPlugin
from notifiers.plugins.web import WebPlugin

# Bytes of UTF-8 that a service takes and Apprise does not enforce.
_SERVICE_LIMITS = {"wecombot": 2048}

_NOBODY_SERVES = "Apprise 不认识这个网址；自己写的渠道，插件文件要放在主目录的 plugins 文件夹里"

_MISSPELT = "网址的写法不对，请核对主机名和端口"
_LAST_PORT = 65_535
_APPRISES_OWN = frozenset({"user", "pass", "password"})
_MARKS = ("+", "-", ":")
"""What marks a parameter that is passed on: a header, a parameter of the other side's URL."""

_quiet: ContextVar[bool] = ContextVar("apprise_is_quiet", default=False)


def open_plugin(url: str) -> NotifyBase:
    """Give a new plug-in for ``url``. Raises ``BadChannelUrl``, whose Chinese text never quotes the URL."""
    _register()
    with hushed():
        try:
            plugin = Apprise.instantiate(url, asset=_asset(), suppress_exceptions=False)
        except BadChannelUrl:
            raise
        except Exception as error:  # noqa: BLE001 - a hundred plug-ins raise what they like, and their words quote the URL
            raise BadChannelUrl(f"Apprise 不接受这个网址（{type(error).__name__}）") from None
    if plugin is None:
        raise BadChannelUrl(_MISSPELT if _server_of(url) else _NOBODY_SERVES)
    if len(plugin) != 1:
        raise BadChannelUrl("一个网址只能有一个接收方，请为每个接收方各写一个渠道")
    _check_port(plugin.port)
    if isinstance(plugin, PhasedPlugin):
        _check_parameters(plugin, url)
    return plugin


def must_be_served(url: str) -> None:
    """Raise ``BadChannelUrl`` unless some plug-in serves this kind of URL: for one that cannot be opened before there is a recipient.

    One of ours can, by whatever stands in the recipient's place.
    """
    _register()
    served = _server_of(url)
    if served is None:
        raise BadChannelUrl(_NOBODY_SERVES)
    if issubclass(served, PhasedPlugin):
        open_plugin(url)
    with hushed():
        _check_port((NotifyBase.parse_url(url, verify_host=False) or {}).get("port"))


def _server_of(url: str) -> type[NotifyBase] | None:
    """Give the plug-in that serves a kind of URL."""
    manager, scheme = NotificationManager(), url.partition("://")[0].lower()  # type: ignore[no-untyped-call]  # Apprise leaves it untyped
    known = scheme in manager.schemas()  # type: ignore[no-untyped-call]  # the same
    return manager[scheme] if known else None


def _check_port(port: int | None) -> None:
    if port is not None and not 1 <= port <= _LAST_PORT:
        raise BadChannelUrl(f"网址里的端口要在 1 到 {_LAST_PORT} 之间")


def _check_parameters(plugin: PhasedPlugin, url: str) -> None:
    """Refuse what a plug-in of ours would not read. Of Apprise's own plug-ins many read more than they declare."""
    known = {*plugin.parameters, "verify"}
    given = [name for name in (plugin.parse_url(url) or {})["qsd"] if not name.startswith(_MARKS)]
    for number, name in enumerate(given, start=1):
        if name not in {*known, *_APPRISES_OWN, *plugin.template_args}:
            raise BadChannelUrl(f"网址问号后面第{number}个参数不认识{instead(name, sorted(known))}{plugin.passed_on}")


def load_plugins(folder: Path) -> None:
    """Run each Python file of ``folder``, once, so that its ``@notify`` functions become services of Apprise.

    Raises ``ChannelConfigError`` with every file that cannot be run.
    """
    _register()
    problems = [problem for path in sorted(folder.glob("*.py")) if (problem := _load(path))]
    if problems:
        raise ChannelConfigError(problems)


@cache
def _load(path: Path) -> Problem | None:
    spec = importlib.util.spec_from_file_location(f"hallmark_plugins.{path.stem}", path)
    module = importlib.util.module_from_spec(spec) if spec else None
    try:
        with hushed():
            if spec and spec.loader and module:
                spec.loader.exec_module(module)
    except Exception as error:  # noqa: BLE001 - somebody else's code may raise anything, and it must not take the house down unnamed
        mend = "请照 docs/channels.zh-CN.md 里的例子改正，或移走这个文件"
        reason = f"这个渠道插件运行不了（{type(error).__name__}）"
        return Problem(file=str(path), line=_line_in(path, error), field="", reason=reason, mend=mend)
    return None


def _line_in(path: Path, error: Exception) -> int | None:
    """Give the line of a file at which it failed: its last own one where something that it called did."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return error.lineno
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return lines[-1] if lines else None


def limit_of(plugin: NotifyBase) -> int | None:
    """Give how many bytes of UTF-8 the service behind a plug-in takes in one message; None where it takes any number."""
    if isinstance(plugin, RobotPlugin):
        return plugin.limit
    if isinstance(plugin, PhasedPlugin):
        return None
    # Apprise counts characters, and a character has at least one byte.
    return _SERVICE_LIMITS.get(str(plugin.secure_protocol)) or int(plugin.body_maxlen)


def notify_once(plugin: NotifyBase, subject: str, body: str) -> bool | None:
    """Send through Apprise's own plug-in, once: True, False (which says nothing of how far it got), or None for nobody."""
    house = Apprise(asset=_asset())
    house.add(plugin)
    with hushed():
        return house.notify(body=body, title=subject, body_format=NotifyFormat.TEXT)


@contextmanager
def hushed() -> Iterator[None]:
    """Drop what Apprise and its HTTP library log meanwhile in this thread: URLs with tokens, addresses and bodies."""
    _install_filters()
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)


@cache
def _asset() -> AppriseAsset:
    # In sequence and in our thread, so that hushed() reaches it; a non-ASCII app_id would break HTTP headers.
    return AppriseAsset(app_id="Hallmark", app_desc="Hallmark", async_mode=False)


@cache
def _register() -> None:
    with warnings.catch_warnings():
        # Apprise loads all its plug-ins at once, and some of them lean on modules that Python is about to drop.
        warnings.simplefilter("ignore", DeprecationWarning)
        _add_plugins()


def _add_plugins() -> None:
    manager = NotificationManager()  # type: ignore[no-untyped-call]  # Apprise leaves its manager untyped
    for plugin in (MailPlugin, WebPlugin, *ROBOT_PLUGINS):
        manager.add(plugin, force=True)  # type: ignore[no-untyped-call]  # the same


@cache
def _install_filters() -> None:
    for name in ("apprise", "urllib3.connectionpool", "requests_oauthlib"):
        logging.getLogger(name).addFilter(lambda _: not _quiet.get())
