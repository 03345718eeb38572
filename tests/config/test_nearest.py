"""What a slip of typing may have meant: one way to look for it and to say it."""

import pytest

from config.nearest import as_typed, instead, listed, nearest, perhaps

UNITS = ("JD01", "JD02", "ZJ01", "office")


@pytest.mark.parametrize(
    ("word", "near"),
    [("JD1", ["JD01"]), ("jd01", ["JD01", "ZJ01", "JD02"]), ("ＪＤ ０２", ["JD02", "JD01"]), ("ofice", ["office"]), ("张建国", [])],
)
def test_nearest_come_first_and_capitals_width_and_spaces_are_no_difference(word: str, near: list[str]) -> None:
    assert nearest(word, UNITS) == near


def test_words_that_differ_in_capitals_alone_are_both_given() -> None:
    assert nearest("gold", ["Gold", "GOLD", "silver"]) == ["Gold", "GOLD"]


def test_no_more_are_given_than_asked_for() -> None:
    assert nearest("A1", [f"A{each}" for each in range(10, 20)], 2) == ["A19", "A18"]


def test_sentence_ends_with_the_nearest_or_with_what_there_is() -> None:
    assert instead("ofice", UNITS) == perhaps("ofice", UNITS) == "；最接近的是“office”"
    assert (instead("张建国", UNITS), perhaps("张建国", UNITS)) == ("；现有：JD01、JD02、ZJ01、office", "")
    assert (instead("x", []), perhaps("x", [])) == ("", "")


def test_list_stops_at_ten_and_says_how_many_there_are() -> None:
    assert listed(f"A{each}" for each in range(10)).endswith("A8、A9")
    assert listed([*(f"A{each}" for each in range(12)), "A0"]).endswith("A8、A9 等 12 个")


@pytest.mark.parametrize(("word", "said"), [("jdo1", "“jdo1”"), (" ＪＤ－２", "“JD-2”"), ("E12345", "“E12345”")])
def test_what_has_the_shape_of_an_id_is_repeated(word: str, said: str) -> None:
    assert as_typed(word) == said


@pytest.mark.parametrize(
    "word", ["", "王建国", "Wang Jianguo", "wangjianguo", "13800000000", "11010519491231002X", "E12345678", "a@b.example"]
)
def test_what_may_be_a_name_or_somebodys_number_is_not(word: str) -> None:
    assert as_typed(word) == ""
