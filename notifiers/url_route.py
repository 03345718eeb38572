"""One Apprise URL as a channel: opened anew for each message, within its limit and its rate, part by part."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

from apprise import NotifyFormat
from apprise.plugins.base import NotifyBase
from sqlalchemy.exc import SQLAlchemyError

from config.channels import ROBOTS, ChannelConfig
from config.rates import Rate
from notifiers.outgoing import (
    ChannelRefused,
    Load,
    NoChannel,
    NotYet,
    Outcome,
    Outgoing,
    RefusedForGood,
    RefusedForNow,
    Rest,
    Sent,
    Unknown,
)
from notifiers.pace import Pace
from notifiers.plugins.marks import escaped
from notifiers.plugins.phased import BadChannelUrl, Envelope, PhasedPlugin
from notifiers.plugins.registry import limit_of, must_be_served, notify_once, open_plugin
from notifiers.plugins.robots import RobotPlugin
from notifiers.plugins.telling import forget, said
from notifiers.splitting import MOST_PARTS, Part, split
from states.clock import Clock
from states.errors import HallmarkError

PATIENCE = timedelta(minutes=2)
"""After that long no further part is begun: a message must have ended long before its deliverer counts as stuck."""

# Where a service takes its recipient in the URL; such a URL can only be opened when there is one.
_RECIPIENT = "{to}"
_SOMEBODY = "0000"
"""Stands in its place while the rest of the URL is looked at."""


class UrlRoute:
    """One channel with a URL. Raises ``BadChannelUrl`` for one that cannot be used."""

    def __init__(self, config: ChannelConfig, clock: Clock, timeout: float, pace: Pace | None) -> None:
        self._config = config
        self._clock = clock
        self._timeout = config.timeout or timeout
        self._pace = pace
        if _RECIPIENT in self._pattern:
            must_be_served(self._pattern.replace(_RECIPIENT, _SOMEBODY))
        else:
            self._open("")

    @property
    def _pattern(self) -> str:
        return self._config.url.get_secret_value() if self._config.url else ""

    def _open(self, recipient: str) -> NotifyBase:
        if _RECIPIENT in self._pattern.partition("?")[0] and _leaves_its_place(recipient):
            raise BadChannelUrl("收件地址里有斜线或只有点，不能写进网址，请在名册里改正")
        plugin = open_plugin(self._pattern.replace(_RECIPIENT, quote(recipient, safe="")))
        plugin.socket_connect_timeout = plugin.socket_read_timeout = self._timeout
        return plugin

    def deliver(self, message: Outgoing) -> Outcome:
        """Send every part in turn, once; later parts leave only after the first was taken."""
        try:
            plugin = self._open(message.recipient_address)
        except BadChannelUrl as error:
            return RefusedForGood(str(error), asked=False)
        rate = self._rate(plugin)
        todo = self._todo(plugin, message, rate)
        return self._wait(rate, len(todo.parts) - message.room) or self._blamed(self._send_all(message, todo, plugin))

    @property
    def paced(self) -> bool:
        """Whether there may be a rate that holds."""
        return self._pace is not None and (self._config.rate is not None or self._config.kind in ROBOTS)

    def load(self, message: Outgoing) -> Load | None:
        """Say how much room a message asks for, where a rate holds."""
        try:
            plugin = self._open(message.recipient_address)
        except BadChannelUrl:
            return None
        rate = self._rate(plugin)
        return Load(rate, len(self._todo(plugin, message, rate).parts)) if rate else None

    def _todo(self, plugin: NotifyBase, message: Outgoing, rate: Rate | None) -> Rest:
        return message.rest or _whole(self._parts(plugin, message, rate))

    def _blamed(self, outcome: Outcome) -> Outcome:
        """Where the URL itself takes the recipient, an address that nobody knows there is the recipient's and not the channel's."""
        theirs = isinstance(outcome, ChannelRefused) and outcome.by_address and _RECIPIENT in self._pattern
        return RefusedForGood(outcome.reason, rest=outcome.rest) if theirs and isinstance(outcome, ChannelRefused) else outcome

    def _wait(self, rate: Rate | None, parts: int) -> NotYet | RefusedForNow | None:
        if self._pace is None or rate is None or parts <= 0:
            return None
        try:
            until = self._pace.take(self._config.name, rate, parts)
        except (HallmarkError, SQLAlchemyError) as error:
            return RefusedForNow(f"查不到渠道的限额，没有发送（{type(error).__name__}）")
        return NotYet(until) if until else None

    def _rate(self, plugin: NotifyBase) -> Rate | None:
        own = self._config.rate
        if not isinstance(plugin, RobotPlugin):
            return own
        return Rate((*own.limits, *plugin.rate.limits)) if own and plugin.is_public else own or plugin.rate

    def _limit(self, plugin: NotifyBase) -> int | None:
        own, service = self._config.limit, limit_of(plugin)
        # More than a public service takes would be refused as too long; a gateway may take more.
        return min(own, plugin.limit) if own and isinstance(plugin, RobotPlugin) and plugin.is_public else own or service

    def _parts(self, plugin: NotifyBase, message: Outgoing, rate: Rate | None) -> list[Part]:
        subject, body = escaped(plugin, message.subject), _lined(plugin, escaped(plugin, message.body))
        limit = self._limit(plugin)
        most = min(MOST_PARTS, rate.fewest) if rate else MOST_PARTS
        return split(subject, body, limit, most) if limit else [Part(subject, body)]

    def _send_all(self, message: Outgoing, todo: Rest, plugin: NotifyBase) -> Outcome:
        began = self._clock.now()
        outcome: Outcome = self._send(plugin, message, todo, todo.first)
        for number in range(todo.first + 1, todo.total + 1):
            if not isinstance(outcome, Sent):
                return _cut_off(todo, number - 1, outcome)
            if self._clock.now() - began > PATIENCE:
                return NotYet(self._clock.now(), _left(todo, number))
            # A plug-in carries one message's outcome: the next part needs a new one.
            outcome = self._send(self._open(message.recipient_address), message, todo, number)
        if not isinstance(outcome, Sent):
            return _cut_off(todo, todo.total, outcome)
        return Sent(f"{outcome.answer}（共{todo.total}部分）") if todo.total > 1 else outcome

    def _send(self, plugin: NotifyBase, message: Outgoing, todo: Rest, number: int) -> Outcome:
        subject, body = todo.parts[number - todo.first]
        if not isinstance(plugin, PhasedPlugin):
            forget()
            return _coarse(notify_once(plugin, subject, body))
        part_id = message.message_id if todo.total == 1 else f"{message.message_id}.{number}"
        files = message.attachments if number == 1 else ()
        envelope = Envelope(part_id, message.recipient_address, message.written_at(self._clock.now()), files)
        plugin.send(body, subject, envelope=envelope)
        return plugin.outcome


def _lined(plugin: NotifyBase, body: str) -> str:
    """Keep the lines of a body apart where Markdown would join them."""
    joins = not isinstance(plugin, PhasedPlugin) and plugin.notify_format == NotifyFormat.MARKDOWN
    return body.replace("\n", "  \n") if joins else body


def _leaves_its_place(recipient: str) -> bool:
    """Whether an address would lead to another place of a URL's path than the one that was left for it."""
    return not recipient.strip(".") or not {"/", "\\"}.isdisjoint(recipient)


def _whole(parts: list[Part]) -> Rest:
    return Rest(1, len(parts), tuple((part.subject, part.body) for part in parts))


def _cut_off(todo: Rest, number: int, outcome: Outcome) -> Outcome:
    """Say what a part that was not taken makes of its message; before the first one nothing has arrived.

    Sending all of it again would tell the first parts twice: only the rest may leave, by itself where its refusal is definite.
    """
    if number == 1 or isinstance(outcome, Sent | NotYet):
        return outcome
    arrived = "第1部分" if number == 2 else f"第1至{number - 1}部分"
    said, left = f"共{todo.total}部分，{arrived}已送达，第{number}部分", _left(todo, number)
    if isinstance(outcome, Unknown):
        return Unknown(f"{said}没有确认送达（{outcome.reason}）；不再自动重发，请人工补发余下部分", left)
    if isinstance(outcome, NoChannel):
        return RefusedForGood(f"{said}没有送出（{outcome.reason}）", asked=False, rest=left)
    return replace(outcome, reason=f"{said}被拒收（{outcome.reason}）", rest=left)


def _left(todo: Rest, number: int) -> Rest:
    return Rest(number, todo.total, todo.parts[number - todo.first :])


def _coarse(answer: bool | None) -> Outcome:
    if answer is None:
        return NoChannel("这个渠道后面没有接收方")
    if answer:
        return Sent("Apprise：已送达")
    return said() or Unknown("Apprise 只说没有成功，说不出消息走到了哪一步")
