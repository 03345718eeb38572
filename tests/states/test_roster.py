"""The roster: addresses that go, come back, and change hands."""

from datetime import date
from typing import Any

import pytest

from config.vocabulary import PartyKind, Promptness, Role
from states.commands.roster import ImportRoster, RosterEntry
from states.outcome import Outcome
from states.tables import Contact, Party
from tests.states.builders import Story
from tests.states.figures import ROSTER

BOTH = {"mail": "old@example.com", "phone": "0571-87000000"}


def enter(story: Story, contacts: dict[str, str], person: str = "甲联系") -> Outcome:
    entry = RosterEntry(id="U9", kind=PartyKind.MEMBER_UNIT, name="某单位", contacts=contacts, person=person)
    return story.do(ImportRoster(operator="op1", entries=(entry,), again=True)).outcome


def in_use(story: Story) -> dict[str, str]:
    rows = [row for row in story.rows(Contact, party="U9") if row.valid_to is None or row.valid_to >= story.clock.now().date()]
    return {row.channel: story.vault.open(row.address, f"contact U9 {row.channel}") for row in rows}


def test_address_that_the_roster_no_longer_gives_is_used_no_more(story: Story) -> None:
    story.open()
    enter(story, BOTH)
    outcome = enter(story, {"phone": BOTH["phone"]})
    assert [touch.note for touch in outcome.touched] == ["成员单位；停用联系方式：邮箱"]
    assert in_use(story) == {"phone": BOTH["phone"]}
    assert '"ended":["mail"]' in story.entries(event="party_changed", subject="U9")[-1].payload
    assert enter(story, {"phone": BOTH["phone"]}).skipped[0].reason == "与现有名册相同"
    story.verified()


def test_last_address_of_a_party_may_go_too(story: Story) -> None:
    story.open()
    enter(story, BOTH)
    enter(story, {})
    assert in_use(story) == {}
    story.verified()


@pytest.mark.parametrize("address", ["old@example.com", "new@example.com"])
def test_address_that_comes_back_is_used_again(story: Story, address: str) -> None:
    story.open()
    enter(story, BOTH)
    enter(story, {"phone": BOTH["phone"]})
    enter(story, {**BOTH, "mail": address})
    assert in_use(story) == {**BOTH, "mail": address}
    story.verified()


def test_new_person_at_the_same_address_is_a_change(story: Story) -> None:
    story.open()
    enter(story, BOTH)
    assert enter(story, BOTH, person="乙联系").touched[0].subject == "U9"
    row = story.row(Contact, party="U9", channel="mail")
    assert story.vault.open(row.person, "person U9 mail") == "乙联系"
    assert enter(story, BOTH, person="乙联系").touched == ()


def test_clocks_name_is_nobodys_id(story: Story) -> None:
    story.open()
    entry = RosterEntry(id="clock", kind=PartyKind.OPERATOR, name="吴", roles=(Role.OFFICE,))
    command = ImportRoster(operator="op1", entries=(entry,))
    assert [str(each) for each in story.refused(command)] == ["编号 clock 是系统时钟的，请另取一个"]


# --- deputies, preferences -----------------------------------------------------------------------------------------------------------------


def entry(party: str, **values: object) -> RosterEntry:
    given = {"id": party, "kind": PartyKind.MEMBER_UNIT, "name": f"单位{party}", **values}
    return RosterEntry.model_validate(given)


def test_deputy_and_choices_are_recorded_and_replayed(story: Story) -> None:
    story.open()
    deputy = {"deputy": "U9", "deputy_from": date(2023, 7, 1), "deputy_to": date(2023, 7, 14)}
    away = entry("U8", **deputy, promptness={"reminder": Promptness.IMMEDIATE, "*": Promptness.DIGEST})
    story.do(ImportRoster(operator="op1", entries=(away, entry("U9"))))
    row = story.row(Party, id="U8")
    assert (row.deputy, row.deputy_from, row.deputy_to) == tuple(deputy.values())
    assert row.promptness == {"*": "digest", "reminder": "immediate"}
    again = story.do(ImportRoster(operator="op1", entries=(away,), again=True)).outcome
    assert again.skipped[0].reason == "与现有名册相同"
    story.do(ImportRoster(operator="op1", entries=(entry("U8"),)))
    assert story.row(Party, id="U8").deputy is None
    story.verified()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"deputy": "U7"}, "编号 U8 的代理人编号 U7 不在名册中"),
        ({"deputy": "U8"}, "编号 U8 的代理人是自己，请填另一方的编号"),
        ({"deputy_to": date(2023, 7, 1)}, "编号 U8 有代理日期而没有代理人，请填代理人编号，或删去日期"),
        (
            {"deputy": "U9", "deputy_from": date(2023, 7, 2), "deputy_to": date(2023, 7, 1)},
            "编号 U8 的代理止日早于代理起日，请改正",
        ),
        ({"preferred": "phone", "contacts": {"mail": "a@example.com"}}, "编号 U8 首选电话，却没有填电话，请补上，或改首选"),
    ],
)
def test_deputy_or_preference_that_cannot_be_is_refused(story: Story, values: dict[str, object], sentence: str) -> None:
    story.open()
    command = ImportRoster(operator="op1", entries=(entry("U8", **values), entry("U9")))
    assert [str(each) for each in story.refused(command)] == [sentence]
    assert story.rows(Party, id="U9") == []


def test_preferred_address_ranks_first_and_a_new_preference_is_a_change(story: Story) -> None:
    story.open()
    story.do(ImportRoster(operator="op1", entries=(entry("U8", contacts=BOTH, preferred="phone"),)))
    ranks = {row.channel: row.rank for row in story.rows(Contact, party="U8")}
    assert ranks == {"phone": 1, "mail": 2}
    story.do(ImportRoster(operator="op1", entries=(entry("U8", contacts=BOTH),)))
    assert {row.channel: row.rank for row in story.rows(Contact, party="U8")} == {"mail": 1, "phone": 2}
    story.verified()


@pytest.mark.parametrize("changed", [{"valid_to": date(9999, 12, 31)}, {"valid_from": date(1900, 1, 1)}, {"deputy_to": date(9999, 12, 31)}])
def test_roster_with_a_day_that_must_be_a_slip_is_refused_with_the_mend(story: Story, changed: dict[str, Any]) -> None:
    story.do(ImportRoster(operator="op1", entries=ROSTER))
    entry = RosterEntry(id="E9", kind=PartyKind.EXPERT, name="专家九", deputy="E1", **changed)
    (refusal,) = story.refused(ImportRoster(operator="op1", entries=(entry,)))
    assert refusal.code == "strange-day"
    assert "长期有效的请留空" in refusal.sentence
