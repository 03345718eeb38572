"""The identity-card number of a resident (GB 11643-1999): what can be checked without asking anybody.

No function here ever puts the number, or a part of it, into what it says: its sentences may reach logs and dashboards.
"""

from datetime import date

LENGTH = 18
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"
_EARLIEST_YEAR = 1900


def check_digit(body: str) -> str:
    """Give the check digit ("0".."9" or "X") of the first 17 digits. Raises ``ValueError`` for anything else."""
    if len(body) != LENGTH - 1 or not _digits(body):
        raise ValueError("a check digit needs 17 digits")
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return _CHECK_DIGITS[total % len(_CHECK_DIGITS)]


def id_card_fault(number: str, today: date) -> str | None:
    """Say in Chinese what is wrong with a number, ``None`` if nothing is; a lowercase x counts as X.

    ``today`` is the day of the check in the programme's zone: nobody is born after it.
    """
    if len(number) != LENGTH:
        return f"身份证号应为18位，现为{len(number)}位"
    if not _digits(number[:-1]) or number[-1] not in "0123456789Xx":
        return "身份证号应为17位数字加1位校验码（数字或X）"
    born = birth_date(number)
    if born is None or born.year < _EARLIEST_YEAR:
        return "身份证号第7至14位不是真实日期"
    if born > today:
        return "身份证号中的出生日期晚于今天"
    if check_digit(number[:-1]) != number[-1].upper():
        return "身份证号末位校验码不对，号码有误"
    return None


def birth_date(number: str) -> date | None:
    """Give the date of birth that an 18-digit number carries, ``None`` if there is no such date."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def gender_of(number: str) -> str:
    """Give 男 or 女 by the 17th digit of an 18-digit number. Raises ``ValueError`` where there is no such digit."""
    return "男" if int(number[16:17]) % 2 else "女"


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
