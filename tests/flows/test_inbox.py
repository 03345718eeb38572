import os
import unicodedata
from pathlib import Path

import pytest

from flows.inbox import MOST_BYTES, InboxRefused, inbox_file


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "推荐汇总表.xlsx").write_bytes(b"PK")
    (tmp_path / "secret.xlsx").write_bytes(b"PK")
    return folder


def refusal(inbox: Path, name: str) -> str:
    with pytest.raises(InboxRefused) as caught:
        inbox_file(inbox, name)
    return str(caught.value)


@pytest.mark.parametrize("name", ["推荐汇总表.xlsx", " 推荐汇总表.xlsx ", "./推荐汇总表.xlsx"])
def test_inbox_gives_a_file_inside_it(inbox: Path, name: str) -> None:
    assert inbox_file(inbox, name) == (inbox / "推荐汇总表.xlsx").resolve()


def test_inbox_gives_a_file_in_a_folder_of_its_own(inbox: Path) -> None:
    (inbox / "第四届").mkdir()
    (inbox / "第四届" / "a.xlsx").write_bytes(b"PK")
    assert inbox_file(inbox, "第四届/a.xlsx") == (inbox / "第四届" / "a.xlsx").resolve()


@pytest.mark.parametrize(
    "name",
    [
        "../secret.xlsx",
        "a/../../secret.xlsx",
        "/etc/passwd",
        "..\\secret.xlsx",
        "C:\\a.xlsx",
        "C:a.xlsx",
        "\\\\host\\a.xlsx",
        "~/a.xlsx",
        "..",
    ],
)
def test_inbox_refuses_names_that_point_outside(inbox: Path, name: str) -> None:
    assert refusal(inbox, name) == f"“{name}”不是收件夹（inbox）里的文件名；只填文件名，不要带盘符、上级目录或反斜杠。"


def test_inbox_refuses_links_that_lead_outside(inbox: Path, tmp_path: Path) -> None:
    (inbox / "link.xlsx").symlink_to(tmp_path / "secret.xlsx")
    (inbox / "folder").symlink_to(tmp_path)
    assert "指向收件夹（inbox）之外" in refusal(inbox, "link.xlsx")
    assert "指向收件夹（inbox）之外" in refusal(inbox, "folder/secret.xlsx")


def test_inbox_follows_links_within_and_survives_a_circle(inbox: Path) -> None:
    (inbox / "again.xlsx").symlink_to(inbox / "推荐汇总表.xlsx")
    (inbox / "circle.xlsx").symlink_to(inbox / "circle.xlsx")
    assert inbox_file(inbox, "again.xlsx") == (inbox / "推荐汇总表.xlsx").resolve()
    assert "circle.xlsx" in refusal(inbox, "circle.xlsx")


def test_inbox_itself_may_be_a_link(inbox: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(inbox)
    assert inbox_file(tmp_path / "link", "推荐汇总表.xlsx") == (inbox / "推荐汇总表.xlsx").resolve()


@pytest.mark.parametrize("name", ["a\x00.xlsx", "a\n.xlsx", "a\u202exslx.exe"])
def test_inbox_refuses_control_characters(inbox: Path, name: str) -> None:
    assert refusal(inbox, name) == "文件名中有看不见的控制字符；请重新输入文件名。"


@pytest.mark.parametrize("name", ["", "  ", "."])
def test_inbox_asks_for_a_name(inbox: Path, name: str) -> None:
    assert refusal(inbox, name).startswith("没有填写文件名；")


@pytest.mark.parametrize("name", ["~$推荐汇总表.xlsx", ".~lock.推荐汇总表.xlsx#"])
def test_inbox_refuses_the_locks_of_office(inbox: Path, name: str) -> None:
    (inbox / name).write_bytes(b"x")
    assert "临时锁文件；请关闭 Excel" in refusal(inbox, name)


def test_inbox_counts_other_files_and_names_none(inbox: Path) -> None:
    (inbox / "张建国材料.xlsx").write_bytes(b"PK")
    (inbox / "~$名册.xlsx").write_bytes(b"x")
    said = "收件夹（inbox）里没有“推荐汇总.xlsx”，现有 2 个其他文件；请核对文件名，连同扩展名（如 .xlsx）一起填写。"
    assert refusal(inbox, "推荐汇总.xlsx") == said


def test_inbox_that_is_empty_or_missing_says_so(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    said = "收件夹（inbox）里没有“a.xlsx”，也没有任何其他文件；请先把文件放进 inbox 文件夹。"
    assert refusal(tmp_path / "inbox", "a.xlsx") == said
    assert "也没有任何其他文件" in refusal(tmp_path / "nowhere", "a.xlsx")


def test_inbox_takes_a_name_however_its_accents_are_stored(inbox: Path) -> None:
    stored = unicodedata.normalize("NFD", "café.xlsx")
    (inbox / stored).write_bytes(b"PK")
    assert inbox_file(inbox, "café.xlsx").name == stored


def test_inbox_refuses_folders_pipes_empty_and_huge_files(inbox: Path) -> None:
    (inbox / "folder").mkdir()
    (inbox / "empty.xlsx").touch()
    os.mkfifo(inbox / "pipe.xlsx")
    with (inbox / "huge.xlsx").open("wb") as stream:
        stream.truncate(MOST_BYTES + 1)
    with (inbox / "large.xlsx").open("wb") as stream:
        stream.truncate(MOST_BYTES)
    assert refusal(inbox, "folder") == "“folder”是文件夹；请填文件夹里的文件名，如“folder/推荐汇总表.xlsx”。"
    assert refusal(inbox, "empty.xlsx") == "“empty.xlsx”是空文件（0字节）；请重新保存或重新上传。"
    assert "不是普通文件" in refusal(inbox, "pipe.xlsx")
    assert refusal(inbox, "huge.xlsx") == "“huge.xlsx”有20.0 MB，超过20 MB；请删去图片或拆成几个文件。"
    assert inbox_file(inbox, "large.xlsx").name == "large.xlsx"


def test_inbox_name_too_long_for_the_system_is_refused(inbox: Path) -> None:
    assert refusal(inbox, "长" * 300 + ".xlsx").startswith(f"“{'长' * 80}…”无法读取")
