"""Real receivers on loopback: a mail server and a web server that misbehave on demand.

``from tests.receivers import SmtpReceiver, HttpReceiver``; both are context managers on a free port. ``LATE`` is longer
than any time-out that the tests use; a receiver that answers late stops waiting as soon as the sender hangs up.
"""

import asyncio
import json
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern_policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

LATE = 5.0


@dataclass(frozen=True)
class ReceivedMail:
    """One mail as the server took it: its envelope and its content, parsed and raw."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage
    raw: bytes

    @property
    def text(self) -> str:
        """The body, with line feeds between lines."""
        return str(self.message.get_content()).replace("\r\n", "\n")


@dataclass
class SmtpManners:
    """How the mail server behaves. Replies are whole lines; "" stands for the ordinary one, ``rcpt_of`` those for some addresses.

    ``after_content`` is "answer", "drop" (the mail is kept, the line is cut) or "late" (kept, the answer comes after LATE
    seconds). ``drop_at`` cuts the line when that command arrives: MAIL, RCPT or DATA.
    """

    mail: str = ""
    rcpt: str = ""
    data: str = ""
    content: str = ""
    after_content: str = "answer"
    drop_at: str = ""
    rcpt_of: dict[str, str] = field(default_factory=dict)


class _Handler:
    def __init__(self, receiver: "SmtpReceiver") -> None:
        self.receiver = receiver

    async def handle_MAIL(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        if not self.receiver.manners.mail:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return self.receiver.manners.mail or "250 OK"

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]) -> str:  # noqa: N802
        reply = self.receiver.manners.rcpt_of.get(address, self.receiver.manners.rcpt)
        if not reply:
            envelope.rcpt_tos.append(address)
        return reply or "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        manners = self.receiver.manners
        if not manners.content:
            self.receiver.keep(envelope)
        if manners.after_content == "late":
            await asyncio.sleep(LATE)
        elif manners.after_content == "drop":
            _cut(server)
        return manners.content or "250 2.0.0 queued as 4F5A"


class _Server(SMTP):
    def __init__(self, receiver: "SmtpReceiver", **options: Any) -> None:
        super().__init__(_Handler(receiver), hostname="receiver.test", **options)
        self.receiver = receiver

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        if not self._dropped("MAIL"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        if not self._dropped("RCPT"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        if self.receiver.manners.data:
            await self.push(self.receiver.manners.data)
        elif not self._dropped("DATA"):
            await super().smtp_DATA(arg)

    def _dropped(self, command: str) -> bool:
        if self.receiver.manners.drop_at == command:
            _cut(self)
            return True
        return False


def _cut(server: SMTP) -> None:
    transport = server.transport
    assert isinstance(transport, asyncio.Transport)
    transport.abort()


class SmtpReceiver:
    """A mail server on 127.0.0.1; ``tls`` is "", "implicit" or "starttls", ``login`` the only user and password that it takes."""

    def __init__(
        self,
        manners: SmtpManners | None = None,
        *,
        tls: str = "",
        context: ssl.SSLContext | None = None,
        login: tuple[str, str] | None = None,
    ) -> None:
        self.manners = manners or SmtpManners()
        self.received: list[ReceivedMail] = []
        self.logins = 0
        self._tls = tls
        self._context = context
        self._login = login
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="smtp-receiver", daemon=True)
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(5), "the mail receiver did not start"
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def url(self, parameters: str = "", user: str = "") -> str:
        """Give the address of this server for our own mail plug-in, from office@binjiang.example."""
        scheme = "hmails" if self._tls == "implicit" else "hmail"
        return f"{scheme}://{user}127.0.0.1:{self.port}/?from=office@binjiang.example{parameters}"

    def keep(self, envelope: Envelope) -> None:
        """Note a mail as taken."""
        raw = bytes(envelope.content or b"")  # type: ignore[arg-type]
        message = message_from_bytes(raw, policy=modern_policy)
        assert isinstance(message, EmailMessage)
        self.received.append(ReceivedMail(envelope.mail_from or "", tuple(envelope.rcpt_tos), message, raw))

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            self._loop.create_server(self._server, "127.0.0.1", 0, ssl=self._context if self._tls == "implicit" else None)
        )
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        try:
            self._loop.run_forever()
        finally:
            server.close()
            _cancel_all(self._loop)
            self._loop.close()

    def _server(self) -> SMTP:
        options: dict[str, Any] = {}
        if self._tls == "starttls":
            options |= {"tls_context": self._context, "require_starttls": True}
        if self._login:
            options |= {"authenticator": self._authenticate, "auth_require_tls": self._tls == "starttls"}
        return _Server(self, loop=self._loop, **options)

    def _authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object) -> AuthResult:
        assert isinstance(data, LoginPassword)
        right = self._login == (data.login.decode(), data.password.decode())
        self.logins += right
        return AuthResult(success=right, handled=False)


def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))


@dataclass(frozen=True)
class ReceivedRequest:
    """One web request as the server took it."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


@dataclass
class HttpManners:
    """How the web server behaves: ``after_request`` is "answer", "drop" (cut the line), "late" or "nonsense" (not HTTP).

    ``service`` gives what stands in the answer's body; without one it is empty.
    """

    status: int = 200
    after_request: str = "answer"
    headers: dict[str, str] = field(default_factory=dict)
    service: Callable[[ReceivedRequest], bytes] = lambda _: b""


class _HttpServer(ThreadingHTTPServer):
    request_queue_size = 128  # with the ordinary 5, senders that knock together wait a second for the second knock
    daemon_threads = True


class HttpReceiver:
    """A web server on 127.0.0.1 that keeps each request it gets."""

    def __init__(self, manners: HttpManners | None = None, context: ssl.SSLContext | None = None) -> None:
        self.manners = manners or HttpManners()
        self.received: list[ReceivedRequest] = []
        self.stopping = threading.Event()
        self._arrived = threading.Condition()
        self._server = _HttpServer(("127.0.0.1", 0), _request_handler(self))
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._scheme = "hjsons" if context else "hjson"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, name="http-receiver", daemon=True
        )
        self.port = int(self._server.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def keep(self, request: ReceivedRequest) -> None:
        """Note a request as taken."""
        with self._arrived:
            self.received.append(request)
            self._arrived.notify_all()

    def saw(self, count: int) -> bool:
        """Wait until so many requests were taken, at most LATE; a sender that hangs up may be faster than this server's thread."""
        with self._arrived:
            return self._arrived.wait_for(lambda: len(self.received) >= count, LATE) and len(self.received) == count

    def url(self, path: str = "/hook", user: str = "") -> str:
        """Give the address of this server for our own web plug-in."""
        return f"{self._scheme}://{user}127.0.0.1:{self.port}{path}"


def _request_handler(receiver: HttpReceiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # http.server's name
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            request = ReceivedRequest(self.path, dict(self.headers.items()), body)
            receiver.keep(request)
            manners = receiver.manners
            if manners.after_request == "drop":
                self.close_connection = True
            elif manners.after_request == "nonsense":
                self.wfile.write(b"what did you say?\r\n\r\n")
                self.close_connection = True
            elif manners.after_request == "late":
                receiver.stopping.wait(LATE)
                self.close_connection = True
            else:
                self._answer(manners, manners.service(request))

        def _answer(self, manners: HttpManners, body: bytes) -> None:
            self.send_response(manners.status)
            for name, value in manners.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the test's output quiet."""

    return Handler


def unused_port() -> int:
    """Give a port of 127.0.0.1 on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class LineReceiver:
    """A bare TCP server for what a proper mail server never says: it answers the n-th line with the n-th of ``replies``.

    ``replies[0]`` is the greeting. "" cuts the line; after the last one the server waits until the sender hangs up.
    """

    def __init__(self, *replies: str) -> None:
        self.lines: list[bytes] = []
        self._replies = replies
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, name="line-receiver", daemon=True)
        self.port = int(self._socket.getsockname()[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        self._socket.close()
        self._thread.join(5)

    def _serve(self) -> None:
        try:
            connection, _ = self._socket.accept()
        except OSError:
            return
        with connection, connection.makefile("rb") as lines:
            for reply in self._replies:
                if not reply:
                    return
                connection.sendall(reply.encode() + b"\r\n")
                self.lines.append(lines.readline())
            while lines.readline():
                pass
