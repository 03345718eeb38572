"""In which order several workers begin the tests, and what stays together."""

import os
from pathlib import Path

import pytest

from tests.conftest import LONGEST, SHARED, longest_first, subject_of

SMALL, FULL = "tests/states/test_small.py::test_a", "tests/states/test_full.py::test_a"


@pytest.mark.parametrize(
    ("file", "subject"),
    [
        ("tests/e2e/test_up.py", "up"),
        ("tests/e2e/test_round.py", "prefect"),
        ("tests/e2e/test_alarms.py", "prefect"),
        ("tests/flows/test_simulate_rules.py", "simulate"),
        ("tests/states/test_full.py", "tests/states/test_full.py"),
    ],
)
def test_subject_is_what_is_costly_or_else_the_file(file: str, subject: str) -> None:
    assert subject_of(f"{file}::test_it[a::b]") == subject


def test_order_has_the_longest_first_then_the_fullest_files() -> None:
    collected = [
        SMALL,
        "tests/e2e/test_up.py::test_a",
        "tests/e2e/test_round.py::test_a",
        FULL,
        f"{FULL}b",
        "tests/e2e/test_round.py::test_b",
    ]
    assert [collected[place] for place in longest_first(collected)] == [
        "tests/e2e/test_round.py::test_a",
        "tests/e2e/test_round.py::test_b",
        "tests/e2e/test_up.py::test_a",
        FULL,
        f"{FULL}b",
        SMALL,
    ]


def test_order_has_a_long_file_before_a_fuller_one() -> None:
    collected = [FULL, f"{FULL}b", "tests/states/test_schedules.py::test_a"]
    assert longest_first(collected) == [2, 0, 1]


@pytest.mark.parametrize("file", sorted(set(LONGEST) - set(SHARED)))
def test_long_file_is_there(file: str) -> None:
    assert (Path(__file__).parents[2] / file).is_file()


def test_what_tests_start_keeps_what_it_compiled() -> None:
    assert "PYTHONDONTWRITEBYTECODE" not in os.environ


def test_order_keeps_files_of_one_size_as_they_were_collected() -> None:
    collected = [FULL, SMALL]
    assert longest_first(collected) == [0, 1]
