"""Receivers on loopback, and channels that speak to them."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from config.channels import ChannelConfig, ChannelKind
from notifiers.channels import Channels
from notifiers.outgoing import Outgoing
from states.clock import VirtualClock
from tests.receivers import HttpReceiver, SmtpReceiver

NOON = datetime(2023, 6, 19, 4, 0, tzinfo=UTC)  # 12:00 in Beijing
TIMEOUT = 1.0
"""Seconds for a receiver that is to answer too late; less than it takes."""
PATIENT = 20.0
"""Seconds for every other one: it answers as soon as a busy machine lets it."""


def patience(manner: str) -> float:
    """Give the time-out for a receiver's manner."""
    return TIMEOUT if manner == "late" else PATIENT


@pytest.fixture
def smtp() -> Iterator[SmtpReceiver]:
    with SmtpReceiver() as receiver:
        yield receiver


@pytest.fixture
def http() -> Iterator[HttpReceiver]:
    with HttpReceiver() as receiver:
        yield receiver


@pytest.fixture
def receivers() -> Iterator[ExitStack]:
    """A place to start further receivers, stopped when the test is over."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def outbox_mail(tmp_path: Path) -> Path:
    return tmp_path / "outbox" / "mail"


ChannelsMaker = Callable[..., Channels]


@pytest.fixture
def channel_to(outbox_mail: Path) -> ChannelsMaker:
    """Channels with one, named "it", that speaks to ``url``."""

    def make(url: str, kind: ChannelKind = ChannelKind.MAIL, limit: int | None = None, timeout: float = PATIENT) -> Channels:
        config = ChannelConfig(name="it", kind=kind, url=SecretStr(url), limit=limit, file="channels.yaml", line=3)
        return Channels([config], outbox_mail, VirtualClock(NOON), timeout=timeout)

    return make


@pytest.fixture
def files(outbox_mail: Path) -> Channels:
    """The channels of a house that has none."""
    return Channels([], outbox_mail, VirtualClock(NOON))


LetterMaker = Callable[..., Outgoing]


@pytest.fixture
def letter() -> LetterMaker:
    def make(**changes: Any) -> Outgoing:
        values: dict[str, Any] = {
            "message_id": "bjgj-2023-0123456789abcdef",
            "recipient_address": "union@changhe.example",
            "subject": "【滨江工匠】催办：请于6月26日前提交推荐意见",
            "body": "长河街道总工会：\n\n还有 3 件推荐意见未提交。\n.这一行以点开头\n",
            "channel": "it",
        }
        return Outgoing(**(values | changes))

    return make


@pytest.fixture(scope="session")
def tls_certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that nobody has signed; its key lies beside it as ``key.pem``."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem"


@pytest.fixture(scope="session")
def tls_context(tls_certificate: Path) -> ssl.SSLContext:
    """A server's context with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls_certificate, tls_certificate.with_name("key.pem"))
    return context
