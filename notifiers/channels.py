"""The channels of a house: one message in, one definite outcome out."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from config.channels import ChannelConfig, ChannelConfigError, ChannelKind, Problem
from notifiers.cleaning import cut_bytes, has_control_characters, one_line, plain_text
from notifiers.file_channel import FileChannel
from notifiers.outgoing import NoChannel, Outcome, Outgoing, RefusedForGood, Sent, Unknown
from notifiers.plugins.phased import BadChannelUrl, Envelope, PhasedPlugin
from notifiers.plugins.registry import SERVICE_LIMITS, notify_once, open_plugin
from states.clock import Clock

FILE_CHANNEL = "file"

# Where a service takes its recipient in the URL; such a URL can only be opened when there is one.
_RECIPIENT = "{to}"


class _Route(Protocol):
    def deliver(self, message: Outgoing) -> Outcome: ...


class Channels:
    """Every channel by its name; a house without any delivers to files, whatever the name.

    ``names`` are in order of preference. Nothing here tries again or elsewhere: that is the outbox's to decide.
    """

    def __init__(self, configs: Sequence[ChannelConfig], outbox_mail: Path, clock: Clock, timeout: float = 15.0) -> None:
        """Open each channel once, to see that its URL is good; ``timeout`` is in seconds for each answer waited for.

        Raises ``ChannelConfigError`` with every URL that Apprise or our plug-ins cannot use.
        """
        self._files = FileChannel(outbox_mail, clock)
        self._configs = {config.name: config for config in configs}
        self._routes: dict[str, _Route] = {}
        problems: list[Problem] = []
        for config in configs:
            try:
                self._routes[config.name] = self._files if config.kind is ChannelKind.FILE else _UrlRoute(config, clock, timeout)
            except BadChannelUrl as error:
                problems.append(config.problem(str(error), "请照 channels.yaml 里的例子改正"))
        if problems:
            raise ChannelConfigError(problems)

    @property
    def names(self) -> tuple[str, ...]:
        """The channels' names, the first to be tried first."""
        return tuple(self._configs) or (FILE_CHANNEL,)

    @property
    def only_files(self) -> bool:
        """Whether nothing leaves the house: every message becomes a file."""
        return all(self.kind(name) is ChannelKind.FILE for name in self.names)

    def kind(self, name: str) -> ChannelKind | None:
        """What the channel speaks, so that the right address can be found; None where there is no such channel."""
        if not self._configs:
            return ChannelKind.FILE
        return self._configs[name].kind if name in self._configs else None

    def send(self, message: Outgoing) -> Outcome:
        """Send ``message`` through its channel, once, and say how far it got. Raises nothing for what goes wrong outside."""
        route = self._routes.get(message.channel) if self._configs else self._files
        if route is None:
            return NoChannel(f"没有名为 {one_line(message.channel)} 的渠道，请在 channels.yaml 里写上它")
        if has_control_characters(message.recipient_address):
            return RefusedForGood("收件地址里有换行或控制字符，请在名册里改正")
        clean = replace(
            message,
            recipient_address=message.recipient_address.strip(),
            subject=one_line(message.subject),
            body=plain_text(message.body),
        )
        return route.deliver(clean) if clean.body.strip() else RefusedForGood("消息没有正文")


class _UrlRoute:
    """One Apprise URL."""

    def __init__(self, config: ChannelConfig, clock: Clock, timeout: float) -> None:
        self._config = config
        self._clock = clock
        self._timeout = config.timeout or timeout
        pattern = self._pattern
        self._limit = config.limit or SERVICE_LIMITS.get(pattern.partition("://")[0].lower())
        if _RECIPIENT not in pattern:
            open_plugin(pattern)

    @property
    def _pattern(self) -> str:
        return self._config.url.get_secret_value() if self._config.url else ""

    def deliver(self, message: Outgoing) -> Outcome:
        """Send through a new plug-in: an instance carries one message's outcome."""
        try:
            plugin = open_plugin(self._pattern.replace(_RECIPIENT, quote(message.recipient_address, safe="")))
        except BadChannelUrl as error:
            return RefusedForGood(str(error))
        plugin.socket_connect_timeout = plugin.socket_read_timeout = self._timeout
        body = self._cut(message)
        if isinstance(plugin, PhasedPlugin):
            envelope = Envelope(message.message_id, message.recipient_address, self._clock.now())
            plugin.send(body, message.subject, envelope=envelope)
            return plugin.outcome
        return _coarse(notify_once(plugin, message.subject, body))

    def _cut(self, message: Outgoing) -> str:
        if self._limit is None:
            return message.body
        # Services without a title put the subject before the body, with a line break between.
        return cut_bytes(message.body, max(self._limit - len(message.subject.encode()) - 2, 0))


def _coarse(answer: bool | None) -> Outcome:
    if answer is None:
        return NoChannel("这个渠道后面没有接收方")
    if answer:
        return Sent("Apprise：已送达")
    return Unknown("Apprise 只说没有成功，说不出消息走到了哪一步")
