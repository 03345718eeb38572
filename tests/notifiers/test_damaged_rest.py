"""What is left of a message and cannot be read stops that message alone: nothing of it is sent again, and it is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from notifiers.answers import every_answer
from notifiers.delivery import deliver
from notifiers.outgoing import RefusedForGood, RefusedForNow, Rest
from notifiers.verdicts import FIRST_WAIT
from states.commands.messages import LEFT_DAMAGED, ResendMessages
from states.errors import CommandRefused
from states.tables import Delivery
from tests.notifiers.rounds import Post, Town, opened

HALF = RefusedForNow("共2部分，第1部分已送达", Rest(2, 2, (("标题", "第二部分"),)))


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = opened(tmp_path)
    town.post(Post(answers={"mail": [HALF]}))
    yield town
    town.house.store.dispose()


@pytest.mark.parametrize(
    "damage", ["{oops", "5", '{"first": 2}', '{"first": "2", "parts": 2, "sealed": ""}', '{"first": 2, "parts": 2, "sealed": "x"}']
)
def test_rest_that_cannot_be_read_stops_its_own_message_alone(town: Town, damage: str) -> None:
    (half,) = town.rows(Delivery, status="refused_for_now")
    with town.house.store.write() as connection:
        connection.execute(text("UPDATE delivery SET rest = :rest WHERE id = :id"), {"rest": damage, "id": half.id})
    town.submit("张建国")
    town.clock.move_to(town.clock.now() + FIRST_WAIT)
    post = Post()
    town.tell()
    deliver(town.house, post, "postman")
    assert half.id not in post.times
    assert len(post.messages) == 1
    (row,) = town.rows(Delivery, id=half.id)
    assert (row.status, row.answer) == ("refused_for_good", LEFT_DAMAGED)
    with pytest.raises(CommandRefused, match=r"余下部分的记录已损坏，不能再发；请打电话告知收件人余下的事项$"):
        town.act(ResendMessages, deliveries=(half.id,))


_ANSWERS = "UPDATE delivery SET answers = :damage WHERE id = :id"
_TRIED = "UPDATE delivery SET tried = :damage WHERE id = :id"


@pytest.mark.parametrize(("by", "damage"), [(_ANSWERS, "[1]"), (_ANSWERS, '[["a"]]'), (_TRIED, "null"), (_TRIED, "[[1]]")])
def test_list_that_cannot_be_read_stops_nobody(tmp_path: Path, by: str, damage: str) -> None:
    town = opened(tmp_path)
    town.tell()
    (damaged,) = town.rows(Delivery, recipient="JD01")
    with town.house.store.write() as connection:
        connection.execute(text(by), {"damage": damage, "id": damaged.id})
    assert deliver(town.house, Post(answers={"mail": [RefusedForGood("550")] * 3}), "postman").failed == 4
    (row,) = town.rows(Delivery, id=damaged.id)
    assert every_answer(row).endswith("550")
    town.house.store.dispose()
