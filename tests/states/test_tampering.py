"""``verify`` against finer tampering: weaker triggers, other names and addresses, secrets moved; and against honest clocks put back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert

from config.vocabulary import PartyKind
from states.clock import VirtualClock
from states.commands.roster import ImportRoster, RosterEntry
from states.commands.signing import EnrolSigner
from states.ledger_triggers import STATEMENTS
from states.records import table_of
from states.replay import verify
from states.tables import Contact, Party, VaultText
from tests.states.builders import Story
from tests.states.figures import SLUG, number
from tests.states.test_replay import behind_its_back, change, findings

# --- the triggers


@pytest.mark.parametrize(
    "definition",
    [
        "BEFORE UPDATE OR DELETE ON ledger_entry FOR EACH ROW WHEN (false)",
        "BEFORE UPDATE ON ledger_entry FOR EACH ROW",
        "BEFORE DELETE OR UPDATE OF document ON ledger_entry FOR EACH ROW",
        "AFTER UPDATE OR DELETE ON ledger_entry FOR EACH ROW",
    ],
)
def test_trigger_of_its_name_that_refuses_less_is_found(story: Story, definition: str) -> None:
    if story.store.is_sqlite:
        weaker = definition.replace("BEFORE UPDATE OR DELETE", "BEFORE UPDATE").replace("BEFORE DELETE OR UPDATE", "BEFORE UPDATE")
        change(story, "DROP TRIGGER ledger_no_update")
        change(story, f"CREATE TRIGGER ledger_no_update {weaker} BEGIN SELECT 1; END".replace("AFTER UPDATE OR DELETE", "AFTER UPDATE"))
        assert findings(story) == ["台账的保护触发器“ledger_no_update”缺失或被改动"]
        return
    change(story, "DROP TRIGGER ledger_no_change ON ledger_entry")
    change(story, f"CREATE TRIGGER ledger_no_change {definition} EXECUTE FUNCTION ledger_refuse()")
    assert findings(story) == ["台账的保护触发器“ledger_no_change”缺失或被改动"]


def test_refusal_that_lets_somebody_through_is_found(story: Story) -> None:
    if story.store.is_sqlite:
        pass_by = STATEMENTS["sqlite"]["ledger_no_update"].replace(" BEGIN ", " WHEN NEW.operator <> 'x' BEGIN ")
        change(story, "DROP TRIGGER ledger_no_update")
        change(story, pass_by)
        assert len(findings(story)) == 1
        return
    refuse = STATEMENTS["postgresql"]["ledger_refuse"].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    change(story, refuse.replace(" BEGIN ", " BEGIN IF current_user = 'x' THEN RETURN NEW; END IF; "))
    assert len(findings(story)) == 2


# --- the clock


def put_back(story: Story, by: timedelta) -> None:
    story.clock = VirtualClock(story.clock.now() - by)
    story.house = replace(story.house, clock=story.clock)


@pytest.mark.parametrize("by", [timedelta(0), timedelta(milliseconds=5), timedelta(hours=2)])
@pytest.mark.parametrize("slug", ["bjgj-2023", "zz-2023"])
def test_clock_put_back_between_two_chains_is_no_finding(story: Story, slug: str, by: timedelta) -> None:
    story.slug = slug
    story.open()
    put_back(story, by)
    office = RosterEntry(id="office", kind=PartyKind.DISTRICT_OFFICE, name="区工匠办", field="办公室", contacts={"mail": "b@example.com"})
    story.do(ImportRoster(operator="op1", entries=(office,)))
    assert story.row(Party, id="office").field == "办公室"
    story.verified()


def test_clock_put_back_within_a_chain_is_no_finding(story: Story) -> None:
    story.intake_over()
    story.clock.move_to(story.clock.now() + timedelta(hours=1))
    story.do(story.verdict(1, "return", reason="请补证明", fields=("证明材料",)))
    put_back(story, timedelta(milliseconds=5))
    story.do(story.resubmission(1))
    story.verified()


# --- what stands beside the ledger


@pytest.mark.parametrize(("column", "value"), [("name", "假名"), ("employer", "别的公司"), ("salt", "x"), ("name", "*")])
def test_changed_name_or_employer_is_found(story: Story, column: str, value: str) -> None:
    story.open()
    change(story, f"UPDATE party SET {column} = :value WHERE id = 'E1'", value=value)  # noqa: S608 - our own names
    assert findings(story) == ["名册中 E1 的名称或工作单位与台账不符"]
    assert not verify(story.store).verified


def test_renamed_party_verifies_and_its_old_name_does_not(story: Story) -> None:
    story.open()
    story.do(ImportRoster(operator="op1", entries=(RosterEntry(id="E1", kind=PartyKind.EXPERT, name="专家一", employer="杭州丙公司"),)))
    story.verified()
    change(story, "UPDATE party SET employer = '杭州甲公司' WHERE id = 'E1'")
    assert findings(story) == ["名册中 E1 的名称或工作单位与台账不符"]


def test_names_stand_in_no_entry(story: Story) -> None:
    story.open()
    whole = "".join(entry.payload for entry in story.entries())
    assert all(each not in whole for each in ("专家一", "杭州甲公司", "changhe@example.com"))


@pytest.mark.parametrize(
    "setting", ["rank = 9", "address = (SELECT person FROM contact c WHERE c.party = 'U1')", "valid_to = '2023-01-01'"]
)
def test_changed_address_is_found_and_a_purged_one_is_not(story: Story, setting: str) -> None:
    story.open()
    change(story, f"UPDATE contact SET {setting} WHERE party = 'U1'")  # noqa: S608 - our own words
    assert findings(story) == ["U1 的联系方式（mail）与台账不符"]
    change(story, "DELETE FROM contact")
    assert findings(story) == []


def test_address_that_was_slipped_in_is_found(story: Story) -> None:
    story.open()
    row = vars(story.row(Contact, party="U1"))
    with behind_its_back(story) as connection:
        connection.execute(insert(table_of(Contact)), [row | {"channel": "web"}])
    assert findings(story) == ["U1 的联系方式（web）与台账不符"]


@pytest.mark.parametrize("column", ["identity", "content", "round"])
def test_candidate_who_would_not_be_found_again_is_found(story: Story, column: str) -> None:
    story.submitted(2)
    change(story, f"UPDATE person SET {column} = 'deadbeef' WHERE nomination = :one", one=number(1))  # noqa: S608 - our own names
    assert findings(story) == [f"保密库中 {number(1)} 的申报人资料与台账不符"]


@pytest.mark.parametrize(("column", "value"), [("subject", "op2"), ("kind", "reason"), ("round", SLUG)])
def test_secret_moved_to_another_is_found(story: Story, column: str, value: str) -> None:
    story.open()
    story.do(EnrolSigner(operator="op1", signer="op1"))
    story.do(EnrolSigner(operator="op2", signer="op1"))
    story.verified()
    key = story.row(VaultText).id
    change(story, f"UPDATE vault_text SET {column} = :value", value=value)  # noqa: S608 - our own names
    assert findings(story) == [f"保密库文本 {key} 与台账不符"]
