"""Ways to a recipient: deputies, second addresses, preferences, and the channels that an urgency asks for."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from config.channels import ChannelKind
from config.vocabulary import PartyKind
from notifiers.kind_names import CHOICES, KIND_NAMES
from notifiers.kinds import MessageKind
from notifiers.outgoing import Outcome, Outgoing, RefusedForGood, Sent, Unknown
from notifiers.rendering import Form
from notifiers.routes import form_of
from notifiers.scene import Scene
from states.commands.roster import RosterEntry
from states.records import Records
from states.tables import Delivery
from tests.notifiers.rounds import ROSTER, RULES, Post, Town, opened

KINDS = {"mail": ChannelKind.MAIL, "sms": ChannelKind.WEB}
URGENT = RULES.replace("  ours: true                     # 【办法默认】\n\nsignatures", "  channels: {overdue: [phone]}\n\nsignatures")
ALL = {"mail": "changhe@union.example", "mail-2": "second@union.example", "phone": "0571-87000000"}


def roster(party: str = "JD01", **values: Any) -> Sequence[RosterEntry]:
    return [entry.model_copy(update=values) if entry.id == party else entry for entry in ROSTER]


@pytest.fixture
def post() -> Post:
    return Post(kinds=dict(KINDS))


@pytest.fixture
def towns() -> Iterator[list[Town]]:
    made: list[Town] = []
    yield made
    for town in made:
        town.house.store.dispose()


def told(towns: list[Town], folder: Path, entries: Sequence[RosterEntry], rules: str = RULES) -> Town:
    """Make a town whose opening has been told already."""
    towns.append(opened(folder, entries, rules))
    towns[-1].post(Post())
    return towns[-1]


def only(post: Post) -> Outgoing:
    (message,) = post.messages
    return message


# --- deputies -----------------------------------------------------------------------------------------------------------------------------


def away(**days: date) -> Sequence[RosterEntry]:
    period: dict[str, Any] = {f"deputy_{name}": day for name, day in days.items()}
    return roster(deputy="LH01", **period)


def test_message_goes_to_the_deputy_and_says_for_whom(towns: list[Town], tmp_path: Path, post: Post) -> None:
    town = told(towns, tmp_path, away(to=date(2023, 6, 7)))
    town.submit("张建国")
    town.post(post)
    assert only(post).recipient_address == "iot@union.example"
    assert only(post).body.startswith("物联网产业园工会联合会：\n\n您正代理长河街道总工会，本信原是发给长河街道总工会的。")


@pytest.mark.parametrize(
    ("moment", "address"),
    [
        ("2023-06-07T23:59:59", "changhe@union.example"),
        ("2023-06-08T00:00:00", "iot@union.example"),
        ("2023-06-09T23:59:59", "iot@union.example"),
        ("2023-06-10T00:00:00", "changhe@union.example"),
    ],
)
def test_deputy_reads_from_the_first_to_the_last_day(towns: list[Town], tmp_path: Path, moment: str, address: str) -> None:
    rules = RULES.replace('quiet_from: "20:00"', 'quiet_from: "03:00"').replace('quiet_to: "08:00"', 'quiet_to: "04:00"')
    town = told(towns, tmp_path, away(**{"from": date(2023, 6, 8), "to": date(2023, 6, 9)}), rules)
    town.at(moment)
    town.submit("张建国")
    post = Post()
    town.post(post)
    assert only(post).recipient_address == address


def test_deputy_who_has_left_does_not_read(towns: list[Town], tmp_path: Path, post: Post) -> None:
    entries = [entry.model_copy(update={"valid_to": date(2023, 6, 5)}) if entry.id == "LH01" else entry for entry in away()]
    town = told(towns, tmp_path, entries)
    town.submit("张建国")
    town.post(post)
    assert only(post).recipient_address == "changhe@union.example"
    assert "代理" not in only(post).body


@pytest.mark.parametrize(("next_deputy", "address"), [("QB01", "office@binjiang.example"), ("JD01", "changhe@union.example")])
def test_deputys_deputy_is_followed_and_a_circle_ends_at_the_party(
    towns: list[Town], tmp_path: Path, post: Post, next_deputy: str, address: str
) -> None:
    entries = [entry.model_copy(update={"deputy": next_deputy}) if entry.id == "LH01" else entry for entry in away()]
    town = told(towns, tmp_path, entries)
    town.submit("张建国")
    town.post(post)
    assert address in {message.recipient_address for message in post.messages if "BJGJ-2023-0001" in message.body}


@pytest.mark.parametrize("contacts", [{}, {"phone": "0571-87000001"}])
def test_deputy_who_cannot_be_reached_is_passed_over(towns: list[Town], tmp_path: Path, contacts: dict[str, str]) -> None:
    """Without any address, or with one that no channel of the house speaks to."""
    entries = [entry.model_copy(update={"contacts": contacts}) if entry.id == "LH01" else entry for entry in away()]
    town = told(towns, tmp_path, entries)
    town.submit("张建国")
    post = Post(kinds={"mail": ChannelKind.MAIL})
    town.post(post)
    assert only(post).recipient_address == "changhe@union.example"
    assert "代理" not in only(post).body


@pytest.mark.parametrize(
    ("without", "address"),
    [(("LH01",), "office@binjiang.example"), (("QB01",), "iot@union.example"), (("LH01", "QB01"), "changhe@union.example")],
)
def test_last_deputy_of_a_line_who_can_be_reached_reads(
    towns: list[Town], tmp_path: Path, post: Post, without: tuple[str, ...], address: str
) -> None:
    entries = [entry.model_copy(update={"deputy": "QB01"}) if entry.id == "LH01" else entry for entry in away()]
    entries = [entry.model_copy(update={"contacts": {}}) if entry.id in without else entry for entry in entries]
    town = told(towns, tmp_path, entries)
    town.submit("张建国")
    town.post(post)
    about = [message.recipient_address for message in post.messages if "出具推荐意见" in message.body]
    assert about == [address]


def test_file_reaches_a_deputy_without_any_address(towns: list[Town], tmp_path: Path) -> None:
    entries = [entry.model_copy(update={"contacts": {}}) if entry.id == "LH01" else entry for entry in away()]
    town = told(towns, tmp_path, entries)
    town.submit("张建国")
    post = Post(kinds={"file": ChannelKind.FILE})
    town.post(post)
    assert only(post).recipient_address == "物联网产业园工会联合会"


@pytest.mark.parametrize("deputys", [{}, {"phone": "0571-87000001"}])
@pytest.mark.parametrize("own", ["mail", ""])
def test_file_swallows_nothing_while_anybody_in_the_line_can_be_reached(
    towns: list[Town], tmp_path: Path, deputys: dict[str, str], own: str
) -> None:
    """Neither what is for a deputy without a usable address, nor what the recipient's own mailbox refuses: that others must hear of."""
    entries = [entry.model_copy(update={"contacts": deputys}) if entry.id == "LH01" else entry for entry in away()]
    entries = [entry.model_copy(update={"contacts": {}}) if entry.id == "JD01" and not own else entry for entry in entries]
    town = told(towns, tmp_path, entries)
    town.submit("张建国")
    post = Gone(kinds={"archive": ChannelKind.FILE, "smtp": ChannelKind.MAIL})
    post.gone = ("changhe@union.example",)
    town.post(post)
    (about,) = [message for message in post.messages if "出具推荐意见" in message.body]
    (row,) = town.rows(Delivery, id=[about.message_id])
    assert (about.channel, row.status) == (("smtp", "refused_for_good") if own else ("archive", "sent"))
    assert about.recipient_address.startswith("changhe@" if own else "物联网产业园工会联合会")


@pytest.mark.parametrize(
    ("contacts", "behind"),
    [({"mail": "a@union.example"}, " <a@union.example>"), ({"web": "a> , <x@y.example"}, " <a＞ , ＜x@y.example>"), ({}, "")],
)
def test_party_named_like_an_address_is_none_in_a_file(towns: list[Town], tmp_path: Path, contacts: dict[str, str], behind: str) -> None:
    town = opened(tmp_path, roster(name='甲 <x@y.example>,乙;"丙" =?utf-8?q?=0D=0A?=', contacts=contacts))
    towns.append(town)
    files = Post(kinds={"archive": ChannelKind.FILE})
    town.post(files)
    told_to = {message.recipient_address for message in files.messages if "甲" in message.recipient_address}
    assert told_to == {f"甲 ＜x＠y.example＞，乙；＂丙＂ ＝?utf-8?q?=0D=0A?={behind}"}


def test_office_whose_deputy_has_no_address_is_told_itself(towns: list[Town], tmp_path: Path) -> None:
    entries = [entry.model_copy(update={"deputy": "CY01"}) if entry.id == "QB01" else entry for entry in ROSTER]
    town = told(towns, tmp_path, entries)
    with town.house.store.read() as connection:
        assert Scene(Records(connection), "bjgj-2023", date(2023, 6, 6)).office() == ["QB01"]


# --- several addresses, preferences, urgency ------------------------------------------------------------------------------------------------


def test_second_mailbox_is_tried_after_the_first_refused(towns: list[Town], tmp_path: Path) -> None:
    town = told(towns, tmp_path, roster(contacts=ALL))
    town.submit("张建国")
    post = Post(kinds={"mail": ChannelKind.MAIL}, answers={"mail": [RefusedForGood("550 no such user")]})
    town.post(post)
    assert [message.recipient_address for message in post.messages] == ["changhe@union.example", "second@union.example"]


def test_preferred_channel_goes_first_and_a_telephone_gets_the_short_form(towns: list[Town], tmp_path: Path, post: Post) -> None:
    town = told(towns, tmp_path, roster(contacts=ALL, preferred="phone"))
    town.submit("张建国")
    town.post(post)
    assert (only(post).channel, only(post).recipient_address) == ("sms", "0571-87000000")
    assert only(post).body.startswith("长河街道总工会：2件事，最急的在前。1. 请办理：出具推荐意见（BJGJ-2023-0001 张*）")
    assert "张建国" not in only(post).body


@pytest.mark.parametrize(("days", "way"), [(5, ("sms", "0571-87000000")), (6, ("mail", "changhe@union.example"))])
def test_what_a_short_form_leaves_out_of_the_readers_own_work_goes_by_a_full_one(
    towns: list[Town], tmp_path: Path, post: Post, days: int, way: tuple[str, str]
) -> None:
    town = told(towns, tmp_path, roster(contacts=ALL, preferred="phone"))
    for day in range(days):
        town.at(f"2023-06-{12 + day + day // 5 * 2}T09:00")
        town.submit(f"张{day}")
    town.post(post)
    about = {(message.channel, message.recipient_address) for message in post.messages if message.recipient_address in ALL.values()}
    assert about == {way}


def test_overdue_goes_by_the_channel_that_its_urgency_asks_for(towns: list[Town], tmp_path: Path) -> None:
    assert "channels: {overdue: [phone]}" in URGENT
    town = told(towns, tmp_path, roster(contacts=ALL), URGENT)
    town.submit("张建国", unit="物联网产业园工会联合会", unit_kind=PartyKind.UNION_FEDERATION)
    for moment, channel in (("2023-06-09T09:00", ""), ("2023-06-14T09:00", "sms")):
        town.at(moment)
        town.tick()
        post = Post(kinds=dict(KINDS))
        town.post(post)
        mine = [message.channel for message in post.messages if message.recipient_address in ALL.values()]
        assert mine == ([channel] if channel else [])


def test_other_classes_follow_where_the_urgent_one_is_refused(towns: list[Town], tmp_path: Path) -> None:
    town = told(towns, tmp_path, roster(contacts=ALL), URGENT)
    town.submit("张建国", unit="物联网产业园工会联合会", unit_kind=PartyKind.UNION_FEDERATION)
    town.at("2023-06-14T09:00")
    town.tick()
    post = Post(kinds=dict(KINDS), answers={"sms": [RefusedForGood("停机")]})
    town.post(post)
    assert [message.channel for message in post.messages if message.recipient_address in ALL.values()] == ["sms", "mail"]


@pytest.mark.parametrize(
    ("kind", "contact", "form"),
    [
        (ChannelKind.MAIL, "mail-2", Form.FULL),
        (ChannelKind.WEB, "web", Form.FULL),
        (ChannelKind.WEB, "phone", Form.BRIEF),
        (ChannelKind.APPRISE, "web", Form.BRIEF),
        (ChannelKind.WECOM, "web", Form.BRIEF),
        (ChannelKind.FILE, "phone", Form.FULL),
    ],
)
def test_channel_and_address_say_which_wording(kind: ChannelKind, contact: str, form: Form) -> None:
    assert form_of(kind, contact) is form


def test_every_kind_has_a_name_of_its_own() -> None:
    assert set(KIND_NAMES) == set(MessageKind)
    assert len({name for name, _ in CHOICES}) == len(MessageKind) + 1


# --- an address that is gone for good -----------------------------------------------------------------------------------------------------


class Gone(Post):
    """Addresses that refuse everything for good."""

    gone: tuple[str, ...] = ()

    def send(self, message: Outgoing) -> Outcome:
        super().send(message)
        return RefusedForGood("550 mailbox gone") if message.recipient_address in self.gone else Sent("250 OK")


@pytest.mark.parametrize(
    ("gone", "readers", "status"),
    [
        (("iot@union.example",), ["iot@union.example", "changhe@union.example"], "sent"),
        (("changhe@union.example",), ["iot@union.example"], "sent"),
        (("iot@union.example", "changhe@union.example"), ["iot@union.example", "changhe@union.example"], "refused_for_good"),
    ],
)
def test_after_the_deputys_last_address_the_partys_own_is_tried(
    towns: list[Town], tmp_path: Path, gone: tuple[str, ...], readers: list[str], status: str
) -> None:
    """Both have an address of the same class, by the same channel."""
    town = told(towns, tmp_path, away())
    town.submit("张建国")
    post = Gone(kinds={"mail": ChannelKind.MAIL})
    post.gone = gone
    for _ in range(2):
        town.post(post)
    about = [message for message in post.messages if "出具推荐意见" in message.body]
    assert [message.recipient_address for message in about] == readers
    assert ["代理" in message.body for message in about] == [address == "iot@union.example" for address in readers]
    assert [row.status for row in town.rows(Delivery, id=[about[0].message_id])] == [status]


def test_after_one_deputy_of_a_line_the_next_one_reads(towns: list[Town], tmp_path: Path) -> None:
    entries = [entry.model_copy(update={"deputy": "QB01"}) if entry.id == "LH01" else entry for entry in away()]
    town = told(towns, tmp_path, entries)
    town.submit("张建国")
    post = Gone(kinds={"mail": ChannelKind.MAIL})
    post.gone = ("office@binjiang.example",)
    town.post(post)
    about = [message.recipient_address for message in post.messages if "出具推荐意见" in message.body]
    assert about == ["office@binjiang.example", "iot@union.example"]


def test_after_an_unknown_nobody_else_is_tried(towns: list[Town], tmp_path: Path) -> None:
    town = told(towns, tmp_path, away())
    town.submit("张建国")
    post = Post(kinds={"mail": ChannelKind.MAIL}, answers={"mail": [Unknown("没有答复")]})
    for _ in range(2):
        town.post(post)
    assert only(post).recipient_address == "iot@union.example"
