"""Broken programme files: each slip is named with file, line, field, reason and mend, all of them at once."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import ErrorDetails

from config.checks import check_file, check_text
from config.errors import ConfigError, Problem, ProgrammeInvalid, ProgrammeNotFound
from config.loader import find_programme, known_programmes, load_programme, parse_programme, read_text
from config.wording import in_chinese

PATH = find_programme("binjiang-craftsman-2023")
TEXT = read_text(PATH)


def problems(*slips: tuple[str, str]) -> tuple[Problem, ...]:
    """The problems of the shipped text with these slips made in it, each once."""
    text = TEXT
    for good, bad in slips:
        assert good in text
        text = text.replace(good, bad, 1)
    with pytest.raises(ProgrammeInvalid) as caught:
        parse_programme(text, "本届.yaml")
    return caught.value.problems


def line_of(fragment: str) -> int:
    return TEXT[: TEXT.index(fragment)].count("\n") + 1


@pytest.mark.parametrize(
    ("good", "bad", "field", "reason", "mend"),
    [
        ("edition: 4", "edition: 四", "edition", "“四”不是整数", "阿拉伯数字"),
        ("edition: 4", "edition: true", "edition", "不是整数", "阿拉伯数字"),
        ("edition: 4", "edition:", "edition", "没有填写", "请补上"),
        ("strength: generally", "strength: 一般", "conditions[7].strength", "“一般”不在可选项中", "请写 generally；"),
        ("strength: generally", "strength: mast", "conditions[7].strength", "“mast”不在可选项中", "是不是 must？"),
        ("opens: 2023-06-06", "opens: 2023-06-31", "opens", "“2023-06-31”不是日期", "2023-06-06"),
        ("quorum: 2/3", "quorum: 0.67", "votes.quorum", "“0.67”不合要求", "应写成分数"),
        ("zone: Asia/Shanghai", "zone: 北京", "zone", "“北京”不合要求", "Asia/Shanghai"),
        ("signatures: false", "signatures: 否", "signatures", "“否”不是是非值", "true（是）"),
        ('hour: "09:00"', "hour: 九点", "messages.hour", "“九点”不是时刻", '"09:00"'),
        ("maximum: 30", "maximum: 0", "review.rubric[0].maximum", "0 超出范围", "不小于 1"),
        ("year: 2023", "year: 2203", "year", "2203 超出范围", "不大于 2100"),
        ("at_least: 5", "at_least: 5年", "conditions[7].test.at_least", "“5年”不是数字", "阿拉伯数字"),
        ("kind: at_least", "kind: atleast", "conditions[7].test", "“atleast”不在可选项中", "是不是 at_least？"),
        ("kind: at_least, ", "", "conditions[7].test", "没有写 kind", "kind"),
        ("fact: in_service, equals: true", "fact: in_service, equals: 是", "conditions[2].test", "内容不合要求", "true 或 false"),
        ("equals: true", "equals: [1]", "conditions[2].test.equals", "不是是非值", "true（是）"),
        ("reminders: [-2d, 0d]", "reminders: [-2, 0d]", "work.close_intake.ladder.reminders[0]", "“-2”不合要求", "加 d"),
        ("reminders: [-2d, 0d]", "reminders: -2d", "work.close_intake.ladder.reminders", "应是一个列表", "[甲, 乙]"),
        ("reminders: [-2d, 0d], ", "{}: 1, ", "work.close_intake.ladder.?", "不是可用的项目", "reminders"),
        ('"+1d: superior"', '"+1d: superio"', "work.endorsement.ladder.escalations[0]", "“superio”不在可选项中", "是不是 superior？"),
        ("clause: N3\n", "clause: 3\n", "tiers[0].clause", "不是文字", "英文引号"),
        ("clause: N3\n", "clause: 第3条\n", "tiers[0].clause", "写法不合规则", "N15.1"),
        ("intake:       ", "intak:        ", "stages.intak", "“intak”不在可选项中", "是不是 intake？"),
        ("kinds: [craftsman]", "kinds: []", "conditions[0].test.kinds", "一项也没有", "至少写一项"),
        ("honour: 滨江工匠", 'honour: ""', "honour", "是空的", "请填写"),
        ("schema_version: 1", "schema_version: 2", "schema_version", "“2”不在可选项中", "1"),
        ("maximum: 30", "maximum: 30, maximum: 30", "review.rubric[0].maximum", "写了两次", "只留一处"),
        ("focus_industries: [数字产业", "focus_industries: &a [*a, 数字产业", "scope.focus_industries[0]", "用了引用", "照写一遍"),
    ],
)
def test_slip_is_named_with_its_line_and_mend(good: str, bad: str, field: str, reason: str, mend: str) -> None:
    (problem, *more) = problems((good, bad))
    assert more == []
    assert (problem.file, problem.line, problem.field) == ("本届.yaml", line_of(good), field)
    assert reason in problem.reason
    assert mend in problem.mend


def test_misspelt_key_is_named_with_the_one_meant_and_the_one_missing() -> None:
    missing, unknown = problems(("quota: 10", "quotta: 10"))
    assert (missing.field, missing.reason) == ("tiers[0].quota", "没有填写")
    assert (unknown.field, unknown.line, unknown.mend) == ("tiers[0].quotta", line_of("quota: 10"), "是不是 quota？")


@pytest.mark.parametrize(
    ("good", "bad", "hint"),
    [
        ("withheld: true", "withheld: true, wihheld: true", ""),
        ("kind: any_achievement", "kind: any_achievement, x: 1", "可用的有：kind"),
        ("    conclude: office\n", "    conclude: office\n    workingdays: 3\n", "是不是 working_days？"),
        ("    tax:\n", "    tax:\n      withhold: true\n", "是不是 withheld？"),
        ("trimmed: true", "trimmed: true\n  trimed: true", "是不是 trimmed？"),
    ],
)
def test_unknown_key_gets_the_keys_of_its_own_block(good: str, bad: str, hint: str) -> None:
    assert any(hint in problem.mend for problem in problems((good, bad)))


def test_all_slips_are_told_at_once_in_the_order_of_the_lines() -> None:
    found = problems(("edition: 4", "edition: 四"), ("quota: 10", "quota: 0"), ("signatures: false", "signatures: 否"))
    assert [problem.field for problem in found] == ["edition", "tiers[0].quota", "signatures"]
    assert [problem.line for problem in found] == [line_of("edition: 4"), line_of("quota: 10"), line_of("signatures: false")]


def test_duplicate_and_schema_slips_are_told_together() -> None:
    found = problems(("quota: 10", "quota: 10\n    quota: 11"), ("signatures: false", "signatures: 否"))
    assert [problem.field for problem in found] == ["tiers[0].quota", "signatures"]
    assert "第52行已有一次" in found[0].reason


@pytest.mark.parametrize(
    ("good", "bad", "reason"),
    [
        ("edition: 4", "edition：4", "中文冒号"),
        ("edition: 4", "edition:4", "少了英文冒号"),
        ("honour: 滨江工匠", "honour 滨江工匠", "少了英文冒号"),
        ("honour: 滨江工匠", "honour: |滨江工匠", "第一个字符"),
        ("    quota: 10", "\tquota: 10", "制表符"),
        ("    title: 滨江工匠\n", '    title: "滨江工匠\n', "引号没有配对"),
        ("    quota: 10", "      quota: 10", "冒号或缩进"),
        ("honour: 滨江工匠", "honour: @滨江工匠", "第一个字符"),
        ("honour: 滨江工匠", "honour: *滨江工匠", "以 * 开头"),
        ("honour: 滨江工匠", 'honour: "滨江" 工匠', "缩进不齐，或引号后面还有别的字"),
    ],
)
def test_writing_that_is_no_yaml_is_named_on_its_line(good: str, bad: str, reason: str) -> None:
    (problem,) = problems((good, bad))
    assert problem.line == line_of(good)
    assert reason in problem.reason
    assert problem.mend


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "文件是空的"),
        ("# 只有注释\n", "文件是空的"),
        ("- 甲\n", "应是一组项目"),
        ("只有一句话", "应是一组项目"),
        ("a: [1\n", "没有配对"),
        ("a: 1\n---\nb: 2\n", "两份文档"),
        ("a: '甲\n", "引号没有配对"),
        ("a: \x00\n", "控制字符"),
        ("%YAML 3.0\n---\na: 1\n", "YAML 写法有误"),
    ],
)
def test_text_that_is_no_programme(text: str, reason: str) -> None:
    with pytest.raises(ProgrammeInvalid) as caught:
        parse_programme(text, "x.yaml")
    assert reason in caught.value.problems[0].reason
    assert caught.value.problems[0].line >= 1


def test_key_that_is_no_text_is_refused() -> None:
    assert problems(("signatures: false", "? [甲]\n: 1\nsignatures: false"))[0].reason == "不是可用的项目"


def test_python_object_in_the_file_stays_text() -> None:
    (problem,) = problems(("edition: 4", "edition: !!python/object/apply:os.getcwd []"))
    assert problem.field == "edition"


@pytest.mark.parametrize(("encoding", "guess"), [("gb18030", "GBK"), ("utf-16", "UTF-16")])
def test_other_encoding_is_named(tmp_path: Path, encoding: str, guess: str) -> None:
    path = tmp_path / "办法.yaml"
    path.write_bytes(TEXT.encode(encoding))
    with pytest.raises(ProgrammeInvalid) as caught:
        load_programme(path)
    assert guess in caught.value.problems[0].reason
    assert "UTF-8" in caught.value.problems[0].mend
    assert check_file(path) == list(caught.value.problems)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"a: 1\nb: \x81\xff\xff")
    with pytest.raises(ProgrammeInvalid) as caught:
        load_programme(path)
    assert caught.value.problems[0].reason == "文件不是 UTF-8 编码"
    assert caught.value.problems[0].line == 2


def test_byte_order_mark_and_windows_lines_are_no_matter(tmp_path: Path) -> None:
    path = tmp_path / "办法.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    assert load_programme(path) == load_programme(PATH)
    assert parse_programme("\ufeff" + TEXT, "x") == load_programme(PATH)


def test_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ProgrammeInvalid, match="读不出来"):
        load_programme(tmp_path)


def test_programme_is_found_by_id_and_by_path(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(TEXT, "utf-8")
    assert known_programmes() == ["binjiang-craftsman-2023"]
    assert find_programme("binjiang-craftsman-2023") == PATH
    assert find_programme(str(own)) == own


def test_programme_that_is_not_there_is_suggested() -> None:
    with pytest.raises(ProgrammeNotFound, match="是不是 binjiang-craftsman-2023？") as caught:
        find_programme("binjiang-craftman-2023")
    assert isinstance(caught.value, ConfigError)
    with pytest.raises(ProgrammeNotFound, match="没有找到认定办法“zzz”。"):
        find_programme("zzz")


def test_error_reads_as_sentences() -> None:
    with pytest.raises(ProgrammeInvalid) as caught:
        parse_programme(TEXT.replace("edition: 4", "edition: 四"), "本届.yaml")
    line = line_of("edition: 4")
    assert str(caught.value) == (
        f"认定办法 本届.yaml 有 1 处问题：\n本届.yaml 第{line}行：“edition”“四”不是整数。请写阿拉伯数字，不加引号和单位。"
    )


def test_error_of_a_kind_without_words_still_says_something() -> None:
    details = ErrorDetails(type="is_instance_of", loc=("x",), msg="Input should be an instance of X", input=1)
    reason, mend = in_chinese(details)
    assert reason == "取值不合要求（Input should be an instance of X）"
    assert mend


@given(
    st.integers(min_value=0, max_value=len(TEXT.splitlines()) - 1),
    st.sampled_from(["", "x", "- 1", "  a: 1", "\t", "：", "[", '"', "? {}", "&a", "*a", "---", "%"]),
)
@settings(max_examples=30)
def test_any_line_put_in_place_of_another_is_told_and_never_raises(number: int, line: str) -> None:
    lines = TEXT.splitlines()
    lines[number] = line
    for problem in check_text("\n".join(lines), "x.yaml"):
        assert problem.reason
        assert problem.mend
        assert 1 <= problem.line <= len(lines)
