from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from states.idcard import birth_date, check_digit, gender_of, id_card_fault

TODAY = date(2023, 6, 20)
GOOD = "330108199001010010"


def test_check_digit_of_the_standards_own_examples() -> None:
    # GB 11643-1999, appendix A.
    assert check_digit("11010519491231002") == "X"
    assert check_digit("44052418800101001") == "4"


@pytest.mark.parametrize("body", ["", "1234", "3301081990010100A", "33010819900101001０"])
def test_check_digit_refuses_anything_but_17_digits(body: str) -> None:
    with pytest.raises(ValueError, match="17 digits"):
        check_digit(body)


@pytest.mark.parametrize("number", [GOOD, "11010519491231002X", "11010519491231002x"])
def test_id_card_valid_passes(number: str) -> None:
    assert id_card_fault(number, TODAY) is None


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("", "身份证号应为18位，现为0位"),
        ("330108900101001", "身份证号应为18位，现为15位"),
        (GOOD + "0", "身份证号应为18位，现为19位"),
        ("33010819900101001Y", "身份证号应为17位数字加1位校验码（数字或X）"),
        ("3301081990O1010010", "身份证号应为17位数字加1位校验码（数字或X）"),
        ("33010819900101001²", "身份证号应为17位数字加1位校验码（数字或X）"),
        ("330108199002300010", "身份证号第7至14位不是真实日期"),
        ("330108189912310010", "身份证号第7至14位不是真实日期"),
        ("330108202306210010", "身份证号中的出生日期晚于今天"),
        ("330108199001010011", "身份证号末位校验码不对，号码有误"),
    ],
)
def test_id_card_fault_says_what_is_wrong(number: str, reason: str) -> None:
    assert id_card_fault(number, TODAY) == reason


def test_id_card_born_today_passes_and_tomorrow_does_not() -> None:
    today = "33010820230620001" + check_digit("33010820230620001")
    assert id_card_fault(today, TODAY) is None
    assert id_card_fault(today, date(2023, 6, 19)) == "身份证号中的出生日期晚于今天"


@given(number=st.text("0123456789X", min_size=15, max_size=19))
def test_id_card_fault_never_repeats_the_number(number: str) -> None:
    fault = id_card_fault(number, TODAY) or ""
    assert not any(number[at : at + 5] in fault for at in range(len(number) - 4))


@given(position=st.integers(0, 17), digit=st.sampled_from("0123456789"))
def test_id_card_with_one_digit_wrong_is_always_refused(position: int, digit: str) -> None:
    wrong = GOOD[:position] + digit + GOOD[position + 1 :]
    assert (id_card_fault(wrong, TODAY) is None) == (wrong == GOOD)


def test_gender_and_birth_date_are_read_from_the_number() -> None:
    assert (gender_of(GOOD), gender_of("110105194912310021")) == ("男", "女")
    assert birth_date(GOOD) == date(1990, 1, 1)
    assert birth_date("330108199013010010") is None
