"""Text made safe for headers, file names, logs and byte limits."""

import socket
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.cleaning import (
    ascii_address,
    cut_bytes,
    masked_address,
    one_line,
    plain_text,
    quotable,
    safe_token,
    without_address,
    without_markdown,
)
from notifiers.plugins.phased import explain


@given(st.text(), st.integers(min_value=0, max_value=60))
def test_cut_text_fits_and_is_a_beginning(text: str, limit: int) -> None:
    text = plain_text(text)
    cut = cut_bytes(text, limit)
    assert len(cut.encode()) <= limit
    assert cut == text or text.startswith(cut.removesuffix("…"))


@given(st.text(), st.text())
def test_tokens_are_safe_and_keep_ids_apart(one: str, other: str) -> None:
    token = safe_token(one)
    assert token.isascii()
    assert token
    assert not set(token) & set("/\\\r\n <>:\"'")
    assert not token.startswith(".")
    assert (token == safe_token(other)) == (one == other)


@given(st.text(alphabet=st.characters(codec=None)))
def test_one_line_is_one_line_that_utf8_can_hold(text: str) -> None:
    line = one_line(text)
    line.encode("utf-8")
    assert len(line.splitlines()) <= 1
    assert not set(line) & set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert one_line(line) == line


@pytest.mark.parametrize("clean", [one_line, plain_text])
@pytest.mark.parametrize(
    "invisible", ["\u200b", "\u200d", "\u200e", "\u202e", "\u2066", "\u00ad", "\ufeff", "\u2060", "\U000e0041", "\u3164", "\u2800", "\x1b"]
)
def test_nothing_invisible_stays_in_a_text(clean: Callable[[str], str], invisible: str) -> None:
    assert clean(f"张{invisible}三·阿不都{invisible}") == "张三·阿不都"


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_a_name_cannot_begin_a_line_of_its_own(line_break: str) -> None:
    assert one_line(f"张三{line_break}期限：明天") == "张三 期限：明天"


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("zhang.san@union.example", "z***@union.example"),
        ("zhs@union.example", "z***@union.example"),
        ("z@zhangsan.example", "***@zhangsan.example"),
        ("13900001111", "139****1111"),
        ("+8613900001111", "+86****1111"),
        ("0571-87000000", "057****0000"),
        ("010-8700000", "****00"),
        ("8700000", "****00"),
        ("110", ""),
        ("https://robot.example/send?key=secret", ""),
        ("长河街道总工会 <changhe@union.example>", ""),
    ],
)
def test_masked_address_tells_whoever_knows_it_and_nobody_else(address: str, masked: str) -> None:
    assert masked_address(address) == masked


def test_text_without_markdown_reads_the_same() -> None:
    assert (
        without_markdown("**张_三_** [四](x) `五` # 六 ~七~ <八> |九| \\*")
        == "＊＊张＿三＿＊＊ ［四］(x) ｀五｀ ＃ 六 ～七～ ＜八＞ ｜九｜ ＼＊"
    )


def test_cut_text_ends_at_a_character() -> None:
    assert cut_bytes("滨江工匠", 12) == "滨江工匠"
    assert cut_bytes("滨江工匠", 11) == "滨江…"
    assert cut_bytes("滨江工匠", 2) == ""


@pytest.mark.parametrize(
    ("address", "ascii_form"),
    [
        ("a.b+c@binjiang.example", "a.b+c@binjiang.example"),
        ("office@localhost", "office@localhost"),
        ("a@" + "x" * 64 + ".example", None),
        ("a" * 65 + "@b.example", None),
        ("a@b_c.example", "a@b_c.example"),
        ("a@b.example\x00", None),
        ("a@", None),
        ("@b.example", None),
    ],
)
def test_mail_address_is_one_address_or_none(address: str, ascii_form: str | None) -> None:
    assert ascii_address(address) == ascii_form


def test_server_answer_is_short_one_line_and_without_addresses() -> None:
    answer = b"5.1.1 <zhang@changhe.example>\n unknown \xff " + b"x" * 500
    assert quotable(answer).startswith("5.1.1 *** unknown \ufffd xxx")
    assert len(quotable(answer)) == 200
    assert quotable("550 user 13800138000 unknown, nor zhang＠x.example") == "550 user *** unknown, nor ***"


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("5.1.1 138 0010 5678 unknown", "5.1.1 *** unknown"),
        ("5.1.1 138-0010-5678 unknown", "5.1.1 *** unknown"),
        ("13800105678.", "***."),
        ("0571-87000000 5.1.1", "*** 5.1.1"),
        ("5.7.1 [192.0.2.10] 550 5.7.1 refused", "5.7.1 [192.0.2.10] 550 5.7.1 refused"),
        ("2.0.0 Ok: queued as 4F2A10", "2.0.0 Ok: queued as 4F2A10"),
    ],
)
def test_number_is_masked_however_a_server_parts_it_and_no_code(said: str, left: str) -> None:
    assert quotable(said) == left


@pytest.mark.parametrize(
    ("address", "said", "left"),
    [
        ("zhang.san@x.example", "550 5.1.1 no Zhang here, nor san, thousands", "550 5.1.1 no *** here, nor ***, thousands"),
        ("zhang_s3@x.example", "550 mr zhang", "550 mr ***"),
        ("550@x.example", "550 5.1.1 unknown", "550 5.1.1 unknown"),
        ("10086@x.example", "550 10086 unknown", "550 *** unknown"),
        ("+8613800105678", "HTTP 400 138 0010 5678", "HTTP 400 ***"),
        ("+8613800105678", "HTTP 400 +86 138-0010-5678", "HTTP 400 ***"),
        ("0571-8700000", "HTTP 400 05718700000", "HTTP 400 ***"),
    ],
)
def test_pieces_of_an_address_are_masked_and_no_code(address: str, said: str, left: str) -> None:
    assert without_address(said, address) == left


def test_server_answer_is_not_cut_in_the_middle_of_a_name() -> None:
    assert quotable("x" * 100 + " " + "y" * 94 + " zhangsan unknown") == "x" * 100 + " " + "y" * 94


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("550 5.1.1 zhangsan: User unknown", "550 5.1.1 ***: User unknown"),
        ("550 ZhangSan+notes is full", "550 *** is full"),
        ("550 mailbox_zhangsan is full", "550 mailbox_*** is full"),
        ("550 zhangsan+notes@changhe.example gone", "550 *** gone"),
        ("250 OK", "250 OK"),
    ],
)
def test_recipient_is_masked_in_what_a_server_says(said: str, left: str) -> None:
    assert without_address(said, "zhangsan+notes@changhe.example") == left


def test_two_letters_are_no_name() -> None:
    assert without_address("550 so unknown", "so@changhe.example") == "550 so unknown"
    assert without_address("550 unknown", "") == "550 unknown"


def test_reason_of_a_failed_connection_is_chinese_and_says_nothing_else() -> None:
    assert explain(socket.gaierror(8, "host s3cr3t unknown")) == "主机名解析不了"
    assert explain(PermissionError(13, "s3cr3t")) == "连接出错（PermissionError）"
