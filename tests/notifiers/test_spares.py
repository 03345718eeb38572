"""HALLMARK_ALERTS: what is understood, and what is said of an entry that reaches nobody."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from config.channels import ChannelConfig, ChannelKind
from config.exposed import has_literal_secret
from notifiers.channels import Channels
from notifiers.spares import spare_problems, spare_routes
from states.clock import VirtualClock
from tests.notifiers.conftest import NOON


@pytest.fixture
def channels(tmp_path: Path) -> Channels:
    mail = ChannelConfig(name="mail", kind=ChannelKind.MAIL, url=SecretStr("hmail://127.0.0.1/?from=a@b.example"))
    return Channels(
        [mail, ChannelConfig(name="duty", kind=ChannelKind.WECOM, url=SecretStr("hwecom://693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"))],
        tmp_path,
        VirtualClock(NOON),
    )


@pytest.mark.parametrize("setting", [" wecom , mail:a@b.example,, sms:+86:1", "wecom，mail：a@b.example、sms:+86:1"])
def test_spare_setting_names_channels_and_addresses(setting: str) -> None:
    found = [(route.channel, route.address) for route in spare_routes(setting)]
    assert found == [("wecom", ""), ("mail", "a@b.example"), ("sms", "+86:1")]


def test_spares_that_reach_somebody_are_well(channels: Channels) -> None:
    assert spare_problems("duty，mail：duty@gov.example", channels) == []
    assert spare_problems("", channels) == []


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("mail:", "“mail:”没有写邮箱地址；请写成 mail:duty@example.com"),
        ("mail", "“mail”没有写邮箱地址；请写成 mail:duty@example.com"),
        ("mail:notanaddress", "“mail:notanaddress”不是邮箱地址；请写成 mail:duty@example.com"),
        ("duty:", "“duty:”冒号后面没有地址；请补上地址，渠道不要地址的去掉冒号"),
        (":a@b.example", "“:a@b.example”缺少渠道名；请写成“渠道名:地址”，如 mail:duty@example.com"),
        ("dutty", "“dutty”不是渠道名；最接近的是“duty”"),
        ("duty;mail", "“duty;mail”不是渠道名；最接近的是“mail”、“duty”"),
        ("$DUTY", "“$DUTY”里有 $DUTY：这里的变量不会换成它的值；请直接写渠道名和地址"),
        ("mail:${DUTY}", "“mail:${DUTY}”里有 ${DUTY}：这里的变量不会换成它的值；请直接写渠道名和地址"),
        ("hwecom://key", "“hwecom://…”是网址；网址请写进 channels.yaml，这里只写那个渠道的名称"),
    ],
)
def test_a_spare_that_reaches_nobody_is_named_with_its_mend(channels: Channels, setting: str, sentence: str) -> None:
    assert spare_problems(f"duty,{setting}", channels) == [f"HALLMARK_ALERTS 里的{sentence}"]


@pytest.mark.parametrize(
    ("pattern", "exposed"),
    [
        ("hmails://u:geheim@x/?from=a@b", True),
        ("hmails://u:${P}@x/?from=a@b", False),
        ("hmails://${P}@x/", False),
        ("hmail://x/?from=a@b&name=密码", False),
        ("hwecom://693a91f6", True),
        ("hwecom://${KEY}", False),
        ("hdingtalk://SEC1@${TOKEN}", True),
        ("hfeishu://${S}@${T}?via=https://h", False),
        ("hjson://x/in?+Authorization=Bearer%20abc", True),
        ("hjson://x/in?+X-Api-Key=abc&a=b", True),
        ("hjson://x/in?+Authorization=Bearer%20${A}", False),
        ("${WHOLE}", False),
    ],
)
def test_a_secret_written_into_a_url_is_seen(pattern: str, exposed: bool) -> None:
    assert has_literal_secret(pattern) is exposed
