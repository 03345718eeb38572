"""Alarms reach the operators by real receivers, and still leave when the mail server, the channels or the database do not work."""

import resource
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from email import message_from_bytes
from email.policy import default as modern_policy
from pathlib import Path

import pytest
from sqlalchemy import insert

from config.settings import Settings
from config.vocabulary import AlarmCause, DeliveryStatus, PartyKind, Role
from flows.alarming import sound, sound_for_clock, sound_for_messages
from flows.bootstrap import App, build
from flows.clockwork import due_again
from notifiers.alarms import Reached
from notifiers.outgoing import ChannelRefused, Outcome, RefusedForNow, Sent
from notifiers.verdicts import POINTLESS
from states.clock import SeededChance, VirtualClock
from states.commands.roster import ImportRoster, RosterEntry
from states.heartbeat import beat
from states.house import Envelope
from states.records import table_of
from states.tables import Delivery
from tests.flows.conftest import OPENING, SLUG
from tests.notifiers.refusing import note
from tests.receivers import HttpReceiver, SmtpManners, SmtpReceiver

Run = AlarmCause.RUN_FAILED
OFFICE = ("JB01", "JB02")


def operator(party: str, *roles: Role, **more: object) -> RosterEntry:
    known = {"id": party, "kind": PartyKind.OPERATOR, "name": f"郑{party}", "roles": roles, "contacts": {"mail": f"{party}@gov.example"}}
    return RosterEntry.model_validate(known | more)


ROSTER = (
    operator("JB01", Role.OFFICE, Role.SECRETARY),
    operator("JB02", Role.OFFICE),
    operator("JB03", Role.AUDITOR),
    operator("JB04", Role.OFFICE, valid_to=date(2023, 6, 5)),
    operator("JB05", Role.OFFICE, contacts={}),
)


@pytest.fixture
def mail() -> Iterator[SmtpReceiver]:
    with SmtpReceiver() as receiver:
        yield receiver


@pytest.fixture
def hook() -> Iterator[HttpReceiver]:
    with HttpReceiver() as receiver:
        yield receiver


Home = Callable[..., Settings]


@pytest.fixture
def home(tmp_path: Path, clock: VirtualClock, mail: SmtpReceiver, hook: HttpReceiver) -> Home:
    """Settings of a house with a mail server and a web hook, and the operators above in its roster."""
    channels = tmp_path / "channels.yaml"
    channels.write_text(
        f"channels:\n- {{name: mail, kind: mail, url: '{mail.url()}', timeout: 1}}\n- {{name: duty, kind: web, url: '{hook.url()}', timeout: 1}}\n",
        encoding="utf-8",
    )

    def make(**changes: object) -> Settings:
        settings = Settings(home=tmp_path / "home", channels=channels).model_copy(update=changes)
        app = build(settings, clock, SeededChance(5))

        app.house.execute(ImportRoster(operator="JB01", entries=ROSTER), Envelope("roster", clock.now()))
        app.house.store.dispose()
        return settings

    return make


def files(settings: Settings) -> list[str]:
    found = (message_from_bytes(path.read_bytes(), policy=modern_policy) for path in (settings.outbox / "mail").glob("*.eml"))
    return [str(message["Subject"]) for message in found]


# --- who is told --------------------------------------------------------------------------------------------------------------------------


def test_alarm_reaches_the_offices_operators_in_office_and_nobody_else(home: Home, clock: VirtualClock, mail: SmtpReceiver) -> None:
    sounded = sound(home(), clock, Run, "到期处理 7f3a\nBcc: x@evil.example")
    assert sounded.reached is Reached.OPERATORS
    assert sorted(received.recipients[0] for received in mail.received) == [f"{party}@gov.example" for party in OFFICE]
    first = mail.received[0]
    assert str(first.message["Subject"]) == "【Hallmark 告警】运行出错"
    assert "发生了什么：有运行出了错，没有做完（到期处理 7f3a Bcc: x@evil.example）。" in first.text
    assert "从什么时候起：2023-06-06 09:00。" in first.text
    assert "hallmark doctor" in first.text
    assert "http://127.0.0.1:4200/v2/runs" in first.text
    assert first.message["Bcc"] is None


def test_operator_who_is_away_is_read_by_the_deputy(
    home: Home, clock: VirtualClock, mail: SmtpReceiver, give_roster: Callable[..., None]
) -> None:
    settings = home()
    give_roster(settings, operator("JB01", Role.OFFICE, deputy="JB03"), operator("JB02", Role.OFFICE, deputy="JB03"))
    assert sound(settings, clock, Run).reached is Reached.OPERATORS
    assert [received.recipients for received in mail.received] == [("JB03@gov.example",)]


def test_file_is_no_way_to_an_operator_where_another_channel_is(
    home: Home, clock: VirtualClock, mail: SmtpReceiver, give_roster: Callable[..., None]
) -> None:
    settings = home()
    assert settings.channels
    settings.channels.write_text(f"{settings.channels.read_text(encoding='utf-8')}- {{name: archive, kind: file}}\n", encoding="utf-8")
    give_roster(settings, operator("JB01", Role.OFFICE, deputy="JB05"))
    assert sound(settings, clock, Run).reached is Reached.OPERATORS
    assert sorted(received.recipients[0] for received in mail.received) == [f"{party}@gov.example" for party in OFFICE]
    assert files(settings) == []


@pytest.fixture
def give_roster(clock: VirtualClock) -> Callable[..., None]:
    def give(settings: Settings, *entries: RosterEntry) -> None:

        app = build(settings, clock, SeededChance(6))
        app.house.execute(ImportRoster(operator="JB01", entries=entries), Envelope("again", clock.now()))
        app.house.store.dispose()

    return give


# --- once an hour -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "alarms"), [(3599, 1), (3600, 2)])
def test_same_cause_alarms_once_an_hour_and_another_at_once(
    home: Home, clock: VirtualClock, mail: SmtpReceiver, seconds: int, alarms: int
) -> None:
    settings = home()
    sound(settings, clock, Run)
    sound(settings, clock, AlarmCause.MESSAGE_FAILED)
    clock.move_to(OPENING + timedelta(seconds=seconds))
    again = sound(settings, clock, Run)
    assert again.silent_until == (None if alarms == 2 else OPENING + timedelta(hours=1))
    assert len(mail.received) == (alarms + 1) * len(OFFICE)


def test_of_many_at_once_one_alarms(home: Home, clock: VirtualClock, mail: SmtpReceiver) -> None:
    settings = home()
    with ThreadPoolExecutor(6) as pool:
        sounded = list(pool.map(lambda _: sound(settings, clock, Run), range(6)))
    assert [each.reached for each in sounded].count(Reached.OPERATORS) == 1
    assert len(mail.received) == len(OFFICE)


def test_another_machine_with_the_same_database_stays_silent(home: Home, clock: VirtualClock, mail: SmtpReceiver, tmp_path: Path) -> None:
    here = home()
    there = here.model_copy(update={"home": tmp_path / "there", "key_file": here.key_path, "database_url": None})
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "hallmark.db").symlink_to(here.folder / "hallmark.db")
    sound(here, clock, Run)
    assert sound(there, clock, Run).silent_until == OPENING + timedelta(hours=1)
    assert len(mail.received) == len(OFFICE)


# --- when something of it is broken -------------------------------------------------------------------------------------------------------


def test_refusing_mail_server_sends_the_alarm_to_the_spare_channel(
    home: Home, clock: VirtualClock, mail: SmtpReceiver, hook: HttpReceiver
) -> None:
    mail.manners = SmtpManners(mail="421 4.3.2 shutting down")
    settings = home(alerts="mail:duty@gov.example, duty:13800000000")
    assert sound(settings, clock, Run).reached is Reached.SPARE
    assert hook.saw(1)
    assert hook.received[0].json["subject"] == "【Hallmark 告警】运行出错"
    assert hook.received[0].json["to"] == "13800000000"


def test_alarm_in_a_file_is_made_out_to_the_operators_and_dated_as_here(home: Home, clock: VirtualClock) -> None:
    settings = home(alerts="papers")
    for path in settings.folder.glob("hallmark.db*"):
        path.write_bytes(b"nothing that SQLite knows" * 400)
    assert settings.channels is not None
    settings.channels.write_text(settings.channels.read_text("utf-8") + "- {name: papers, kind: file}\n", "utf-8")
    assert sound(settings, clock, Run).reached is Reached.SPARE
    (told,) = (settings.outbox / "mail").glob("*.eml")
    headers = told.read_text("utf-8").splitlines()
    assert ("To: 经办人" in headers, "Date: Tue, 06 Jun 2023 09:00:00 +0800" in headers) == (True, True)


def test_unanswered_alarm_is_not_sent_again_to_the_same_operator(home: Home, clock: VirtualClock, mail: SmtpReceiver) -> None:
    mail.manners = SmtpManners(after_content="drop")
    settings = home()
    assert sound(settings, clock, Run).reached is Reached.FILE
    assert len(mail.received) == len(OFFICE)
    assert files(settings) == ["【Hallmark 告警】运行出错"]


@pytest.mark.parametrize("reached", [Reached.SPARE, Reached.FILE])
def test_broken_database_leaves_the_spare_channel_and_then_a_file(
    home: Home, clock: VirtualClock, mail: SmtpReceiver, hook: HttpReceiver, reached: Reached
) -> None:
    settings = home(alerts="duty" if reached is Reached.SPARE else "")
    for path in settings.folder.glob("hallmark.db*"):
        path.write_bytes(b"nothing that SQLite knows" * 400)
    assert sound(settings, clock, AlarmCause.CLOCK_STOPPED).reached is reached
    assert sound_for_clock(settings, clock).silent_until == OPENING + timedelta(hours=1)
    clock.move_to(OPENING + timedelta(hours=1))
    assert sound_for_clock(settings, clock).reached is reached
    assert mail.received == []
    assert len(hook.received) == (2 if reached is Reached.SPARE else 0)
    assert len(files(settings)) == (0 if reached is Reached.SPARE else 2)


def test_unreadable_channels_leave_a_file(home: Home, clock: VirtualClock) -> None:
    settings = home()
    assert settings.channels is not None
    settings.channels.write_text("channels: [nothing]", encoding="utf-8")
    assert sound(settings, clock, Run).reached is Reached.FILE
    assert files(settings) == ["【Hallmark 告警】运行出错"]


def test_slip_in_the_channels_is_not_blamed_on_the_database(home: Home, clock: VirtualClock) -> None:
    settings = home()
    assert settings.channels is not None
    settings.channels.write_text("channels:\n  - name: mail\n    kind: mial\n", encoding="utf-8")
    assert sound_for_clock(settings, clock).reached is Reached.FILE
    (told,) = (settings.outbox / "mail").glob("*.eml")
    body = message_from_bytes(told.read_bytes(), policy=modern_policy).get_content()
    assert "渠道文件不能用" in body
    assert "channels.yaml 第" in body
    assert "数据库" not in body
    assert "怎么办：照写明的原因改正；改好以后系统自动继续" in body
    assert "重新启动服务：hallmark up" not in body


def test_lost_key_and_dead_database_are_each_told_with_their_own_mend(home: Home, clock: VirtualClock) -> None:
    settings = home()
    kept = settings.key_path.rename(settings.folder / "kept.key")
    assert sound_for_clock(settings, clock).reached is Reached.FILE
    kept.rename(settings.key_path)
    for path in settings.folder.glob("hallmark.db*"):
        path.write_bytes(b"nothing that SQLite knows" * 400)
    clock.move_to(OPENING + timedelta(hours=1))
    assert sound_for_clock(settings, clock).reached is Reached.FILE
    paths = sorted((settings.outbox / "mail").glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    lost, dead = (message_from_bytes(path.read_bytes(), policy=modern_policy).get_content() for path in paths)
    assert "vault.key 不见了" in lost
    assert "怎么办：照写明的原因改正" in lost
    assert "（数据库打不开）" in dead
    assert "怎么办：运行 hallmark doctor，照它说的恢复数据库" in dead


# --- the clock and the messages -----------------------------------------------------------------------------------------------------------


@contextmanager
def full_disk() -> Iterator[None]:
    """No file grows any more, whoever writes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_full_disk_alarms_once_an_hour_too(home: Home, clock: VirtualClock, hook: HttpReceiver) -> None:
    settings = home(alerts="duty")
    with full_disk():  # nor does SQLite open then, and with it whom to tell
        assert sound(settings, clock, AlarmCause.CLOCK_STOPPED).reached is Reached.SPARE
        assert sound(settings, clock, AlarmCause.CLOCK_STOPPED).silent_until == clock.now() + timedelta(hours=1)
    assert len(hook.received) == 1


@pytest.mark.parametrize(("seconds", "alarmed"), [(7200, False), (7201, True)])
def test_clock_that_stands_still_alarms_after_two_hours(opened: App, clock: VirtualClock, seconds: int, alarmed: bool) -> None:
    beat(opened.house.store, SLUG, OPENING)
    clock.move_to(OPENING + timedelta(seconds=seconds))
    sounded = sound_for_clock(opened.settings, clock)
    assert sounded.reached is (Reached.OPERATORS if alarmed else Reached.NOBODY)
    assert set(files(opened.settings)) == ({"【Hallmark 告警】时钟已停"} if alarmed else set())


def ended(app: App, name: str, status: DeliveryStatus, **more: object) -> None:
    known = {"id": name, "round": SLUG, "recipient": "JD01", "status": status.value, "due_at": OPENING, "settled_at": app.house.clock.now()}
    with app.house.store.write() as connection:
        row = Delivery.model_validate(known | more).model_dump()
        connection.execute(insert(table_of(Delivery)), [row])


def test_messages_that_reached_nobody_are_told_once_each_however_close_to_an_alarm(opened: App, clock: VirtualClock) -> None:
    at = clock.now()
    assert sound_for_messages(opened) == {}
    ended(opened, "a", DeliveryStatus.UNKNOWN)
    ended(opened, "b", DeliveryStatus.REFUSED_FOR_GOOD, answer=POINTLESS)
    assert sound_for_messages(opened) == {}  # it may not be in the database for everybody yet
    clock.move_to(at + timedelta(minutes=1))
    assert list(sound_for_messages(opened)) == [AlarmCause.MESSAGE_UNKNOWN]
    ended(opened, "c", DeliveryStatus.UNKNOWN)
    ended(opened, "d", DeliveryStatus.REFUSED_FOR_GOOD, answer="550 no such user")
    clock.move_to(at + timedelta(minutes=30))
    second = sound_for_messages(opened)
    assert {cause: each.reached for cause, each in second.items()} == {
        AlarmCause.MESSAGE_UNKNOWN: Reached.NOBODY,
        AlarmCause.MESSAGE_FAILED: Reached.OPERATORS,
    }
    clock.move_to(at + timedelta(minutes=61))
    assert {cause: each.reached for cause, each in sound_for_messages(opened).items()} == {AlarmCause.MESSAGE_UNKNOWN: Reached.OPERATORS}
    clock.move_to(at + timedelta(hours=5))
    assert sound_for_messages(opened) == {}


def test_deliverer_comes_back_for_what_has_just_reached_nobody(opened: App, clock: VirtualClock) -> None:
    at = clock.now()
    assert due_again(opened) is None
    clock.move_to(at + timedelta(seconds=20))
    ended(opened, "a", DeliveryStatus.UNKNOWN)
    clock.move_to(at + timedelta(seconds=50))
    ended(opened, "b", DeliveryStatus.REFUSED_FOR_GOOD, answer="550 no such user")
    assert due_again(opened) == at + timedelta(seconds=80)
    clock.move_to(at + timedelta(seconds=80))
    assert list(sound_for_messages(opened)) == [AlarmCause.MESSAGE_UNKNOWN]
    assert due_again(opened) == at + timedelta(seconds=110)
    clock.move_to(at + timedelta(seconds=110))
    assert list(sound_for_messages(opened)) == [AlarmCause.MESSAGE_FAILED]
    ended(opened, "c", DeliveryStatus.UNKNOWN)  # within the silent hour nobody would be told
    assert due_again(opened) is None


def test_channel_that_is_refused_is_told_by_another_once_an_hour_until_it_is_mended(
    home: Home, clock: VirtualClock, mail: SmtpReceiver, hook: HttpReceiver
) -> None:
    mail.manners = SmtpManners(mail="550 5.7.1 not from you")
    app = build(home(alerts="duty:13800000000"), clock, SeededChance(6))

    def noted(outcome: Outcome) -> dict[AlarmCause, Reached]:
        with app.house.store.write() as connection:
            note(connection, "mail", [outcome], clock.now())
        return {cause: each.reached for cause, each in sound_for_messages(app).items()}

    assert noted(RefusedForNow("对方拒绝连接")) == {}
    assert noted(ChannelRefused("邮件服务器在 MAIL 这一步答复 550")) == {AlarmCause.CHANNEL_REFUSED: Reached.SPARE}
    assert "mail：邮件服务器在 MAIL 这一步答复 550" in hook.received[0].json["body"]
    assert hook.received[0].json["subject"] == "【Hallmark 告警】渠道被对方拒绝"
    clock.move_to(OPENING + timedelta(minutes=59))
    assert noted(ChannelRefused("550")) == {AlarmCause.CHANNEL_REFUSED: Reached.NOBODY}
    clock.move_to(OPENING + timedelta(minutes=60))
    assert noted(ChannelRefused("550")) == {AlarmCause.CHANNEL_REFUSED: Reached.SPARE}
    clock.move_to(OPENING + timedelta(hours=2))  # nothing was refused since: nothing waits for it any more
    assert sound_for_messages(app) == {}
    clock.move_to(OPENING + timedelta(hours=3))
    assert sound_for_messages(app) == {}
    assert noted(Sent("250 OK")) == {}
    with app.house.store.write() as connection:
        note(connection, "no-longer-configured", [ChannelRefused("HTTP 404")], clock.now())
    assert sound_for_messages(app) == {}
    app.house.store.dispose()
