"""Mail that knows how far it got: an Apprise plug-in for ``hmail://`` and ``hmails://``, speaking SMTP."""

import re
import smtplib
from contextlib import suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from typing import Any, ClassVar

from notifiers.cleaning import ascii_address, header_text, mail_domain, quotable, safe_token
from notifiers.outgoing import ChannelRefused, Outcome, RefusedForGood, RefusedForNow, Sent, Unknown
from notifiers.plugins.phased import BadChannelUrl, Envelope, PhasedPlugin, explain, tls_context
from notifiers.plugins.smtp_answers import CONTENT, refusal

Refusal = RefusedForNow | RefusedForGood | ChannelRefused


class MailPlugin(PhasedPlugin):
    """``hmails://user:password@host:465/?from=…&name=…`` or ``hmail://host:25/?from=…&tls=starttls``.

    ``hmails`` encrypts from the first byte; ``hmail`` with ``tls=starttls`` must be able to upgrade; ``hmail`` alone is
    in the clear and takes no password. ``verify=no`` trusts any certificate.
    """

    service_name = "Hallmark mail"
    protocol = "hmail"
    secure_protocol = "hmails"
    setup_url = ""
    templates = ("{schema}://{host}", "{schema}://{user}:{password}@{host}:{port}")
    parameters = frozenset({"from", "name", "tls"})
    ports: ClassVar[dict[str, int]] = {"implicit": 465, "starttls": 587, "none": 25}

    def __init__(self, sender: str = "", sender_name: str = "", tls: str = "", **parameters: Any) -> None:
        """Check sender and encryption. Raises ``BadChannelUrl``."""
        super().__init__(**parameters)
        self.tls = "implicit" if self.secure else (tls or "none")
        if self.tls not in self.ports:
            raise BadChannelUrl("参数 tls 只能写 starttls")
        if self.tls == "none" and self.password:
            raise BadChannelUrl("不加密的连接不能带密码，请改用 hmails:// 或加上 tls=starttls")
        self.sender = ascii_address(sender) or ""
        if not self.sender:
            raise BadChannelUrl("缺少发件地址，请加上 ?from=office@example.com")
        self.sender_name = header_text(sender_name)

    @staticmethod
    def parse_url(url: str, *_: Any, **__: Any) -> dict[str, Any] | None:
        """Take our own parameters out of the URL, beside Apprise's."""
        results: dict[str, Any] | None = PhasedPlugin.parse_url(url)
        if results:
            given = results["qsd"]
            results |= {"sender": given.get("from", ""), "sender_name": given.get("name", ""), "tls": given.get("tls", "").lower()}
        return results

    def deliver(self, envelope: Envelope, subject: str, body: str) -> Outcome:
        """Carry one mail to the server.

        Before the content leaves, every failure is definite: 5xx to RCPT or DATA is for good; before these it refuses the
        channel, its password or its sender; all else is for now, some of it no more than this address's (``smtp_answers``).
        From its first byte on only an answer of 2xx, 4xx or 5xx is definite; without one the outcome is unknown.
        """
        recipient = ascii_address(envelope.to)
        if recipient is None:
            return RefusedForGood("收件地址不是一个邮箱地址，请在名册里改正", asked=False)
        content = self.compose(envelope, recipient, subject, body)
        try:
            server = self._connect()
        except (OSError, ValueError) as error:  # every error of smtplib is one; a strange password or host name is the other
            return _not_let_in(error)
        try:
            return self._announce(server, recipient) or _hand_over(server, content)
        finally:
            _hang_up(server)

    def compose(self, envelope: Envelope, recipient: str, subject: str, body: str) -> bytes:
        """Write the mail itself, all ASCII on the wire (encoded words, base64), CRLF, dots not yet doubled."""
        message = EmailMessage(policy=SMTP_POLICY)
        message["From"] = Address(display_name=self.sender_name, addr_spec=self.sender)
        message["To"] = Address(addr_spec=recipient)
        message["Subject"] = header_text(subject)
        message["Date"] = envelope.date
        message["Message-ID"] = self.message_id(envelope.message_id)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(body, charset="utf-8", cte="base64")
        for each in envelope.attachments:
            main, _, sub = each.media_type.partition("/")
            message.add_attachment(each.content, maintype=main, subtype=sub, filename=each.name)
        return message.as_bytes()

    def message_id(self, message_id: str) -> str:
        """Make a Message-ID out of our id, at the sender's domain unless the id brings its own."""
        token = safe_token(message_id)
        return f"<{token}>" if "@" in token else f"<{token}@{mail_domain(self.sender)}>"

    def _connect(self) -> smtplib.SMTP:
        name = mail_domain(self.sender)  # said in EHLO; without one smtplib asks the name service for ours
        timeout = self.socket_connect_timeout
        port = int(self.port or self.ports[self.tls])
        if self.tls == "implicit":
            context = tls_context(verify=self.verify_certificate)
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.address, port, local_hostname=name, timeout=timeout, context=context)
        else:
            server = smtplib.SMTP(self.address, port, local_hostname=name, timeout=timeout)
        try:
            self._greet(server)
        except (OSError, ValueError):
            server.close()
            raise
        return server

    def _greet(self, server: smtplib.SMTP) -> None:
        if self.tls == "starttls":
            server.starttls(context=tls_context(verify=self.verify_certificate))
        server.ehlo_or_helo_if_needed()
        if self.user and self.password:
            server.login(str(self.user), str(self.password))
        if server.sock is not None:
            server.sock.settimeout(self.socket_read_timeout)

    def _announce(self, server: smtplib.SMTP, recipient: str) -> Refusal | None:
        steps = (("MAIL", f"MAIL FROM:<{self.sender}>", 2), ("RCPT", f"RCPT TO:<{recipient}>", 2), ("DATA", "DATA", 3))
        for step, command, expected in steps:
            try:
                code, text = server.docmd(command)
            except OSError as error:
                return RefusedForNow(f"邮件服务器在 {step} 这一步没有答复：{_why(error)}")
            if code // 100 != expected:
                return refusal(code, text, step)
        return None


def _hand_over(server: smtplib.SMTP, content: bytes) -> Outcome:
    try:
        server.send(re.sub(rb"(?m)^\.", b"..", content) + b".\r\n")
        code, text = server.getreply()
    except OSError as error:
        return Unknown(f"正文已经送出，但没有收到邮件服务器的答复：{_why(error)}")
    if 200 <= code <= 299:
        return Sent(f"{code} {quotable(text)}".rstrip())
    if 400 <= code <= 599:
        return refusal(code, text, CONTENT)
    return Unknown("正文已经送出，但邮件服务器的答复看不懂")


def _not_let_in(error: Exception) -> RefusedForNow | ChannelRefused:
    """Tell a server that does not answer from one that wants nothing of this channel: a wrong password, a sender it does not know."""
    reason = f"没有接通邮件服务器：{_why(error)}"
    for_good = isinstance(error, smtplib.SMTPResponseException) and 500 <= error.smtp_code <= 599
    ours = for_good or isinstance(error, smtplib.SMTPNotSupportedError | UnicodeError)
    return ChannelRefused(reason) if ours else RefusedForNow(reason)


def _hang_up(server: smtplib.SMTP) -> None:
    # The outcome is known by now; a server that does not answer QUIT changes nothing.
    with suppress(OSError):
        server.quit()
    server.close()


def _why(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"用户名或密码不对（{error.smtp_code}）"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "对方不支持所要求的加密或登录方式"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"对方答复 {error.smtp_code} {quotable(error.smtp_error)}".rstrip()
    if isinstance(error, UnicodeError):
        return "渠道地址里的用户名、密码或主机名有不能发送的字符"
    return explain(error)
