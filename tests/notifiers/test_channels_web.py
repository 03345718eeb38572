"""Web requests against a real server: every outcome says how far the message got."""

import base64
from contextlib import ExitStack
from ssl import SSLContext
from time import monotonic

import pytest

from config.channel_problems import ChannelConfigError
from config.channels import ChannelKind
from notifiers.outgoing import ChannelRefused, RefusedForGood, RefusedForNow, Sent, Unknown
from tests.notifiers.conftest import ChannelsMaker, LetterMaker, patience
from tests.receivers import LATE, HttpManners, HttpReceiver, LineReceiver, unused_port


def test_web_request_carries_the_message_as_json(http: HttpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    message = letter()
    assert channel_to(http.url(), ChannelKind.WEB).send(message) == Sent("HTTP 200")
    [request] = http.received
    assert request.path == "/hook"
    assert request.json == {"id": message.message_id, "subject": message.subject, "body": message.body, "to": message.recipient_address}
    assert request.headers["Idempotency-Key"] == message.message_id
    assert request.headers["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Sent),
        (204, Sent),
        (302, ChannelRefused),
        (400, RefusedForGood),
        (401, ChannelRefused),
        (403, ChannelRefused),
        (404, ChannelRefused),
        (408, RefusedForNow),
        (429, RefusedForNow),
        (500, Unknown),
        (502, Unknown),
        (503, RefusedForNow),
        (504, Unknown),
    ],
)
def test_web_status_decides_the_outcome(
    http: HttpReceiver, channel_to: ChannelsMaker, letter: LetterMaker, status: int, outcome: type
) -> None:
    http.manners = HttpManners(status=status, headers={"Location": "/elsewhere"})
    answer = channel_to(http.url(), ChannelKind.WEB).send(letter())
    assert type(answer) is outcome
    assert f"HTTP {status}" in str(answer)
    assert len(http.received) == 1


@pytest.mark.parametrize(("status", "outcome"), [(401, ChannelRefused), (404, RefusedForGood)])
def test_web_address_that_is_the_recipients_own_is_not_the_channels_affair(
    http: HttpReceiver, channel_to: ChannelsMaker, letter: LetterMaker, status: int, outcome: type
) -> None:
    http.manners = HttpManners(status=status)
    answer = channel_to(f"{http.url()}/{{to}}", ChannelKind.WEB).send(letter(recipient_address="room-7"))
    assert type(answer) is outcome


@pytest.mark.parametrize("manner", ["drop", "late", "nonsense"])
def test_web_request_without_a_clear_answer_is_unknown(
    http: HttpReceiver, channel_to: ChannelsMaker, letter: LetterMaker, manner: str
) -> None:
    http.manners.after_request = manner
    started = monotonic()
    answer = channel_to(http.url(), ChannelKind.WEB, timeout=patience(manner)).send(letter())
    assert isinstance(answer, Unknown)
    assert monotonic() - started < LATE
    assert http.saw(1)


def test_web_answer_cut_inside_its_status_line_is_unknown(receivers: ExitStack, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    server = receivers.enter_context(LineReceiver("HTTP/1.", ""))
    assert isinstance(channel_to(f"hjson://127.0.0.1:{server.port}/", ChannelKind.WEB).send(letter()), Unknown)


def test_web_with_nothing_listening_is_refused_for_now(channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    answer = channel_to(f"hjson://127.0.0.1:{unused_port()}/", ChannelKind.WEB).send(letter())
    assert answer == RefusedForNow("没有接通对方的接口：对方拒绝连接")


def test_web_over_tls_is_sent(receivers: ExitStack, channel_to: ChannelsMaker, letter: LetterMaker, tls_context: SSLContext) -> None:
    server = receivers.enter_context(HttpReceiver(context=tls_context))
    assert channel_to(server.url("/?verify=no"), ChannelKind.WEB).send(letter()) == Sent("HTTP 200")
    assert len(server.received) == 1


def test_web_over_tls_with_an_unsigned_certificate_is_refused_for_now(
    receivers: ExitStack, channel_to: ChannelsMaker, letter: LetterMaker, tls_context: SSLContext
) -> None:
    server = receivers.enter_context(HttpReceiver(context=tls_context))
    answer = channel_to(server.url("/"), ChannelKind.WEB).send(letter())
    assert answer == RefusedForNow("没有接通对方的接口：对方的 TLS 证书不可信")
    assert server.received == []


def test_web_user_header_and_parameter_of_the_url_are_sent(http: HttpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    url = http.url("/消息/new?+X-Token=abc%20def&-key=k%2F1", user="oa:p%40ss@")
    channel_to(url, ChannelKind.WEB).send(letter())
    [request] = http.received
    assert request.path == "/%E6%B6%88%E6%81%AF/new?key=k%2F1"
    assert request.headers["X-Token"] == "abc def"
    assert base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")) == b"oa:p@ss"


def test_web_header_that_would_split_the_request_is_refused_before_any_message(http: HttpReceiver, channel_to: ChannelsMaker) -> None:
    with pytest.raises(ChannelConfigError, match="请求头"):
        channel_to(http.url("/?+X-Token=a%0D%0AX-Evil%3A%20b"), ChannelKind.WEB)


def test_web_id_cannot_smuggle_a_header(http: HttpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    answer = channel_to(http.url(), ChannelKind.WEB).send(letter(message_id="n7\r\nX-Evil: yes"))
    assert answer == Sent("HTTP 200")
    assert "X-Evil" not in http.received[0].headers
    assert http.received[0].headers["Idempotency-Key"].startswith("n7--X-Evil--yes-")


def test_web_subject_is_one_line_without_bidi_controls(http: HttpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    channel_to(http.url(), ChannelKind.WEB).send(letter(subject="催办\r\n\u202e第二行"))
    assert http.received[0].json["subject"] == "催办 第二行"


def test_web_body_is_split_at_its_limit_between_characters(http: HttpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    answer = channel_to(http.url(), ChannelKind.WEB, limit=100).send(letter(message_id="n7", subject="催办", body="长" * 50))
    assert answer == Sent("HTTP 200（共2部分）")
    assert [(request.json["id"], request.json["subject"], request.json["body"]) for request in http.received] == [
        ("n7.1", "催办（1/2）", "长" * 27),  # 100 bytes, less 6 of the subject, 9 of its marker and 2 for a line break: 83
        ("n7.2", "催办（2/2）", "长" * 23),
    ]
    assert [request.headers["Idempotency-Key"] for request in http.received] == ["n7.1", "n7.2"]


@pytest.mark.parametrize(("status", "outcome"), [(400, RefusedForGood), (503, RefusedForNow), (500, Unknown)])
def test_web_first_part_that_is_not_taken_decides_for_all(
    http: HttpReceiver, channel_to: ChannelsMaker, letter: LetterMaker, status: int, outcome: type
) -> None:
    http.manners.status = status
    assert type(channel_to(http.url(), ChannelKind.WEB, limit=100).send(letter(body="长" * 50))) is outcome
    assert len(http.received) == 1


def test_web_body_within_its_limit_is_left_alone(http: HttpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    channel_to(http.url(), ChannelKind.WEB, limit=100).send(letter(subject="催办", body="长" * 30 + "ab"))
    assert http.received[0].json["body"] == "长" * 30 + "ab"
