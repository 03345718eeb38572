"""Who has no usable address is on the board before any reminder is due: owners, and those above them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from pydantic import SecretStr
from sqlalchemy import event, insert

from config.channels import ChannelConfig, ChannelKind
from config.vocabulary import PartyKind
from flows.bootstrap import App
from flows.converting import roster_entries
from flows.dashboard import board_page
from flows.health.contacts import contacts
from flows.reading import round_board
from flows.reading.unreachable import Unreachable
from flows.workbooks.synthetic_roster import synthetic_roster
from notifiers.channels import Channels
from states.commands.roster import ImportRoster, RosterEntry
from states.records import Records, table_of
from states.tables import WorkItem
from tests.flows.conftest import OPERATOR, SLUG, Give

ROSTER = {entry.id: entry for entry in roster_entries(synthetic_roster(Random(3)))}


def enter(give: Give, *entries: RosterEntry) -> None:
    give(ImportRoster(operator=OPERATOR, entries=entries))


def without_contact(*ids: str, **changes: Any) -> list[RosterEntry]:
    return [ROSTER[each].model_copy(update={"contacts": {}, "preferred": "", **changes}) for each in ids]


def owners(app: App) -> list[WorkItem]:
    with app.house.store.read() as connection:
        return Records(connection).where(WorkItem, round=SLUG, status="open", kind="endorsement")


def find(app: App) -> dict[str, Unreachable]:
    return {each.party: each for each in round_board(app, SLUG).unreachable}


def test_board_of_a_roster_with_every_contact_says_nothing(opened: App) -> None:
    assert find(opened) == {}
    assert "没有联系方式" not in board_page(opened, round_board(opened, SLUG))


def test_owner_without_an_address_is_named_with_its_open_work_before_a_reminder_is_due(opened: App, give: Give) -> None:
    mine = owners(opened)[0].owner
    items = [item for item in owners(opened) if item.owner == mine]
    enter(give, *without_contact(mine))
    name = ROSTER[mine].name
    assert find(opened) == {mine: Unreachable(mine, name, "没有联系方式", len(items), 0, min(item.due_day for item in items))}
    page = board_page(opened, round_board(opened, SLUG))
    assert "## ⚠ 没有联系方式 1 方" in page
    assert f"| {name} | 没有联系方式 | {len(items)} |  | 2023-06-13 |" in page
    assert "import-roster" in page
    assert "给他们的催办和升级只写成文件（outbox/mail），须有人转交。" in page
    assert "送不到" not in page


def test_superior_without_an_address_is_named_with_what_it_would_be_told_of(opened: App, give: Give) -> None:
    [office] = [entry.id for entry in ROSTER.values() if entry.kind == PartyKind.DISTRICT_OFFICE]
    people = [entry.id for entry in ROSTER.values() if entry.kind == PartyKind.OPERATOR]
    enter(give, *without_contact(office, *people))
    found = find(opened)
    assert set(found) == {office}
    assert (found[office].owed, found[office].overseen) == (1, len(owners(opened)))  # it closes intake itself


def test_operators_read_for_an_office_without_an_address(opened: App, give: Give) -> None:
    [office] = [entry.id for entry in ROSTER.values() if entry.kind == PartyKind.DISTRICT_OFFICE]
    enter(give, *without_contact(office))
    assert find(opened) == {}


def test_persons_are_masked(opened: App, give: Give) -> None:
    mine = owners(opened)[0].owner
    expert = next(entry for entry in ROSTER.values() if entry.kind == PartyKind.EXPERT)
    enter(give, expert.model_copy(update={"contacts": {}, "preferred": ""}))
    with opened.house.store.write() as connection:
        table = table_of(WorkItem)
        connection.execute(table.update().where(table.c.owner == mine).values(owner=expert.id))
    found = find(opened)
    assert found[expert.id].name == f"{expert.name[0]}*（{expert.id}）"
    assert expert.name not in board_page(opened, round_board(opened, SLUG))


def test_deputy_with_an_address_reads_for_an_owner_without(opened: App, give: Give) -> None:
    mine = owners(opened)[0].owner
    other = next(entry.id for entry in ROSTER.values() if entry.kind == PartyKind.SUBDISTRICT_UNION and entry.id != mine)
    enter(give, *without_contact(mine, deputy=other, deputy_from=date(2023, 6, 1), deputy_to=date(2023, 6, 30)))
    assert find(opened) == {}


def test_address_that_no_channel_fits_is_said_to_be_so(opened: App, give: Give, tmp_path: Path) -> None:
    mine = owners(opened)[0].owner
    enter(give, *without_contact(mine, contacts={"phone": "19900000000"}))
    assert find(opened) == {}  # files take any address
    mail = ChannelConfig(name="mail", kind=ChannelKind.MAIL, url=SecretStr("hmail://127.0.0.1/?from=office@binjiang.example"))
    mailed = replace(opened, channels=Channels([mail], tmp_path, opened.house.clock))
    assert find(mailed)[mine].why == "现有的联系方式没有渠道能送到"
    page = board_page(mailed, round_board(mailed, SLUG))
    assert "给他们的催办和升级送不到。" in page
    assert "有地址而没有渠道能送到的，请在 channels.yaml 里添上能送到的渠道。" in page
    [check] = contacts(opened.settings, mailed.channels, opened.house.clock.now())
    assert check.found == f"现有的联系方式没有渠道能送到：{ROSTER[mine].name}，催办和升级送不到"
    assert check.mend.endswith("请在 channels.yaml 里添上能送到的渠道")


def test_address_that_becomes_a_file_alone_is_named_where_others_are_sent_mail(opened: App, give: Give, tmp_path: Path) -> None:
    mine, other = list(dict.fromkeys(item.owner for item in owners(opened)))[:2]
    enter(give, *without_contact(mine, contacts={"phone": "19900000000"}), *without_contact(other, deputy=mine))
    mail = ChannelConfig(name="mail", kind=ChannelKind.MAIL, url=SecretStr("hmail://127.0.0.1/?from=office@binjiang.example"))
    both = [mail, ChannelConfig(name="archive", kind=ChannelKind.FILE)]
    mixed = replace(opened, channels=Channels(both, tmp_path, opened.house.clock))
    assert {party: each.why for party, each in find(mixed).items()} == dict.fromkeys((mine, other), "现有的联系方式没有渠道能送到")
    assert "只写成文件（outbox/mail），须有人转交" in board_page(mixed, round_board(mixed, SLUG))


def test_deputy_who_only_gets_files_is_passed_over_for_whoever_is_sent_mail(opened: App, give: Give, tmp_path: Path) -> None:
    mine, other = list(dict.fromkeys(item.owner for item in owners(opened)))[:2]
    enter(give, *without_contact(mine, contacts={"phone": "19900000000"}), ROSTER[other].model_copy(update={"deputy": mine}))
    mail = ChannelConfig(name="mail", kind=ChannelKind.MAIL, url=SecretStr("hmail://127.0.0.1/?from=office@binjiang.example"))
    both = [ChannelConfig(name="archive", kind=ChannelKind.FILE), mail]
    assert set(find(replace(opened, channels=Channels(both, tmp_path, opened.house.clock)))) == {mine}


def test_telephone_is_no_account_of_the_channel_named_for_accounts(opened: App, give: Give, tmp_path: Path) -> None:
    mine = owners(opened)[0].owner
    enter(give, *without_contact(mine, contacts={"phone": "19900000000"}))
    web = ChannelConfig(name="web", kind=ChannelKind.WEB, url=SecretStr("hjson://127.0.0.1/hook"))
    [check] = contacts(opened.settings, Channels([web], tmp_path, opened.house.clock), opened.house.clock.now())
    assert "现有的联系方式没有渠道能送到：" in check.found
    assert ROSTER[mine].name in check.found


def test_doctor_says_what_becomes_of_messages_to_each_of_them(opened: App, give: Give, tmp_path: Path) -> None:
    mine, other = list(dict.fromkeys(item.owner for item in owners(opened)))[:2]
    enter(give, *without_contact(mine))
    mail = ChannelConfig(name="mail", kind=ChannelKind.MAIL, url=SecretStr("hmail://127.0.0.1/?from=office@binjiang.example"))
    mailed = Channels([mail], tmp_path, opened.house.clock)

    def doctor(channels: Channels) -> str:
        [check] = contacts(opened.settings, channels, opened.house.clock.now())
        return check.found

    assert doctor(opened.channels) == f"没有联系方式：{ROSTER[mine].name}，催办和升级只写成文件（outbox/mail），须有人转交"
    assert doctor(mailed) == f"没有联系方式：{ROSTER[mine].name}，催办和升级送不到"
    enter(give, ROSTER[other].model_copy(update={"valid_to": date(2023, 6, 5)}))
    gone = f"不在任也没有代理人：{ROSTER[other].name}，催办和升级送不到"
    assert doctor(opened.channels) == f"没有联系方式：{ROSTER[mine].name}，催办和升级只写成文件（outbox/mail），须有人转交；{gone}"
    assert doctor(mailed) == f"没有联系方式：{ROSTER[mine].name}；{gone}"


def test_owner_who_has_left_is_named_too(opened: App, give: Give) -> None:
    mine = owners(opened)[0].owner
    enter(give, ROSTER[mine].model_copy(update={"valid_to": date(2023, 6, 5)}))
    assert find(opened)[mine].why == "不在任，没有人收"
    assert "不在任的，请办理 reassign-work 移交，或在名册里填上代理人" in board_page(opened, round_board(opened, SLUG))


def test_reading_costs_the_same_over_very_many_items(opened: App, give: Give) -> None:
    enter(give, *without_contact(owners(opened)[0].owner))
    with queries(opened) as few:
        before = find(opened)
    [item] = owners(opened)[:1]
    with opened.house.store.write() as connection:
        rows = [{**vars(item), "id": f"more-{number}"} for number in range(2_000)]
        connection.execute(insert(table_of(WorkItem)), rows)
    with queries(opened) as many:
        after = find(opened)
    assert after[item.owner].owed == before[item.owner].owed + 2_000
    assert len(many) == len(few)


@contextmanager
def queries(app: App) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: Any, _k: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    engine = app.house.store.engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)
