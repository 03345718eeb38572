"""Long messages become parts that fit, whole characters each, with nothing lost."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.cleaning import cut_bytes, plain_text
from notifiers.splitting import OMITTED, Part, split


def test_message_that_fits_is_left_alone() -> None:
    assert split("催办", "长" * 30 + "ab", 100) == [Part("催办", "长" * 30 + "ab")]


def test_message_one_byte_too_long_becomes_two() -> None:
    assert len(split("催办", "长" * 30 + "abc", 100)) == 2


def test_message_is_cut_between_two_lines_where_one_is_near() -> None:
    lines = [f"第{number}行推荐意见" for number in range(1, 9)]  # 20 bytes each with its line feed, of 103 that there are
    parts = split("催办", "\n".join(lines), 120)
    assert [part.body.splitlines() for part in parts] == [lines[:5], lines[5:]]


def test_message_keeps_a_mark_with_its_letter() -> None:
    # 26 characters of 3 bytes and "e" make 79 of the 83 bytes there are; six accents of 2 bytes no longer fit behind it.
    body = "长" * 26 + "e" + "\u0301" * 6 + "长" * 10
    [first, second] = split("催办", body, 100)
    assert first.body == "长" * 26
    assert second.body.startswith("e\u0301")


def test_message_of_marks_alone_is_cut_all_the_same() -> None:
    assert len(split("催办", "e" + "\u0301" * 100, 100)) == 3


@pytest.mark.parametrize("seen", [["👍🏿"], ["👩🏽", "⚕️"], ["🇨🇳"], ["e\u0301\u0302"], ["字\ufe00"], ["\u1112\u1161\u11ab"]])
@pytest.mark.parametrize("before", range(4))
def test_message_is_not_cut_inside_what_is_seen_as_one(seen: list[str], before: int) -> None:
    parts = split("催办" * 40, "a" * before + "".join(seen) * 300, 500, most=9)
    assert len(parts) > 2
    for part in parts:
        assert re.fullmatch(f"(?:{'|'.join(seen)}|a)+", part.body.partition("…")[0])


@given(st.lists(st.sampled_from(["👍🏿", "🇨🇳", "e\u0301", "长", "a", "\n"]), max_size=80), st.integers(min_value=13, max_value=60))
def test_cut_text_ends_with_a_whole_character(seen: list[str], limit: int) -> None:
    kept = cut_bytes("".join(seen), limit).removesuffix("…")
    assert kept in ["".join(seen[:number]) for number in range(len(seen) + 1)]


def test_message_of_too_many_parts_says_what_is_missing() -> None:
    parts = split("催办", "长" * 1000, 200, most=3)
    assert [part.subject for part in parts] == ["催办（1/3）", "催办（2/3）", "催办（3/3）"]
    assert parts[-1].body.endswith(f"…\n{OMITTED}")
    assert all(len(f"{part.subject}\n\n{part.body}".encode()) <= 200 for part in parts)


def test_message_that_may_have_one_part_only_is_cut() -> None:
    [part] = split("催办", "长" * 100, 200, most=1)
    assert part.body.endswith(OMITTED)


@given(st.text(max_size=30), st.text(max_size=600), st.integers(min_value=100, max_value=400), st.integers(min_value=1, max_value=9))
def test_parts_fit_and_lose_nothing_but_what_they_say(subject: str, body: str, limit: int, most: int) -> None:
    body = plain_text(body)
    parts = split(plain_text(subject), body, limit, most)
    assert len(parts) <= most
    assert all(len(f"{part.subject}\n\n{part.body}".encode()) <= limit for part in parts)
    if not parts[-1].body.endswith(OMITTED):
        assert "".join(part.body for part in parts).replace("\n", "").split() == body.replace("\n", "").split()


@pytest.mark.parametrize("most", [1, 9])
def test_marker_stays_one_digit(most: int) -> None:
    assert split("催办", "长" * 5000, 100, most)[-1].subject == (f"催办（{most}/{most}）")


# --- where a reader would pause -----------------------------------------------------------------------------------------------------------

WORDS = ("BJGJ-2023-0007", "2023年6月12日", "https://bjgj.example/n/7", "import-roster", "3个")


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("before", range(26))
def test_message_is_not_cut_inside_a_number_a_date_or_a_word(word: str, before: int) -> None:
    parts = split("催办", "长" * before + word + "长" * 30, 100)
    assert len(parts) > 1
    assert sum(word in part.body for part in parts) == 1


@pytest.mark.parametrize("before", range(20, 28))
def test_no_part_begins_or_ends_with_the_wrong_mark(before: int) -> None:
    parts = split("催办", "长" * before + "（推荐），" + "长" * 30, 100)
    assert not [part for part in parts if part.body.startswith(("）", "，")) or part.body.endswith("（")]


@pytest.mark.parametrize("before", range(10, 34))
@pytest.mark.parametrize("most", [3, 9])
def test_number_of_a_list_stays_with_its_item(before: int, most: int) -> None:
    parts = split("催办", f"最急的在前。1. {'长' * before}. 2. {'长' * 30}. 13. {'长' * 20}.", 150, most)
    assert len(parts) > 1
    assert not [part.body for part in parts if re.search(r"\d\.\s*(?:…\n.*)?\Z", part.body)]


def test_word_longer_than_a_part_is_cut_all_the_same() -> None:
    assert "".join(part.body for part in split("催办", "长" + "a" * 200, 100)) == "长" + "a" * 200


@pytest.mark.parametrize(
    ("body", "firsts"),
    [
        ("请审核。" + "长" * 16 + "。" + "长" * 10, ["请审核。" + "长" * 16 + "。"]),
        ("请审核" + "长" * 16 + "。”）" + "长，" * 10, ["请审核" + "长" * 16 + "。”）"]),
        ("请审核" + "长" * 18 + "，" + "长" * 10, ["请审核" + "长" * 18 + "，"]),
        ("Please tell them at once, and now. By telephone where it is.", ["Please tell them at once, and now. "]),
        ("please tell them at once and by telephone where it is no news", ["please tell them at once and by telephone where "]),
    ],
)
def test_message_is_cut_behind_a_sentence_else_a_phrase_else_a_word(body: str, firsts: list[str]) -> None:
    parts = split("催办", body, 65 if body.isascii() else 100)
    assert [part.body for part in parts] == [*firsts, body.removeprefix("".join(firsts))]


def test_pauses_give_way_where_full_parts_say_all() -> None:
    body = "长" * 14 + "。" + "长" * 24 + "，" + "长" * 12 + "。"
    assert [len(part.body) for part in split("催办", body, 100, most=9)] == [15, 25, 13]
    full = split("催办", body, 100, most=2)
    assert "".join(part.body for part in full) == body


def test_subject_and_last_part_are_not_cut_inside_a_number() -> None:
    parts = split("催办（BJGJ-2023-0007）", "长" * 3 + "BJGJ-2023-0008" + "长" * 100, 100, most=1)
    assert [part.subject for part in parts] == ["催办…（1/1）"]
    assert parts[0].body == f"{'长' * 3}…\n{OMITTED}"


@given(
    st.lists(
        st.sampled_from([*(f"{word}长" for word in WORDS), "。", "，", "；", " ", "\n", "（1/2）", "。”）", "e\u0301", "👍🏿"]),
        max_size=120,
    ).map("".join),
    st.integers(min_value=100, max_value=300),
    st.integers(min_value=1, max_value=9),
)
def test_parts_fit_keep_words_whole_and_bear_our_marks_alone(body: str, limit: int, most: int) -> None:
    parts = split("催办（1/9）", body, limit, most)
    assert all(len(f"{part.subject}\n\n{part.body}".encode()) <= limit for part in parts)
    many = len(parts) > 1 or parts[0].body.endswith(OMITTED)
    marks = [f"（{number}/{len(parts)}）" if many else "" for number in range(1, len(parts) + 1)]
    assert [part.subject.removeprefix("催办（1/9）") for part in parts] == marks
    words = [word for part in parts for word in re.findall("|".join(WORDS), part.body)]
    if not parts[-1].body.endswith(OMITTED):
        assert "".join("".join(part.body.split()) for part in parts) == "".join(body.split())
        assert words == re.findall("|".join(WORDS), body)
