"""What our own Apprise plug-ins share: they know how far a message got, which Apprise's True or False cannot say."""

import http.client
import smtplib
import socket
import ssl
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, ClassVar

from apprise.plugins.base import NotifyBase

from notifiers.outgoing import Attachment, Outcome, RefusedForGood, Sent


class BadChannelUrl(TypeError):
    """A URL that a plug-in of ours cannot use. The text is Chinese and never quotes the URL."""


@dataclass(frozen=True)
class Envelope:
    """What Apprise's own ``send`` has no place for: the message's id, its recipient, its date (aware), its files."""

    message_id: str
    to: str
    date: datetime
    attachments: tuple[Attachment, ...] = ()


# Apprise declares its class attributes as None and leaves its constructors untyped: no typed class can derive from it.
_UntypedBase: Any = NotifyBase


class PhasedPlugin(_UntypedBase):  # type: ignore[misc]
    """A plug-in that leaves its last ``Outcome`` in ``outcome``.

    One instance serves one message: make a new one for each send. Time-outs are Apprise's ``socket_connect_timeout``
    and ``socket_read_timeout``, in seconds, for each single answer waited for.
    """

    parameters: ClassVar[frozenset[str]] = frozenset()
    """What of its own may stand behind the question mark, beside what Apprise reads itself."""
    passed_on: ClassVar[str] = ""
    """How anything else is passed on to the other side, said to whoever writes an unknown one."""

    # Apprise would otherwise wait 5.5 seconds between two messages.
    request_rate_per_sec = 0

    def __init__(self, **parameters: Any) -> None:
        """Take what Apprise parsed out of the URL. Raises ``BadChannelUrl`` where it cannot be used."""
        super().__init__(**parameters)
        self.outcome: Outcome = RefusedForGood("还没有发送", asked=False)
        if not self.host:
            raise BadChannelUrl("网址里没有主机名")

    def send(
        self,
        body: str,
        title: str = "",
        *,
        envelope: Envelope | None = None,
        **_: Any,
    ) -> bool:
        """Send one message and keep its outcome; True only where the other side took it."""
        if envelope is None:
            self.outcome = RefusedForGood("没有编号和收件地址的消息不能发送", asked=False)
        else:
            self.outcome = self.deliver(envelope, title, body)
        return isinstance(self.outcome, Sent)

    def deliver(self, envelope: Envelope, subject: str, body: str) -> Outcome:
        """Send one message and say how far it got."""
        raise NotImplementedError

    @property
    def address(self) -> str:
        """The host as a socket wants it: IPv6 without its brackets."""
        return str(self.host).strip("[]")


_WHY: tuple[tuple[type[Exception], str], ...] = (
    (smtplib.SMTPServerDisconnected, "连接被对方中断，或没有在时限内答复"),
    (TimeoutError, "对方没有在时限内答复"),
    (ConnectionRefusedError, "对方拒绝连接"),
    (ConnectionError, "连接被对方中断"),
    (socket.gaierror, "主机名解析不了"),
    (ssl.SSLCertVerificationError, "对方的 TLS 证书不可信"),
    (ssl.SSLError, "TLS 连接出错"),
    (http.client.HTTPException, "对方的答复不是 HTTP"),
)


@cache
def tls_context(*, verify: bool) -> ssl.SSLContext:
    """Give the context for every encrypted connection: reading the machine's certificates takes longer than sending a message."""
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def explain(error: Exception) -> str:
    """Say in Chinese why a connection failed; never the library's own words, which may quote what was sent."""
    return next((words for kind, words in _WHY if isinstance(error, kind)), f"连接出错（{type(error).__name__}）")
