"""A channel that is named after a class of address serves that class alone, and first."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.channels import ChannelConfig, ChannelKind
from notifiers.answers import NO_CHANNEL
from notifiers.channels import Channels
from notifiers.delivery import deliver
from notifiers.routes import ways, why_unreachable
from states.commands.roster import RosterEntry
from states.records import Records
from states.tables import Delivery, Party
from tests.notifiers.rounds import ROSTER, Post, Town, found, opened
from tests.receivers import HttpReceiver

K = ChannelKind
ALL = {"mail": "changhe@union.example", "phone": "19900000000", "web": "changhe"}


def roster(**contacts: str) -> Sequence[RosterEntry]:
    return [entry.model_copy(update={"contacts": contacts}) if entry.id == "JD01" else entry for entry in ROSTER]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = found(tmp_path, roster(**ALL, **{"mail-2": "second@union.example"}))
    yield town
    town.house.store.dispose()


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ({"phone": K.APPRISE}, ["phone/phone"]),
        ({"web": K.WEB}, ["web/web"]),
        ({"wecom": K.WECOM, "phone": K.APPRISE}, ["phone/phone", "web/wecom"]),
        ({"sms": K.APPRISE, "web": K.WEB}, ["phone/sms", "web/web"]),
        ({"sms": K.APPRISE, "oa": K.WEB}, ["phone/sms", "phone/oa", "web/sms", "web/oa"]),
        ({"spare": K.MAIL, "mail": K.MAIL}, ["mail/mail", "mail/spare", "mail-2/mail", "mail-2/spare"]),
        ({"mail": K.MAIL, "archive": K.FILE}, ["mail/mail", "mail-2/mail"]),
        ({"archive": K.FILE, "oa": K.WEB}, ["phone/oa", "web/oa"]),
        ({"phone": K.FILE, "mail": K.MAIL}, ["mail/mail", "mail-2/mail"]),
        ({"archive": K.FILE}, ["mail/archive", "mail-2/archive", "phone/archive", "web/archive"]),
        ({"mail-2": K.MAIL}, ["mail/mail-2", "mail-2/mail-2"]),
    ],
)
def test_address_goes_by_the_channel_named_after_its_class(town: Town, kinds: dict[str, ChannelKind], expected: list[str]) -> None:
    with town.house.store.read() as connection:
        records = Records(connection)
        party = records.get(Party, "JD01")
        assert party
        assert [way.key.removeprefix("JD01:") for way in ways(records, party, Post(kinds=kinds), town.clock.now().date())] == expected


def test_telephone_in_a_house_whose_only_channel_is_for_accounts_has_none(tmp_path: Path) -> None:
    town = found(tmp_path, roster(phone=ALL["phone"]))
    with town.house.store.read() as connection:
        records, today = Records(connection), town.clock.now().date()
        party = records.get(Party, "JD01")
        assert party
        assert ways(records, party, Post(kinds={"web": K.WEB}), today) == []
        assert why_unreachable(records, party, today) == NO_CHANNEL
    town.house.store.dispose()


def test_gateway_for_telephones_gets_numbers_and_the_office_system_gets_accounts(tmp_path: Path) -> None:
    town = opened(tmp_path, [*roster(web=ALL["web"]), ROSTER[1].model_copy(update={"id": "JD02", "contacts": {"phone": ALL["phone"]}})])
    town.tell()
    with HttpReceiver() as gateway, HttpReceiver() as office:
        urls = {"phone": gateway.url(), "web": office.url()}
        configs = [ChannelConfig(name=name, kind=K.WEB, url=SecretStr(url)) for name, url in urls.items()]
        deliver(town.house, Channels(configs, tmp_path, town.clock, timeout=5), "postman")
    assert {request.json["to"] for request in gateway.received} == {ALL["phone"]}
    assert {request.json["to"] for request in office.received} == {ALL["web"], "iot"}
    assert {row.status for row in town.rows(Delivery, recipient="JD01")} == {"sent"}
    town.house.store.dispose()
