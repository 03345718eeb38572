"""What an outcome makes of a delivery, every case; and by which way a party is reached."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from config.channels import ChannelKind
from config.vocabulary import PartyKind
from notifiers.answers import NO_CHANNEL, NO_CONTACT
from notifiers.outgoing import ChannelRefused, NoChannel, NotYet, Outcome, RefusedForGood, RefusedForNow, Sent, Unknown
from notifiers.routes import Route, routes, why_unreachable
from notifiers.verdicts import MENDING, MOST_ATTEMPTS, verdict, wait_before
from notifiers.ways import way_now
from states.commands.roster import RosterEntry
from states.records import Records, table_of
from states.tables import Contact, Party
from tests.notifiers.rounds import MORNING, ROSTER, Post, Town, found

NOW = datetime(2023, 6, 6, 2, 0, tzinfo=UTC)


def judged(outcome: Outcome, attempts: int = 1, *, more: bool = False) -> dict[str, object]:
    return verdict(
        outcome, attempts, ("phone/sms",), NOW, route="mail/mail", more=more, allowed=lambda instant: instant + timedelta(hours=1)
    )


def test_sent_is_final() -> None:
    assert judged(Sent("250 OK"), more=True) == {"status": "sent", "answer": "250 OK", "settled_at": NOW}


def test_unknown_is_final_and_tries_no_other_way() -> None:
    assert judged(Unknown("没有答复"), more=True) == {"status": "unknown", "answer": "没有答复", "settled_at": NOW}


def test_refusal_of_the_channel_itself_uses_up_no_way_and_no_attempt() -> None:
    later = NOW + MENDING + timedelta(hours=1)
    assert judged(ChannelRefused("HTTP 401"), 3, more=True) == {"status": "queued", "attempts": 2, "due_at": NOW, "answer": "HTTP 401"}
    assert judged(ChannelRefused("HTTP 401"), 3) == {"status": "refused_for_now", "attempts": 2, "due_at": later, "answer": "HTTP 401"}


@pytest.mark.parametrize("outcome", [RefusedForGood("没有这个地址"), NoChannel("没有这个渠道")])
def test_definite_refusal_tries_the_next_way(outcome: RefusedForGood | NoChannel) -> None:
    expected = {"status": "queued", "attempts": 0, "due_at": NOW, "tried": ["phone/sms", "mail/mail"], "answer": outcome.reason}
    assert judged(outcome, more=True) == expected


@pytest.mark.parametrize("outcome", [RefusedForGood("没有这个地址"), NoChannel("没有这个渠道")])
def test_definite_refusal_on_the_last_way_is_final(outcome: RefusedForGood | NoChannel) -> None:
    settled = {"status": "refused_for_good", "answer": outcome.reason, "settled_at": NOW}
    assert judged(outcome) == {**settled, "tried": ["phone/sms", "mail/mail"]}


def test_refusal_for_now_comes_again_later_and_outside_the_quiet_hours() -> None:
    later = NOW + wait_before(3) + timedelta(hours=1)
    assert judged(RefusedForNow("邮箱已满"), 3, more=True) == {"status": "refused_for_now", "answer": "邮箱已满", "due_at": later}


def test_channel_over_its_rate_comes_again_then_and_uses_up_no_attempt() -> None:
    later = NOW + timedelta(minutes=1)
    assert judged(NotYet(later), 3, more=True) == {"status": "queued", "attempts": 2, "due_at": later + timedelta(hours=1)}
    assert judged(NotYet(later), MOST_ATTEMPTS)["status"] == "queued"


def test_last_attempt_that_is_refused_for_now_is_refused_for_good() -> None:
    values = judged(RefusedForNow("邮箱已满"), MOST_ATTEMPTS)
    assert (values["status"], values["answer"]) == ("refused_for_good", "多次未送达，不再尝试：邮箱已满")


def test_last_attempt_on_one_way_tries_the_next_one() -> None:
    values = judged(RefusedForNow("邮箱已满"), MOST_ATTEMPTS, more=True)
    assert (values["status"], values["attempts"]) == ("queued", 0)


def test_waits_double_and_even_the_shortest_outlast_two_days() -> None:
    assert [wait_before(n) for n in (1, 2, 3)] == [timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=20)]
    assert wait_before(3, 0.5) == timedelta(minutes=18)
    total = sum((wait_before(n, 1) for n in range(1, MOST_ATTEMPTS)), timedelta())
    assert timedelta(days=2, hours=12) < total < timedelta(days=4)


# --- ways -----------------------------------------------------------------------------------------------------------------------------------


def ways(town: Town, party: str, **kinds: ChannelKind) -> list[Route]:
    with town.house.store.read() as connection:
        records = Records(connection)
        row = records.get(Party, party)
        assert row is not None
        return routes(records, town.house.vault, row, Post(kinds=kinds), MORNING.date())


def unit(**contacts: str) -> RosterEntry:
    return RosterEntry(id="XX01", kind=PartyKind.EMPLOYER, name="示范厂", contacts=contacts)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Town]]:
    towns: list[Town] = []

    def town(**contacts: str) -> Town:
        towns.append(found(tmp_path, [*ROSTER, unit(**contacts)]))
        return towns[-1]

    yield town
    for each in towns:
        each.house.store.dispose()


def test_mail_address_goes_by_mail_and_not_by_web(make: Callable[..., Town]) -> None:
    town = make(mail="a@x.example")
    assert ways(town, "XX01", hook=ChannelKind.WEB, post=ChannelKind.MAIL) == [
        Route("XX01:mail/post", "post", "a@x.example", contact="mail")
    ]


def test_contacts_go_by_rank_and_each_by_the_channels_own_order(make: Callable[..., Town]) -> None:
    town = make(mail="a@x.example", phone="13900000000", web="https://x.example")
    found_ways = ways(town, "XX01", bot=ChannelKind.APPRISE, post=ChannelKind.MAIL, hook=ChannelKind.WEB)
    assert [way.key for way in found_ways] == [f"XX01:{way}" for way in ("mail/post", "phone/bot", "phone/hook", "web/bot", "web/hook")]


def test_contact_named_for_a_channel_goes_by_that_one_alone(make: Callable[..., Town]) -> None:
    town = make(hook="room-7")
    assert ways(town, "XX01", post=ChannelKind.MAIL, hook=ChannelKind.WEB, other=ChannelKind.WEB) == [
        Route("XX01:hook/hook", "hook", "room-7", contact="hook")
    ]


def test_file_takes_any_contact_and_is_made_out_to_the_name(make: Callable[..., Town]) -> None:
    town = make(phone="13900000000")
    assert ways(town, "XX01", file=ChannelKind.FILE) == [Route("XX01:phone/file", "file", "示范厂 <13900000000>", contact="phone")]


def test_file_needs_no_contact_at_all(make: Callable[..., Town]) -> None:
    assert ways(make(), "XX01", file=ChannelKind.FILE) == [Route("XX01:/file", "file", "示范厂")]


def test_party_without_contact_has_no_way_by_a_real_channel(make: Callable[..., Town]) -> None:
    town = make()
    assert ways(town, "XX01", post=ChannelKind.MAIL) == []
    assert reason(town) == NO_CONTACT


def test_party_whose_contact_fits_no_channel_says_so(make: Callable[..., Town]) -> None:
    town = make(phone="13900000000")
    assert ways(town, "XX01", post=ChannelKind.MAIL) == []
    assert reason(town) == NO_CHANNEL


def reason(town: Town) -> str:
    with town.house.store.read() as connection:
        records = Records(connection)
        return why_unreachable(records, records.get(Party, "XX01"), MORNING.date())


def test_address_that_no_longer_holds_is_no_way(make: Callable[..., Town]) -> None:
    town = make(mail="a@x.example")
    with town.house.store.write() as connection:
        gone = MORNING.date() - timedelta(days=1)
        connection.execute(update(table_of(Contact)).where(table_of(Contact).c.party == "XX01").values(valid_to=gone))
    assert ways(town, "XX01", post=ChannelKind.MAIL) == []


def test_next_way_is_the_first_that_did_not_refuse() -> None:
    first, second = Route("mail/a", "a", "x"), Route("mail/b", "b", "x")
    assert way_now([first, second], ()) is first
    assert way_now([first, second], ["a"]) is second
    assert way_now([first, second], ["b", "a"]) is None


def test_address_shows_in_no_representation() -> None:
    assert "a@x.example" not in repr(Route("mail/post", "post", "a@x.example"))
