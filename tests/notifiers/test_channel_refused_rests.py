"""What is left of a message in parts leaves by the way of its first parts alone, whatever other ways are opened, refused or mended meanwhile."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from config.channels import ChannelKind
from notifiers.outgoing import Rest, Unknown
from states.commands.messages import ResendMessages
from states.commands.roster import ImportRoster, RosterEntry
from states.tables import Delivery
from tests.notifiers.refusing import BOTH, DEAD, DEPUTY, for_hours, refuse, with_hook
from tests.notifiers.rounds import ROSTER, Post, Town, opened

HALF = Unknown("第1部分已送达", Rest(2, 2, (("标题", "第二部分"),)))


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town in which JD01, by mail and web, has a new message."""
    town = opened(tmp_path, [DEPUTY, *map(with_hook, ROSTER)])
    town.post(Post(kinds=BOTH))
    town.submit("张建国")
    town.tell()
    yield town
    town.house.store.dispose()


def half_sent(town: Town, post: Post) -> str:
    """Let the message leave by half; gives its id."""
    for_hours(town, post, 1)
    (row,) = town.rows(Delivery, status="unknown")
    town.act(ResendMessages)
    return str(row.id)


def leaving(town: Town, message: str, hours: int = 2, **kinds: ChannelKind) -> list[tuple[str, str, Rest | None]]:
    """Give how a message leaves within some hours: by which channel, to where, and what of it."""
    post = Post(kinds=kinds or BOTH)
    for_hours(town, post, hours)
    return [(each.channel, each.recipient_address, each.rest) for each in post.messages if each.message_id == message]


def test_rest_whose_first_parts_passed_a_refused_channel_stays_where_they_went_when_that_is_mended(town: Town) -> None:
    message = half_sent(town, Post(kinds=BOTH, answers={"mail": [DEAD] * 100, "hook": [HALF]}))
    town.clock.move_to(town.clock.now() + timedelta(hours=1))
    assert leaving(town, message) == [("hook", "https://x.example", HALF.rest)]


def test_rest_leaves_by_its_own_way_though_a_better_channel_was_added(town: Town) -> None:
    message = half_sent(town, Post(kinds={"hook": ChannelKind.WEB}, answers={"hook": [HALF]}))
    assert leaving(town, message) == [("hook", "https://x.example", HALF.rest)]


def absent(deputy: str | None) -> RosterEntry:
    """The unit, reached by web alone, with this deputy."""
    unit = next(each for each in ROSTER if each.id == "JD01")
    return unit.model_copy(update={"contacts": {"web": "https://x.example"}, "deputy": deputy})


def test_rest_of_a_deputy_waits_for_its_channel_and_does_not_go_to_the_principal(town: Town) -> None:
    town.do(ImportRoster(operator="OP01", entries=(absent(DEPUTY.id),)))
    message = half_sent(town, Post(kinds=BOTH, answers={"mail": [HALF]}))
    refuse(town, "mail")
    assert leaving(town, message) == [("mail", "deputy@union.example", HALF.rest)]


def test_rest_of_a_principal_does_not_go_to_the_deputy_who_came_since(town: Town) -> None:
    town.do(ImportRoster(operator="OP01", entries=(absent(None),)))
    message = half_sent(town, Post(kinds=BOTH, answers={"hook": [HALF]}))
    town.do(ImportRoster(operator="OP01", entries=(absent(DEPUTY.id),)))
    assert leaving(town, message) == [("hook", "https://x.example", HALF.rest)]


def test_rest_whose_deputy_reads_no_more_leaves_whole_to_whoever_reads_now(town: Town) -> None:
    town.do(ImportRoster(operator="OP01", entries=(absent(DEPUTY.id),)))
    message = half_sent(town, Post(kinds=BOTH, answers={"mail": [HALF]}))
    town.do(ImportRoster(operator="OP01", entries=(absent(None),)))
    assert leaving(town, message) == [("hook", "https://x.example", None)]
