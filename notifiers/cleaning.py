"""Text made safe for headers, file names, logs and byte limits."""

import hashlib
import re
import unicodedata

from notifiers.characters import between_characters

# What a dialect of Markdown may read as a mark, beside the full-width character that is none.
_MARKDOWN = str.maketrans("*_`~[]<>|#\\", "＊＿｀～［］＜＞｜＃＼")
# Letters and marks that are drawn as nothing.
_BLANKS = frozenset("\u034f\u115f\u1160\u2800\u3164\uffa0")
_ANY_BLANK = re.compile(f"[{''.join(_BLANKS)}]")
_UNCOMMON = re.compile("[^ -~\u4e00-\u9fff，。、；：（）“”]")
"""What may be invisible: everything but what nearly all of a text is, which is not looked at character by character."""
# What separates names and addresses in a header, beside the full-width character that does not.
_ADDRESS_MARKS = str.maketrans('<>@,;:"()[]\\', "＜＞＠，；：＂（）［］＼")
_LINE_BREAKS = re.compile("[\r\n\t\v\f\x85\u2028\u2029]+")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
# An encoded word has no place in an address (RFC 2047), and whoever writes the header would decode it.
_LOCAL_PART = re.compile(rf"(?=.{{1,64}}\Z)(?!.*=\?){_ATOM}(?:\.{_ATOM})*")
_DOMAIN = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
# A mail address, also with a full-width sign, or a telephone number, also with blanks or hyphens; a point parts the codes of an answer.
_ADDRESS_LIKE = re.compile(r"\S*[@\uff20]\S*|\d{7,}|(?<![\d.])\d(?:[ -]?\d){6,}(?!\.?\d)")
_TELEPHONE = re.compile(r"\+?\d[\d-]{5,}")
_MOBILE = 11
"""Digits of which seven may be shown; of a shorter number they would be too many."""
_LONGEST_ANSWER = 200
_SHORTEST_NAME, _LONGEST_NAME = 3, 64
"""Characters of a mail address's local part that may give somebody away (RFC 5321 has no longer ones)."""

_SHORTEST_FIGURE = 5
"""Digits of a local part that may: with fewer it may be an answer's code."""

_LONGEST_TOKEN = 120


def one_line(text: str) -> str:
    """Make ``text`` fit for a header: one line, nothing invisible, nothing that UTF-8 cannot hold."""
    return text.strip() if _is_clean(text) else _visible(_LINE_BREAKS.sub(" ", text)).strip()


def header_text(text: str) -> str:
    """Make ``text`` one line in which no mail program finds an encoded word (RFC 2047): it would decode to anything at all."""
    return one_line(text).replace("=?", "＝?")


def display_name(text: str) -> str:
    """Make ``text`` fit for the name of a header's address: it holds no address of its own, and ends none."""
    return header_text(text).translate(_ADDRESS_MARKS)


def plain_text(text: str) -> str:
    """Make ``text`` fit for a body: line feeds between lines, tabs kept, nothing else that is invisible."""
    if _is_clean(text.replace("\n", "")):
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(_visible(line) for line in text.split("\n"))


def without_markdown(text: str) -> str:
    """Make ``text`` read the same in every dialect of Markdown: its marks become full-width characters."""
    return text.translate(_MARKDOWN)


def _is_clean(text: str) -> bool:
    # Most texts have nothing to hide, and looking at each character is what a message costs most.
    return text.isprintable() and _ANY_BLANK.search(text) is None


def _visible(line: str) -> str:
    return _UNCOMMON.sub(lambda found: found[0] if found[0] == "\t" or _printable(found[0]) else "", line)


def _printable(character: str) -> bool:
    # Cf: direction marks and overrides, which make a text read as something else, and characters without any width.
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs"} and character not in _BLANKS


def has_control_characters(text: str) -> bool:
    """Whether ``text`` holds line breaks, control or bidi characters, which no address has."""
    return one_line(text) != text.strip()


def mail_domain(address: str) -> str | None:
    """Give the ASCII (IDNA) domain of ``address``, or None where it is not exactly one mail address with an ASCII local part."""
    local_part, _, domain = address.partition("@")
    if _LOCAL_PART.fullmatch(local_part) is None:
        return None
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    return ascii_domain if _DOMAIN.fullmatch(ascii_domain) else None


def ascii_address(address: str) -> str | None:
    """Give ``address`` with its domain in ASCII, ready for SMTP; None where it is not exactly one mail address."""
    domain = mail_domain(address)
    return f"{address.partition('@')[0]}@{domain}" if domain else None


def safe_token(text: str) -> str:
    """Turn an id into a token for headers and file names; ids that had to be changed keep apart by a digest."""
    token = re.sub(r"[^A-Za-z0-9._@-]", "-", text).lstrip(".-@")[:_LONGEST_TOKEN]
    if token and token == text and token.count("@") <= 1 and not token.endswith(("@", ".")):
        return token
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{token.replace('@', '-')}-{digest}".lstrip("-")


def cut_bytes(text: str, limit: int) -> str:
    """Cut ``text`` to at most ``limit`` bytes of UTF-8 between two characters, with an ellipsis where something is missing."""
    raw = text.encode("utf-8")
    if len(raw) <= limit:
        return text
    ellipsis = "…"
    room = limit - len(ellipsis.encode("utf-8"))
    if room < 0:
        return ""
    end = len(raw[:room].decode("utf-8", "ignore"))
    return text[: between_characters(text, end)] + ellipsis


def quotable(answer: bytes | str) -> str:
    """Make a server's answer fit for a ledger or a log: one short line with everything that looks like an address masked."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    words = " ".join(_ADDRESS_LIKE.sub("***", one_line(text)).split())
    cut, rest = words[:_LONGEST_ANSWER], words[_LONGEST_ANSWER:]
    before, _, last = cut.rpartition(" ")
    # Half of a name would not be known as one any more.
    name = rest and len(last + rest.partition(" ")[0]) <= _LONGEST_NAME
    return before if name else cut


def masked_address(address: str) -> str:
    """Give of an address what those know it by who know it: a mailbox's first letter and domain, a telephone's ends; "" of any other."""
    if mail_domain(address):
        local_part, _, domain = address.partition("@")
        return f"{local_part[0] if len(local_part) >= _SHORTEST_NAME else ''}***@{domain}"
    if not _TELEPHONE.fullmatch(address):
        return ""
    return f"{address[:3]}****{address[-4:]}" if len(_digits(address)) >= _MOBILE else f"****{address[-2:]}"


def without_address(text: str, address: str) -> str:
    """Mask an address that is known, its local part and the words in it by themselves, in what a server said of it.

    Parts of one or two letters are no name, and three digits may be an answer's code.
    """
    known = [_number(address)] if _TELEPHONE.fullmatch(address) else [*_names(address), *_words(address)]
    return re.sub("|".join(known), "***", text, flags=re.IGNORECASE) if known else text


def _digits(number: str) -> str:
    return "".join(filter(str.isdecimal, number))


def _number(address: str) -> str:
    """Find a telephone number however it is parted, and with or without what stands before the last eleven digits."""
    digits = _digits(address)
    before, own = digits[:-_MOBILE], _parted(digits[-_MOBILE:])
    return rf"(?:\+?{_parted(before)}[ -]*)?{own}" if before else own


def _parted(digits: str) -> str:
    return "[ -]*".join(digits)


def _names(address: str) -> list[str]:
    """Find a mail address and its local part, the longest first."""
    local_part = address.partition("@")[0]
    told = sorted({address, local_part, local_part.partition("+")[0]}, key=len, reverse=True)
    return [re.escape(each) for each in told if len(each) >= (_SHORTEST_FIGURE if each.isdecimal() else _SHORTEST_NAME)]


def _words(address: str) -> list[str]:
    """Find the words of a local part where they stand by themselves."""
    words = re.findall(rf"[a-z]{{{_SHORTEST_NAME},}}", address.partition("@")[0], re.IGNORECASE)
    return [rf"(?<![a-z]){word}(?![a-z])" for word in words]
