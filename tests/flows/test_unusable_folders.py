"""Folders that cannot be used: business that needs none goes on, and what stands in the way is named in a sentence."""

import shutil
from pathlib import Path
from random import Random

import pytest

from config.os_errors import place
from flows import desk, intake, rounds
from flows.bootstrap import App, build
from flows.workbooks import write_rows
from flows.workbooks.packing import write_atomically
from flows.workbooks.synthetic_roster import synthetic_roster
from tests.flows.conftest import OPERATOR, SLUG


@pytest.fixture
def own_desk(at_desk: App, monkeypatch: pytest.MonkeyPatch) -> App:
    """The flows open this test's house out of the environment, as in a worker."""
    monkeypatch.setenv("HALLMARK_HOME", str(at_desk.settings.home))
    monkeypatch.setattr(desk, "build", build)
    return at_desk


def _spoil(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.write_text("a file where the folder should be")


async def test_business_that_sends_nothing_needs_no_outbox(own_desk: App) -> None:
    write_rows("roster", own_desk.settings.inbox / "名册.xlsx", synthetic_roster(Random(99)))
    _spoil(own_desk.settings.outbox)
    state = await intake.import_roster.fn(SLUG, OPERATOR, "名册.xlsx")
    assert state.name == "已办理", state.message


async def test_marked_copy_that_has_no_folder_is_said_beside_the_errors(own_desk: App) -> None:
    rows = [row.model_copy(update={"deputy": "NOBODY"}) for row in synthetic_roster(Random(99))[:1]]
    write_rows("roster", own_desk.settings.inbox / "名册.xlsx", rows)
    _spoil(own_desk.settings.outbox)
    state = await intake.import_roster.fn(SLUG, OPERATOR, "名册.xlsx")
    assert state.name == "已拒绝"
    assert "有 1 处错误" in str(state.message)
    assert "标注了错误的副本未能写入 outbox（" in str(state.message)


async def test_unusable_home_ends_as_a_sentence_that_claims_nothing(own_desk: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _spoil(tmp_path / "spoilt")
    monkeypatch.setenv("HALLMARK_HOME", str(tmp_path / "spoilt"))
    state = await rounds.conclude_stage.fn(SLUG, OPERATOR)
    said = str(state.message)
    assert state.name == "已拒绝"
    assert said.startswith(f"“{tmp_path / 'spoilt'}”用不了（已经有同名的文件或文件夹），请检查它的权限和磁盘空间")
    assert "请先看看板或台账" in said
    assert "未作任何改动" not in said
    assert "Errno" not in said


def test_file_that_cannot_be_written_is_named_by_its_own_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(IsADirectoryError) as caught:
        write_atomically(tmp_path, b"x")
    assert place(caught.value, tmp_path.parent) == tmp_path.name
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left") as caught_too:
        write_atomically(tmp_path / "名册.xlsx", b"x")
    assert place(caught_too.value) == str(tmp_path / "名册.xlsx")
    assert list(tmp_path.iterdir()) == []
