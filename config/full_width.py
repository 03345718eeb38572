"""Full-width punctuation where YAML wants its own: the commonest slip in a file that is written with a Chinese keyboard."""

import re

_HEAD = r"^\s*(?:- )?"
_NAME = r"[A-Za-z_][\w-]*\s*"
_IN_BRACES = rf"{_HEAD}(?:{_NAME}:\s*)?(?:- )?\{{"
_SLIPS = (
    (re.compile(rf"{_HEAD}{_NAME}：|{_IN_BRACES}(?:.*[,，])?\s*{_NAME}："), "用了中文冒号“：”", "请改成英文冒号，并在后面空一格"),
    (re.compile(rf"{_IN_BRACES}.*，\s*{_NAME}:"), "用了中文逗号“，”", "请改成英文逗号，并在后面空一格"),
)


def full_width_slip(line: str) -> tuple[str, str] | None:
    """Say what is wrong with a line after whose name, or between whose pairs in braces, full-width punctuation stands, and its mend."""
    return next(((reason, mend) for slip, reason, mend in _SLIPS if slip.match(line)), None)


def full_width_place(text: str) -> tuple[int, str, str] | None:
    """Give the first such line of a text that is no YAML, counted from 1, with what is wrong and the mend."""
    found = ((number, full_width_slip(line)) for number, line in enumerate(text.splitlines(), 1))
    return next(((number, *slip) for number, slip in found if slip), None)
