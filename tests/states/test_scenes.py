"""A beginning that is laid into a house is the one that was brought about in another, and a changed house gets none."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from config.calendar import WorkCalendar
from states.records import table_of
from states.store import Store
from states.tables import Row
from tests.states import scenes
from tests.states.builders import Story
from tests.states.figures import rules
from tests.states.scenes import Scene


@pytest.fixture(autouse=True)
def made(monkeypatch: pytest.MonkeyPatch) -> dict[Any, Scene]:
    """No scene is there yet."""
    found: dict[Any, Scene] = {}
    monkeypatch.setattr(scenes, "_scenes", found)
    return found


@pytest.fixture
def another(database: str, light_story: Callable[[], Story], request: pytest.FixtureRequest) -> Iterator[Story]:
    """A story in another house on the same kind of database."""
    if database == "sqlite":
        yield light_story()
        return
    server = request.getfixturevalue("postgres")
    name = server.lend()
    store = Store(server.url(name))
    yield Story(store)
    store.dispose()
    server.take_back(name)


def everything(story: Story) -> tuple[Any, ...]:
    rows = {table_of(kind).name: [vars(row) for row in story.rows(kind)] for kind in Row.__subclasses__()}
    return rows, story.clock.now(), story.chance.random.getstate(), story.runs


def test_laid_beginning_is_the_one_that_was_brought_about_and_goes_on_alike(story: Story, another: Story) -> None:
    before = everything(story.on_notice(2, reserves=1))
    another.send = _never  # type: ignore[method-assign]  # whatever it gets, it gets without a command
    assert everything(another.on_notice(2, reserves=1)) == before
    del another.send
    another.verified()
    for each in (story, another):
        each.do(each.objection(1))
    assert everything(another) == everything(story)


@pytest.mark.parametrize(
    "change",
    [
        lambda story: setattr(story, "house", replace(story.house, calendar=partial(WorkCalendar))),
        lambda story: setattr(story, "told", ["U1"]),
        lambda story: setattr(story, "slug", "bjgj-2024"),
        lambda story: story.chance.token(1),
    ],
    ids=["calendar", "told", "slug", "dice"],
)
def test_story_whose_house_was_changed_brings_its_beginning_about_itself(
    light_story: Callable[[], Story], made: dict[Any, Scene], change: Callable[[Story], Any]
) -> None:
    light_story().open()
    laid = dict(made)
    changed = light_story()
    change(changed)
    assert not changed.is_untouched
    changed.open(rules(("bjgj-2023", changed.slug)))
    assert made == laid


def test_beginning_at_another_time_is_another_one(light_story: Callable[[], Story]) -> None:
    first, second = light_story().open(), light_story()
    second.clock.move_to(first.clock.now() + timedelta(minutes=1))
    second.open()
    assert second.entries(round=second.slug)[0].at > first.entries(round=first.slug)[0].at


def _never(*_: Any, **__: Any) -> Any:
    raise AssertionError("a command was given")
