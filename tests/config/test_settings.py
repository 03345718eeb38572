"""The environment: what cannot be used is named with its mend, and no value is repeated."""

import pytest

from config.settings import Settings, SettingsInvalid

DATABASE = "要写成 postgresql://用户:口令@主机:端口/库，或 sqlite:///路径；不设则用数据目录里的 SQLite"


@pytest.mark.parametrize(
    ("variable", "value", "mend"),
    [
        ("HALLMARK_CLOCK_ALARM_HOURS", "两", "要写阿拉伯数字的整数"),
        ("HALLMARK_CLOCK_ALARM_HOURS", "2.5", "要写阿拉伯数字的整数"),
        ("HALLMARK_CLOCK_ALARM_HOURS", "0", "至少写 1"),
        ("HALLMARK_DATABASE_URL", "mysql://root:hush-hush@db/x", DATABASE),
        ("HALLMARK_DATABASE_URL", "postgres:hush-hush", DATABASE),
        ("HALLMARK_DATABASE_URL", "postgresql://root:hush-hush@db:port/x", DATABASE),
    ],
)
def test_variable_that_cannot_be_used_is_named_with_its_mend(monkeypatch: pytest.MonkeyPatch, variable: str, value: str, mend: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsInvalid) as caught:
        Settings()
    assert str(caught.value) == f"环境变量 {variable} 的值不能用：{mend}。\n请改正或删去后再试。[a setting cannot be used]"
    assert caught.value.__suppress_context__  # the library's own text holds the value, and with it a password


def test_every_wrong_variable_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALLMARK_DATABASE_URL", "mysql://db/x")
    monkeypatch.setenv("HALLMARK_CLOCK_ALARM_HOURS", "x")
    with pytest.raises(SettingsInvalid, match=r"HALLMARK_DATABASE_URL[\s\S]*HALLMARK_CLOCK_ALARM_HOURS"):
        Settings()


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HALLMARK_CLOCK_ALARM_HOURS", "HALLMARK_DATABASE_URL", "HALLMARK_CHANNELS"):
        monkeypatch.setenv(variable, "")
    assert (Settings().clock_alarm_hours, Settings().database_url, Settings().channels) == (2, None, None)


@pytest.mark.parametrize("url", ["postgresql://u:p%40@db:5432/x", "postgresql+psycopg://db/x", "sqlite:///x.db"])
def test_the_databases_that_the_house_knows_are_taken(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("HALLMARK_DATABASE_URL", url)
    assert Settings().url == url
