"""The channels of a house: one message in, one definite outcome out."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from config.channel_problems import ChannelConfigError, Problem
from config.channels import ChannelConfig, ChannelKind
from notifiers.attaching import Maker, with_files
from notifiers.cleaning import has_control_characters, header_text, one_line, plain_text, without_address
from notifiers.file_channel import FileChannel
from notifiers.outgoing import Load, NoChannel, NotYet, Outcome, Outgoing, RefusedForGood, Sent
from notifiers.pace import Pace
from notifiers.plugins.phased import BadChannelUrl
from notifiers.url_route import UrlRoute
from states.clock import Clock

FILE_CHANNEL = "file"
_CARRIERS = frozenset({ChannelKind.MAIL, ChannelKind.FILE})
"""Kinds that can carry files; the others name them."""


class _Route(Protocol):
    def deliver(self, message: Outgoing) -> Outcome: ...


class Channels:
    """Every channel by its name; a house without any delivers to files, whatever the name.

    ``names`` are in order of preference. Nothing here tries again or elsewhere: that is the outbox's to decide.
    """

    def __init__(
        self,
        configs: Sequence[ChannelConfig],
        outbox_mail: Path,
        clock: Clock,
        timeout: float = 15.0,
        pace: Pace | None = None,
        maker: Maker | None = None,
    ) -> None:
        """Open each channel once, to see that its URL is good; ``timeout`` is in seconds for each answer waited for.

        Without a ``pace`` no rate holds; ``maker`` makes the files that go with a message. Raises ``ChannelConfigError``
        with every URL that Apprise or our plug-ins cannot use.
        """
        self._files = FileChannel(outbox_mail, clock)
        self._maker = maker
        self._configs = {config.name: config for config in configs}
        self._routes: dict[str, _Route] = {}
        problems: list[Problem] = []
        for config in configs:
            try:
                self._routes[config.name] = self._files if config.kind is ChannelKind.FILE else UrlRoute(config, clock, timeout, pace)
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

    def definition(self, name: str) -> str:
        """Give all that makes the channel what it is, secrets filled in, for a keyed digest alone; "" where there is no such channel."""
        return self._configs[name].definition if name in self._configs else ""

    def load(self, message: Outgoing) -> Load | None:
        """Say how much room on its channel's rate it asks for; None where no rate holds.

        What turns out longer when its files are made asks for the rest as it leaves.
        """
        route = self._routes.get(message.channel)
        if not isinstance(route, UrlRoute) or not route.paced:
            return None
        carries = self.kind(message.channel) in _CARRIERS
        clean = _clean(message)
        return route.load(replace(clean, papers=()) if carries else with_files(clean, None, carries=False))

    def send(self, message: Outgoing) -> Outcome:
        """Send ``message`` through its channel, once, and say how far it got. Raises nothing for what goes wrong outside.

        ``NotYet`` where the channel's rate is used up: nothing left the house, and it may be asked again then.
        """
        route = self._routes.get(message.channel) if self._configs else self._files
        if route is None:
            return NoChannel(f"没有名为 {one_line(message.channel)} 的渠道，请在 channels.yaml 里写上它")
        if has_control_characters(message.recipient_address):
            return RefusedForGood("收件地址里有换行或控制字符，请在名册里改正", asked=False)
        clean = _clean(message)
        if not clean.body.strip():
            return RefusedForGood("消息没有正文", asked=False)
        outcome = route.deliver(with_files(clean, self._maker, carries=self.kind(message.channel) in _CARRIERS))
        return _masked(outcome, clean.recipient_address)


def _masked(outcome: Outcome, address: str) -> Outcome:
    """Take the recipient out of what the other side said: it is noted outside the vault."""
    if isinstance(outcome, NotYet):
        return outcome
    if isinstance(outcome, Sent):
        return replace(outcome, answer=without_address(outcome.answer, address))
    return replace(outcome, reason=without_address(outcome.reason, address))


def _clean(message: Outgoing) -> Outgoing:
    address, subject, body = message.recipient_address.strip(), header_text(message.subject), plain_text(message.body)
    return replace(message, recipient_address=address, subject=subject, body=body)
