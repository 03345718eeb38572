"""A damaged row stops its own message alone, and is told; a wrong key stops all of them before anything leaves."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from config.channels import ChannelKind
from notifiers.alarms import operators
from notifiers.delivery import WRONG_KEY, Report, deliver
from notifiers.plans import DAMAGED
from notifiers.settling import settle_all
from states.commands.roster import ImportRoster
from states.records import table_of
from states.replay import verify
from states.tables import Contact, Delivery, Notification, Person
from states.vault import Vault, VaultError
from tests.notifiers.rounds import ROSTER, Post, Town, opened

UNIT = "changhe@union.example"
_CONTACT, _PERSON = table_of(Contact), table_of(Person)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = opened(tmp_path)
    yield town
    town.house.store.dispose()


def damage(town: Town, party: str) -> None:
    """Put a text into an address that was sealed for another one."""
    with town.house.store.write() as connection:
        strange = town.house.vault.seal("somebody@union.example", "contact nobody mail")
        connection.execute(update(_CONTACT).where(_CONTACT.c.party == party).values(address=strange))


def stranger(town: Town) -> Town:
    """Give the same house under another key."""
    house = town.house
    return Town(
        house.__class__(house.store, town.clock, house.chance, Vault(b"x" * 32, house.chance), lambda _: []), town.clock, given=town.given
    )


def test_damaged_address_stops_its_own_message_alone(town: Town) -> None:
    damage(town, "JD01")
    post = Post()
    assert town.post(post) == Report(sent=2, failed=2)
    (lost,) = town.rows(Delivery, recipient="JD01")
    assert (lost.status, lost.answer, lost.attempts) == ("refused_for_good", DAMAGED, 0)
    settle_all(town.house)
    town.post(post)
    (told,) = town.rows(Notification, kind="delivery_failed", recipient="QB01")
    assert lost.id in told.context["undelivered"]
    assert DAMAGED in post.to("office@binjiang.example")[-1].body
    assert list(verify(town.house.store, town.house.vault).findings) == ["JD01 的联系方式（mail）与台账不符"]


def test_sound_address_of_a_party_is_used_though_another_is_damaged(tmp_path: Path) -> None:
    both = [
        each.model_copy(update={"contacts": {**each.contacts, "mail2": "second@union.example"}}) for each in ROSTER if each.id == "JD01"
    ]
    town = opened(tmp_path, [each for each in ROSTER if each.id != "JD01"] + both)
    with town.house.store.write() as connection:
        here = (_CONTACT.c.party == "JD01", _CONTACT.c.channel == "mail")
        connection.execute(update(_CONTACT).where(*here).values(address=town.house.vault.seal("x@y.example", "contact nobody mail")))
    post = Post(kinds={"mail": ChannelKind.MAIL, "mail2": ChannelKind.MAIL})
    town.post(post)
    assert [row.status for row in town.rows(Delivery, recipient="JD01")] == ["sent"]
    assert len(post.to("second@union.example")) == 1
    town.house.store.dispose()


def test_damaged_candidate_stops_the_messages_that_name_it_alone(town: Town) -> None:
    town.post(Post())
    town.submit("张建国")
    town.submit("李秀英", unit="物联网产业园工会联合会")
    with town.house.store.write() as connection:
        first = town.rows(Person)[0]
        connection.execute(update(_PERSON).where(_PERSON.c.nomination == first.nomination).values(body="bm90aGluZw=="))
    assert town.post(Post()).failed >= 1
    answers = {row.answer for row in town.rows(Delivery, status="refused_for_good")}
    assert DAMAGED in answers


def test_wrong_key_is_said_before_any_message_is_taken(town: Town) -> None:
    town.tell()
    post = Post()
    with pytest.raises(VaultError, match="一条也没有发"):
        deliver(stranger(town).house, post, "postman")
    assert post.messages == []
    assert {row.status for row in town.rows(Delivery)} == {"queued"}
    assert str(VaultError(WRONG_KEY)).endswith("（vault.key）")


def test_damaged_address_of_an_operator_keeps_no_alarm_from_the_others(town: Town) -> None:
    second = next(entry for entry in ROSTER if entry.id == "OP01").model_copy(
        update={"id": "OP02", "contacts": {"mail": "op2@gov.example"}}
    )
    town.do(ImportRoster(operator="OP01", entries=(second,)))
    damage(town, "OP01")
    found = operators(town.house, Post(), town.clock.now().date())
    assert {key: [way.address for way in ways] for key, ways in found.items()} == {"OP02": ["op2@gov.example"]}


def test_damaged_address_is_mended_by_the_roster_and_a_wrong_key_writes_nothing(town: Town) -> None:
    damage(town, "JD01")
    unit = next(entry for entry in ROSTER if entry.id == "JD01")
    with pytest.raises(VaultError):
        stranger(town).do(ImportRoster(operator="OP01", entries=(unit,)))
    town.do(ImportRoster(operator="OP01", entries=(unit,), again=True))
    post = Post()
    assert town.post(post) == Report(sent=3, failed=1)
    assert len(post.to(UNIT)) == 1
