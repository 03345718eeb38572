"""What a mail server's answer of 4xx or 5xx means (RFC 5321, RFC 3463, RFC 4954): whom it refuses, and for how long."""

import re

from notifiers.cleaning import quotable
from notifiers.outgoing import ChannelRefused, RefusedForGood, RefusedForNow

CONTENT = "正文"
"""The step behind DATA: the server has the whole mail."""

_LOG_IN_FIRST = (530, 535, 538)
"""Answers that ask for a password or an encryption that the channel does not bring, at whatever step."""

_LATER = (450, 451, 452)
"""What a server says that stays there; 421 closes the door, 454 has no encryption or no password file just now."""

_MAILBOX_FIRST = {"RCPT": (450, 452), CONTENT: (450,)}
"""Without an enhanced code: a mailbox that is busy, full or held back; elsewhere 451 and 452 are the server's own trouble."""

_ENHANCED = re.compile(r"4\.\d{1,3}\.\d{1,3}\b")
_OF_ONE = re.compile(r"4\.(1\.[0-6]|[26]\.\d{1,3}|7\.(?!25\b|5\d\d\b)\d{1,3})\b")
"""Enhanced codes of a recipient's address, of a mailbox, of the content, of a policy (greylisting); the others are the system's or the sender's.

Among those of a policy 25 finds no name for our machine (RFC 7372), and those from 500 on stand for a server that is busy.
"""


def refusal(code: int, text: bytes | str, step: str) -> RefusedForNow | RefusedForGood | ChannelRefused:
    """Turn a numbered answer, 4xx or 5xx, into a definite refusal: of this message, or of the channel with its sender and password."""
    said = quotable(text)
    reason = f"邮件服务器在 {step} 这一步答复 {code} {said}".rstrip()
    if not 500 <= code <= 599:
        return RefusedForNow(reason, alone=_puts_off_one(code, said, step))
    ours = code in _LOG_IN_FIRST or step == "MAIL"
    return ChannelRefused(reason) if ours and step != CONTENT else RefusedForGood(reason)


def _puts_off_one(code: int, said: str, step: str) -> bool:
    """Whether an answer puts off one address or message while the server serves the others; at MAIL there is none yet."""
    if code not in _LATER or step == "MAIL":
        return False
    return bool(_OF_ONE.match(said)) if _ENHANCED.match(said) else code in _MAILBOX_FIRST.get(step, ())
