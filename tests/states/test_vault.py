"""The vault: the key's file, what it seals, and that nothing personal stands in clear anywhere else."""

import base64
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from config.vocabulary import PartyKind, Role
from states.candidate import masked
from states.clock import SeededChance, SystemChance, SystemClock, VirtualClock
from states.commands.aftermath import ReasonRow, Withdraw
from states.commands.roster import ImportRoster, RosterEntry
from states.tables import CommandRow, Person, metadata
from states.vault import KEY_BYTES, Vault, VaultError, load_key, pack, salted
from tests.states.builders import Story
from tests.states.figures import MORNING, UNIT, candidate, number

# --- the key's file


def test_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "house" / "vault.key"
    key = load_key(path, SystemChance())
    assert len(key) == KEY_BYTES
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_key(path, SystemChance()) == key
    assert [each.name for each in path.parent.iterdir()] == ["vault.key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622, 0o644])
def test_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "vault.key"
    load_key(path, SystemChance())
    path.chmod(mode)
    with pytest.raises(VaultError, match=r"密钥文件 vault\.key 能被他人读取：请执行 chmod 600 收紧权限"):
        load_key(path, SystemChance())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"AAAA", "内容不是有效的密钥"),
        (b"%%%", "不能读写：Error"),
        (b"", "内容不是有效的密钥"),
        ("工匠".encode(), "不能读写：UnicodeDecodeError"),
    ],
)
def test_file_that_is_no_key_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "vault.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(VaultError, match=rf"密钥文件 vault\.key .*{said}"):
        load_key(path, SystemChance())


def test_key_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(VaultError, match=r"密钥文件 vault\.key 不能读写"):
        load_key(tmp_path / "file" / "vault.key", SystemChance())


def test_two_first_starts_at_once_agree_on_one_key(tmp_path: Path) -> None:
    path, gate = tmp_path / "vault.key", threading.Barrier(4)

    def start(_: int) -> bytes:
        gate.wait()
        return load_key(path, SystemChance())

    with ThreadPoolExecutor(4) as pool:
        keys = set(pool.map(start, range(4)))
    assert keys == {base64.b64decode(path.read_text())}
    assert [each.name for each in tmp_path.iterdir()] == ["vault.key"]


class LateChance:
    """Puts another's key in place between the look and the link, as a second process would."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def token(self, size: int) -> bytes:
        if size == KEY_BYTES:
            self.path.write_text(base64.b64encode(b"1" * KEY_BYTES).decode())
            self.path.chmod(0o600)
        return b"2" * size


def test_key_that_another_made_first_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "vault.key"
    assert load_key(path, LateChance(path)) == b"1" * KEY_BYTES


# --- sealing and finding


def a_vault(key: bytes = b"k" * KEY_BYTES) -> Vault:
    return Vault(key, SeededChance(3))


def test_sealed_text_opens_with_its_key_and_in_its_place_alone() -> None:
    vault = a_vault()
    sealed = vault.seal("330108197001010011", "person X-1")
    assert "330108" not in sealed
    assert vault.open(sealed, "person X-1") == "330108197001010011"
    for other, place in ((vault, "person X-2"), (a_vault(b"o" * KEY_BYTES), "person X-1")):
        with pytest.raises(VaultError, match="密钥与数据不符"):
            other.open(sealed, place)


@pytest.mark.parametrize("sealed", ["", "%%%", "AAAA", "工匠"])
def test_what_was_never_sealed_does_not_open(sealed: str) -> None:
    with pytest.raises(VaultError, match="请找回原来的密钥文件"):
        a_vault().open(sealed, "x")


def test_text_is_sealed_anew_each_time_and_found_by_the_same_hash() -> None:
    vault = a_vault()
    assert vault.seal("x", "p") != vault.seal("x", "p")
    assert vault.lookup(" 11x ") == vault.lookup("11X") != vault.lookup("11Y")
    assert vault.fingerprint("11x") != vault.fingerprint("11X")
    assert a_vault(b"o" * KEY_BYTES).lookup("11X") != vault.lookup("11X")


def test_salted_digest_hides_what_is_short() -> None:
    vault = a_vault()
    one, two = vault.salt(), vault.salt()
    assert salted(one, "是") != salted(two, "是")
    assert pack({"b": 1, "a": "工"}) == '{"a": "工", "b": 1}'


def test_value_moved_to_another_row_does_not_open(story: Story) -> None:
    story.submitted(2)
    one, two = story.rows(Person)
    with pytest.raises(VaultError):
        story.vault.open(one.body, f"person {two.nomination}")


# --- nothing in clear

SECRETS = (
    candidate(1).id_card,
    candidate(1).name,
    candidate(1).deeds,
    candidate(1).employer,
    candidate(1).post,
    "13812345678",
    "孔联系",
    "unit@example.com",
    "查明系诬告陷害",
    "因病住院治疗",
    "冯举报",
    "13698765432",
)


def personal(story: Story) -> None:
    """A round with something personal in every place that may hold it."""
    story.open()
    story.submit(candidate(1, contact="孔联系", phone="13812345678", email="unit@example.com"), candidate(2), candidate(3))
    story.endorse([1], words="查明系诬告陷害")
    story.endorse([2, 3], unit=UNIT)
    entry = RosterEntry(
        id="op7", kind=PartyKind.OPERATOR, name="郑经办", roles=(Role.OFFICE,), contacts={"phone": "13812345678"}, person="孔联系"
    )
    story.do(ImportRoster(operator="op1", entries=(entry,)))
    story.do(Withdraw(**story.who, rows=(ReasonRow(nomination=number(3), reason="因病住院治疗"),)))
    refused = story.submit(candidate(1, years=1, phone="13812345678"))
    assert refused.outcome.data["refused"]


def everything(story: Story) -> str:
    """Every value of every table as the database gives it."""
    found = []
    with story.store.read() as connection:
        for name in metadata.tables:
            found += [str(row) for row in connection.execute(text(f"SELECT * FROM {name}"))]  # noqa: S608 - our own tables
    return "\n".join(found)


def test_nothing_personal_stands_in_any_table(story: Story) -> None:
    personal(story)
    whole = everything(story)
    assert number(1) in whole
    assert [secret for secret in SECRETS if secret in whole] == []


def test_nothing_personal_stands_in_the_file(story: Story, tmp_path: Path) -> None:
    personal(story)
    story.store.dispose()
    for path in tmp_path.glob("house.db*"):
        raw = path.read_bytes()
        assert [secret for secret in SECRETS if secret.encode() in raw] == [], path.name


def test_objector_and_objection_are_in_no_table(story: Story) -> None:
    story.on_notice(1)
    story.do(story.objection(1, objector="冯举报", phone="13698765432", text="查明系诬告陷害"))
    whole = everything(story)
    assert [secret for secret in SECRETS if secret in whole] == []


def test_kept_commands_hold_results_and_no_inputs(story: Story) -> None:
    personal(story)
    for row in story.rows(CommandRow):
        assert len(row.digest) == 64
        assert [secret for secret in SECRETS if secret in row.result] == []


def test_party_names_stand_beside_the_ledger(story: Story) -> None:
    story.open()
    payloads = "".join(entry.payload for entry in story.entries())
    assert [name for name in ("李经办", "专家一", "杭州甲公司", UNIT) if name in payloads] == []


def test_name_is_masked_to_its_first_character() -> None:
    assert (masked("张三丰"), masked("")) == ("张*", "*")


# --- clocks and chance


def test_virtual_clock_stands_still_and_never_goes_back() -> None:
    clock = VirtualClock(MORNING)
    assert clock.now() == MORNING == clock.now()
    with pytest.raises(ValueError, match="never goes back"):
        clock.move_to(MORNING.replace(year=2022))
    with pytest.raises(ValueError, match="must be aware"):
        clock.move_to(MORNING.replace(tzinfo=None))


def test_system_clock_and_chance_are_the_machines() -> None:
    assert SystemClock().now().utcoffset() == MORNING.utcoffset()
    assert SystemClock().now() <= SystemClock().now()
    assert len(SystemChance().token(16)) == 16
    assert SystemChance().token(16) != SystemChance().token(16)


def test_seeded_chance_repeats() -> None:
    assert SeededChance(7).token(8) == SeededChance(7).token(8) != SeededChance(8).token(8)
