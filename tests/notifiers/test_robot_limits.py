"""What a service of robots takes holds whatever a channel's own limit and rate are; what they ask for less, they get."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.channels import ChannelConfig, ChannelKind
from config.channels import ChannelKind as K
from config.rates import parse_rate
from notifiers.channels import Channels
from notifiers.pace import Pace
from notifiers.plugins.registry import open_plugin
from notifiers.plugins.robots import RobotPlugin
from states.clock import VirtualClock
from states.store import Store
from tests.notifiers.conftest import NOON, LetterMaker


@pytest.mark.parametrize(("scheme", "kind"), [("hwecom", K.WECOM), ("hdingtalk", K.DINGTALK), ("hfeishu", K.FEISHU), ("hlark", K.FEISHU)])
@pytest.mark.parametrize(("via", "held"), [("", True), ("?via=https://gateway.example", False)])
def test_limits_of_a_public_service_hold_whatever_a_channel_asks_for(
    scheme: str, kind: ChannelKind, letter: LetterMaker, tmp_path: Path, via: str, *, held: bool
) -> None:
    url = SecretStr(f"{scheme}://0123456789{via}")
    config = ChannelConfig(name="it", kind=kind, url=url, limit=100_000, rate=parse_rate("900/minute"))
    store = Store(f"sqlite:///{tmp_path}/house.db")
    load = Channels([config], tmp_path, VirtualClock(NOON), pace=Pace(store, VirtualClock(NOON))).load(
        letter(channel="it", body="长" * 6_000)
    )
    assert load is not None
    assert (load.parts > 1) is held
    assert (load.rate.fewest < 900) is held
    store.dispose()


def test_channel_may_ask_for_less_than_its_service_takes(letter: LetterMaker, tmp_path: Path) -> None:
    config = ChannelConfig(name="it", kind=K.WECOM, url=SecretStr("hwecom://0123456789"), limit=500, rate=parse_rate("3/minute"))
    store = Store(f"sqlite:///{tmp_path}/house.db")
    load = Channels([config], tmp_path, VirtualClock(NOON), pace=Pace(store, VirtualClock(NOON))).load(
        letter(channel="it", body="长" * 300)
    )
    assert load is not None
    assert (load.parts, load.rate.fewest) == (3, 3)
    store.dispose()


@pytest.mark.parametrize(("scheme", "period"), [("hwecom", 60), ("hdingtalk", 60), ("hfeishu", 1), ("hlark", 1)])
def test_rate_of_a_service_allows_for_the_time_that_a_message_is_on_its_way(scheme: str, period: int) -> None:
    plugin = open_plugin(f"{scheme}://0123456789")
    assert isinstance(plugin, RobotPlugin)
    assert plugin.rate.limits[0].period == timedelta(seconds=period + 2)
