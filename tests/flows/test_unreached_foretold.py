"""Whom nothing reaches is foretold as such, with those who hear of it instead, exactly as delivery then does."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, cast

import pytest

from config.channels import ChannelKind
from config.vocabulary import DeliveryStatus
from flows.bootstrap import App
from flows.command_line.screen import jsonable
from flows.converting import roster_entries
from flows.rehearsal import round_future
from flows.rehearsal.future import Future
from flows.simulation.post import CHANNEL, PostBox
from flows.workbooks.synthetic import synthetic_candidates
from flows.workbooks.synthetic_roster import synthetic_roster
from notifiers.answers import GONE, NO_CHANNEL, NO_CONTACT
from notifiers.carrying import carry
from notifiers.channels import Channels
from notifiers.kinds import MessageKind
from states.clock import VirtualClock
from states.commands.intake import SubmitNominations, SubmittedRow
from states.commands.roster import ImportRoster, RosterEntry
from states.commands.rounds import OpenRound
from states.tables import Delivery, Notification
from tests.flows.conftest import OPENING, OPERATOR, SLUG, Give
from tests.flows.simulated import rules
from tests.flows.test_rehearsal import Reality, Told, foretold, probes, rows_of

K = MessageKind
Unreached = tuple[datetime, str, str, str]
"""When a message would have left, its kind, for whom, and why it reached nobody."""


class MailBox(PostBox):
    """Takes mail, and so only what goes to a mailbox."""

    def kind(self, name: str) -> ChannelKind | None:
        return ChannelKind.MAIL if name in self.names else None


def without_address(entries: Sequence[RosterEntry], **left: dict[str, str]) -> tuple[RosterEntry, ...]:
    """Give a roster in which some parties have no other addresses than these."""
    return tuple(entry.model_copy(update={"contacts": left[entry.id]}) if entry.id in left else entry for entry in entries)


def opened_by_mail(app: App, give: Give, who: dict[str, Any], box: PostBox, **left: dict[str, str]) -> App:
    """Open the round in a house that sends mail alone, with candidates of every unit."""
    give(ImportRoster(operator=OPERATOR, entries=without_address(roster_entries(synthetic_roster(Random(3))), **left)))
    give(OpenRound(**who, rules=rules(), opens_on=date(2023, 6, 6)))
    candidates = synthetic_candidates(Random(11), 5, flaws=False)
    rows = tuple(SubmittedRow(place=f"“推荐汇总表”第{row}行", candidate=each) for row, each in enumerate(candidates, start=2))
    give(SubmitNominations(**who, rows=rows))
    return App(app.settings, app.house, cast("Channels", box))


def really(app: App, future: Future, clock: VirtualClock, box: PostBox) -> tuple[list[Told], list[Unreached]]:
    """Let the clock alone run on; gives what arrived and what reached nobody."""
    reality = Reality(app.house, clock, SLUG, box=box)
    reality.run(probes(app.house, SLUG, clock.now(), future))
    refused = {row.id: row for row in rows_of(app.house.store, Delivery, status=DeliveryStatus.REFUSED_FOR_GOOD.value)}
    lost = [row for row in rows_of(app.house.store, Notification, round=SLUG) if row.delivery in refused]
    letters = [(refused[row.delivery or ""], row) for row in lost]
    return reality.told(), sorted(
        (letter.settled_at, row.kind, row.recipient, letter.answer) for letter, row in letters if letter.settled_at
    )


def lost_in(future: Future) -> list[Unreached]:
    return sorted((each.at, each.kind.value, each.recipient, each.unreached) for each in future.messages if each.unreached)


def reached_in(future: Future) -> list[Told]:
    arrived = tuple(each for each in future.messages if not each.unreached)
    return foretold(Future(future.title, (), arrived, (), future.zone, (), ()))


@pytest.mark.parametrize("unit", ["JD01", "JD02", "LH01"])
def test_a_unit_without_an_address_is_foretold_as_reached_by_nobody(
    app: App, clock: VirtualClock, give: Give, who: dict[str, Any], unit: str
) -> None:
    box = MailBox(clock)
    house = opened_by_mail(app, give, who, box, **{unit: {}})
    future = round_future(house, SLUG)
    told, lost = really(house, future, clock, box)
    assert lost == lost_in(future)
    assert told == reached_in(future)
    assert {(recipient, why) for _, _, recipient, why in lost} == {(unit, NO_CONTACT)}
    instead = {each[2] for each in told if each[1] == K.DELIVERY_FAILED}
    assert "QB01" in instead
    # Whoever hears instead hears at the very instant at which nobody was reached.
    assert {at for at, *_ in lost} == {at for at, kind, *_ in told if kind == K.DELIVERY_FAILED}


def test_an_office_that_no_channel_reaches_is_foretold_as_its_operators(
    app: App, clock: VirtualClock, give: Give, who: dict[str, Any]
) -> None:
    box = MailBox(clock)
    house = opened_by_mail(app, give, who, box, QB01={"web": "office"}, JD01={}, LD01={"web": "x"})
    future = round_future(house, SLUG)
    told, lost = really(house, future, clock, box)
    assert lost == lost_in(future)
    assert told == reached_in(future)
    assert {recipient: why for _, _, recipient, why in lost} == {"QB01": NO_CHANNEL, "JD01": NO_CONTACT, "LD01": NO_CHANNEL}


@pytest.mark.parametrize("deputy", ["", "JD02"])
def test_a_unit_that_leaves_is_foretold_as_reached_by_nobody_or_by_its_deputy(
    app: App, clock: VirtualClock, give: Give, who: dict[str, Any], deputy: str
) -> None:
    """What was told of before its last day, and leaves after it, is the deputy's to read; without one nobody does."""
    box = MailBox(clock)
    house = opened_by_mail(app, give, who, box)
    leaving = next(entry for entry in roster_entries(synthetic_roster(Random(3))) if entry.id == "JD01")
    clock.move_to(OPENING + timedelta(hours=12))  # in quiet hours: what comes up now leaves in the morning
    candidates = [each for each in synthetic_candidates(Random(12), 40, flaws=False) if each.unit == leaving.name][:1]
    give(SubmitNominations(**who, rows=tuple(SubmittedRow(place="“推荐汇总表”第2行", candidate=each) for each in candidates)))
    carry(house.house, box, CHANNEL, limit=100_000)
    give(ImportRoster(operator=OPERATOR, entries=(leaving.model_copy(update={"valid_to": OPENING.date(), "deputy": deputy}),)))
    future = round_future(house, SLUG)
    told, lost = really(house, future, clock, box)
    assert lost == lost_in(future)
    assert told == reached_in(future)
    assert {(recipient, why) for _, _, recipient, why in lost} == (set() if deputy else {("JD01", GONE)})


def test_each_step_of_a_unit_that_left_before_it_is_foretold_with_who_hears_at_once(
    app: App, clock: VirtualClock, give: Give, who: dict[str, Any]
) -> None:
    box = MailBox(clock)
    house = opened_by_mail(app, give, who, box)
    [leaving] = [entry for entry in roster_entries(synthetic_roster(Random(3))) if entry.id == "JD01"]
    give(ImportRoster(operator=OPERATOR, entries=(leaving.model_copy(update={"valid_to": OPENING.date()}),)))
    future = round_future(house, SLUG)
    told, lost = really(house, future, clock, box)
    assert (lost, told) == (lost_in(future), reached_in(future))
    assert {(kind, recipient, why) for _, kind, recipient, why in lost} == {("reminder", "JD01", GONE)}
    assert {at for at, *_ in lost} == {at for at, kind, *_ in told if kind == K.DELIVERY_FAILED}


def test_a_plan_marks_what_reaches_nobody(app: App, clock: VirtualClock, give: Give, who: dict[str, Any]) -> None:
    house = opened_by_mail(app, give, who, MailBox(clock), JD01={})
    lines = round_future(house, SLUG).lines
    marked = [line for line in lines if line.what.endswith("（没有联系方式，送不到）")]
    assert {line.named for line in marked} == {"滨江区西兴街道总工会"}
    assert {line.kind for line in marked} >= {"message", "reminder"}
    assert any(line.what == "消息未送达" and "区工匠认定工作领导小组办公室" in line.to for line in lines)
    assert "送不到" in str(jsonable(marked))
