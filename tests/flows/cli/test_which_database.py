"""Into which database a command writes: the one that has the round, and none is made for a slip of typing."""

from pathlib import Path
from random import Random

import pytest
from sqlalchemy.exc import DatabaseError

from config.calendar import WorkCalendar
from config.loader import find_programme, read_text
from config.settings import Settings
from flows.bootstrap import build
from flows.demo import demo_settings
from flows.workbooks import write_rows
from flows.workbooks.synthetic_roster import synthetic_roster
from states.commands.rounds import OpenRound
from states.house import Envelope
from states.ledger import HOUSE
from states.records import Records
from states.tables import Chain
from tests.flows.cli.conftest import DEMO_OPERATOR, Hallmark
from tests.flows.hurried import nominations, row


def roster(folder: Path) -> Path:
    write_rows("roster", folder / "名册.xlsx", synthetic_roster(Random(99)))
    return folder / "名册.xlsx"


def house_seq(settings: Settings) -> int:
    app = build(settings)
    with app.house.store.read() as connection:
        found = Records(connection).get(Chain, HOUSE)
    app.house.store.dispose()
    return found.seq if found else 0


@pytest.mark.parametrize("kind", ["nominations", "roster"])
def test_round_that_is_nowhere_is_refused_with_the_demos_name_and_makes_nothing(
    hallmark: Hallmark, demo: str, home: Path, tmp_path: Path, kind: str
) -> None:
    file = roster(tmp_path) if kind == "roster" else nominations(tmp_path / "a.xlsx", row())
    answer = hallmark("import", kind, file, "--round", f"{demo}x", "--operator", DEMO_OPERATOR)
    assert (answer.status, answer.out) == (1, "")
    assert answer.err == f"没有届次“{demo}x”；最接近的是“{demo}”。\n"
    assert not (home / "hallmark.db").exists()


def test_round_in_an_empty_place_is_refused_and_makes_nothing(hallmark: Hallmark, home: Path, tmp_path: Path) -> None:
    answer = hallmark("import", "nominations", nominations(tmp_path / "a.xlsx", row()), "--round", "bjgj-2023", "--operator", "JB01")
    assert (answer.status, answer.err) == (1, "没有届次“bjgj-2023”：数据库里还没有任何届次。\n")
    assert not home.exists()


@pytest.fixture
def real(hallmark: Hallmark, demo: str, home: Path, tmp_path: Path) -> str:
    """A real round with one nomination beside the demo; gives its slug."""
    assert hallmark("import", "roster", roster(tmp_path), "--operator", DEMO_OPERATOR).status == 0
    app = build(Settings())
    now = app.house.clock.now()
    rules = read_text(find_programme("binjiang-craftsman-2023"))
    opening = OpenRound(round="bjgj-2031", operator=DEMO_OPERATOR, rules=rules, opens_on=WorkCalendar().local(now).date())
    app.house.execute(opening, Envelope("one", now))
    app.house.store.dispose()
    return "bjgj-2031"


def test_slip_of_typing_is_held_against_the_rounds_of_both_databases(
    hallmark: Hallmark, demo: str, real: str, home: Path, tmp_path: Path
) -> None:
    for slip, near in (("bjgj-2O31", real), (f"{demo}x", demo)):
        answer = hallmark("import", "roster", roster(tmp_path), "--round", slip, "--operator", DEMO_OPERATOR)
        assert (answer.status, f"“{near}”" in answer.err) == (1, True)
        for reading in (("board", slip), ("plan", slip), ("verify", slip), ("notifications", slip), ("roster", slip)):
            answer = hallmark(*reading)
            assert (answer.status, answer.out, f"“{near}”" in answer.err) == (1, "", True), reading


def test_what_only_reads_finds_a_round_of_the_demo_by_its_name_beside_real_rounds(
    hallmark: Hallmark, demo: str, real: str, tmp_path: Path
) -> None:
    template = ("template", "endorsements", tmp_path / "推荐意见.xlsx", "--round")
    for command in (("board",), ("plan",), ("verify",), ("notifications",), ("roster",), ("export", "--out", tmp_path / "out"), template):
        answer = hallmark(*command, demo)
        assert (answer.status, "演示数据库" in answer.err) == (0, True), command
        found = hallmark(*(*command, real), *(("--force",) if command is template else ()))
        assert (found.status, found.err) == (0, ""), command
    assert [board["slug"] for board in hallmark("board", "--json").json] == [real]


def test_what_only_reads_finds_a_nomination_of_the_demo_by_its_number_beside_real_rounds(hallmark: Hallmark, demo: str, real: str) -> None:
    number = f"{demo}-0004"
    for command in (("show", number), ("preview", "reminder", "--nomination", number)):
        answer = hallmark(*command)
        assert (answer.status, "演示数据库" in answer.err) == (0, True), command
        slip = hallmark(*command[:-1], f"{demo}-0O04")
        assert (slip.status, slip.out, f"“{number.upper()}”" in slip.err) == (1, "", True), command


@pytest.mark.parametrize(
    "command",
    [
        ("board",),
        ("board", "bjgj-2023", "--json"),
        ("verify",),
        ("notifications",),
        ("roster",),
        ("plan", "bjgj-2023"),
        ("show", "BJGJ-2023-0001"),
        ("preview", "reminder", "--nomination", "BJGJ-2023-0001"),
        ("export", "bjgj-2023", "--out", "out"),
        ("template", "endorsements", "a.xlsx", "--round", "bjgj-2023"),
    ],
)
@pytest.mark.parametrize("url", ["", "sqlite:///elsewhere.db"])
def test_what_only_reads_makes_nothing_in_an_empty_place_and_says_how_to_start(
    hallmark: Hallmark, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], url: str
) -> None:
    monkeypatch.setenv("HALLMARK_DATABASE_URL", url)
    answer = hallmark(*command)
    assert (answer.status, answer.out, list(tmp_path.iterdir())) == (1, "", [])
    assert "里还没有 Hallmark 的数据，什么也没有建立；请先启动：hallmark up（看演示：hallmark up --demo）" in answer.err
    assert ("所设的数据库" if url else str(home)) in answer.err


def test_plan_in_an_empty_place_still_finds_the_programme_that_was_meant(hallmark: Hallmark, home: Path) -> None:
    answer = hallmark("plan", "binjang-craftsman-2023")
    assert (answer.status, "“binjiang-craftsman-2023”" in answer.err, "还没有 Hallmark 的数据" in answer.err) == (1, True, True)
    assert not home.exists()


def test_roster_without_a_round_goes_into_the_real_house_and_says_how_to_reach_the_demo(
    hallmark: Hallmark, demo: str, home: Path, tmp_path: Path
) -> None:
    before = house_seq(demo_settings(Settings()))
    answer = hallmark("import", "roster", roster(tmp_path), "--operator", DEMO_OPERATOR)
    assert answer.status == 0
    assert f"（记入正式数据库 {home / 'hallmark.db'}，演示不受影响；要记入演示的，请加 --round {demo}）" in answer.err
    assert house_seq(demo_settings(Settings())) == before
    assert house_seq(Settings()) > 0


def test_roster_and_authenticator_reach_the_demo_by_its_round(hallmark: Hallmark, demo: str, home: Path, tmp_path: Path) -> None:
    before = house_seq(demo_settings(Settings()))
    for command in (("import", "roster", roster(tmp_path)), ("enrol", DEMO_OPERATOR)):
        answer = hallmark(*command, "--operator", DEMO_OPERATOR, "--round", demo)
        assert (answer.status, "演示数据库" in answer.err) == (0, True)
    assert house_seq(demo_settings(Settings())) > before + 1
    assert not (home / "hallmark.db").exists()


@pytest.mark.parametrize("command", ["board", "notifications", "plan", "verify", "roster", "show"])
def test_a_key_that_is_lost_is_asked_for_and_never_made_anew(hallmark: Hallmark, demo: str, home: Path, command: str) -> None:
    (home / "vault.key").unlink()
    before = sorted(home.iterdir())
    answer = hallmark(command, f"{demo}-0001" if command == "show" else demo)
    assert (answer.status, answer.out) == (1, "")
    assert f"密钥文件 {home / 'vault.key'} 不见了，数据库却在：请从保管处放回原来的密钥文件" in answer.err
    assert sorted(home.iterdir()) == before
    assert hallmark("doctor", "--json").status == 1


def test_no_key_is_made_for_a_database_that_cannot_be_opened(home: Path) -> None:
    home.mkdir()
    (home / "hallmark.db").write_bytes(b"garbage" * 1000)
    with pytest.raises(DatabaseError):
        build(Settings(home=home))
    assert not (home / "vault.key").exists()
