from datetime import date, datetime, time
from decimal import Decimal

import pytest

from flows.workbooks.cells import CHOICE, CODE, DATE, DECIMAL, INTEGER, NUMBER, PROSE, TEXT, WORDS, YES_NO, clean
from flows.workbooks.clauses import ACHIEVEMENT_LIST, CLAUSE_LIST, CLAUSES_OR_ALL, HONOUR_LIST, YEARS
from flows.workbooks.personal import EMAIL, ID_CARD, NAME, PHONE
from flows.workbooks.sheets import CellFault, CellKind, Column, Raw

TODAY = date(2023, 6, 20)


def parse(kind: CellKind, raw: Raw, **about: object) -> object:
    return kind.parse(raw, Column("列", "field", kind, **about), TODAY)  # type: ignore[arg-type]


def fault(kind: CellKind, raw: Raw, **about: object) -> CellFault:
    with pytest.raises(CellFault) as caught:
        parse(kind, raw, **about)
    return caught.value


@pytest.mark.parametrize(
    ("raw", "years"),
    [
        (5.0, "5"),
        (5.5, "5.5"),
        (10.0, "10"),
        ("5年", "5"),
        ("５年", "5"),
        (" 5 年 以上", "5"),
        ("12余年", "12"),
        ("5年6个月", "5.5"),
        ("4年11个月", "4.91"),
        ("5年半", "5.5"),
        (4.999999, "4.99"),
        (0.0, "0"),
    ],
)
def test_years_are_read_and_never_rounded_up(raw: Raw, years: str) -> None:
    assert parse(YEARS, raw) == Decimal(years)


@pytest.mark.parametrize("raw", ["很多年", "近5年", "约5年", "2015年至今", 2015.0, -1.0, "5年13个月", "", date(2015, 7, 1), True])
def test_years_not_understood_are_refused(raw: Raw) -> None:
    assert "年数" in fault(YEARS, raw).reason


@pytest.mark.parametrize(
    "text",
    ["1、3", "1，3", "1,3", "1;3", "1；3", "1/3", "1 3", "1　3", "1\n3", "条件1、条件3", "N15.1 N15.3"],
)
def test_achievements_are_split_at_any_usual_separator(text: str) -> None:
    assert parse(ACHIEVEMENT_LIST, text) == ("1", "3")


@pytest.mark.parametrize("text", ["①、③", "１、３", "第1条、第3条", "(1)、(3)", "一、三", "1和3", "1、3、1", "1. 3.", "符合条件1、3"])
def test_achievements_are_understood_however_they_are_counted(text: str) -> None:
    assert parse(ACHIEVEMENT_LIST, text) == ("1", "3")


def test_achievements_as_a_number_and_as_nothing() -> None:
    assert parse(ACHIEVEMENT_LIST, 5.0) == ("5",)
    assert parse(ACHIEVEMENT_LIST, "无") == ()


@pytest.mark.parametrize("text", ["2", "1、2", "N15.2", "条件2", "二", 2.0])
def test_achievement_two_is_refused_with_a_hint_at_the_printing_slip(text: Raw) -> None:
    found = fault(ACHIEVEMENT_LIST, text)
    assert found.reason == "没有第2项：通知原文第1项中的“2、”是排印错误，第1项后面就是第3项"
    assert "1、3、4、5、6" in found.mend


@pytest.mark.parametrize("text", ["7", "13", "1.3", 1.3, "绝技"])
def test_achievement_that_is_none_is_refused(text: Raw) -> None:
    assert fault(ACHIEVEMENT_LIST, text).reason == "含有通知中没有的条款序号"


def test_achievements_turned_into_a_date_by_excel_are_refused() -> None:
    assert fault(ACHIEVEMENT_LIST, date(2023, 1, 3)).reason == "被 Excel 改成了日期"


@pytest.mark.parametrize("text", ["无", " 无 ", "/", "没有", "——", "-"])
def test_no_honours_is_an_empty_list(text: str) -> None:
    assert parse(HONOUR_LIST, text) == ()


def test_honours_keep_their_names_with_spaces_and_quotes() -> None:
    assert parse(HONOUR_LIST, "2021年 杭州市技术能手、“杭州工匠”提名奖；浙江工匠") == (
        "2021年 杭州市技术能手",
        "“杭州工匠”提名奖",
        "浙江工匠",
    )


@pytest.mark.parametrize(
    ("raw", "phone"),
    [
        ("13900001111", "13900001111"),
        (13900001111.0, "13900001111"),
        ("139 0000 1111", "13900001111"),
        ("139-0000-1111", "13900001111"),
        ("+86 13900001111", "13900001111"),
        ("１３９００００１１１１", "13900001111"),
        ("0571-87000000", "0571-87000000"),
        ("（0571）87000000", "0571-87000000"),
        ("057187000000", "0571-87000000"),
        ("0571 8700 0000 转 802", "0571-87000000-802"),
        ("010-60000000", "010-60000000"),
        ("0571-87000000-802", "0571-87000000-802"),
        ("400-800-0000", "4008000000"),
    ],
)
def test_phone_is_brought_into_one_form(raw: Raw, phone: str) -> None:
    assert parse(PHONE, raw) == phone


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (57187000000.0, "固定电话可能丢了区号开头的0"),
        ("87000000", "固定电话没有区号"),
        ("13900001111、13900002222", "一格里有不止一个电话"),
        ("1390000111", "不是有效的手机或固定电话"),
        ("12900001111", "不是有效的手机或固定电话"),
        ("请打电话", "不是有效的手机或固定电话"),
    ],
)
def test_phone_that_cannot_be_called_is_refused(raw: Raw, reason: str) -> None:
    assert fault(PHONE, raw).reason == reason


@pytest.mark.parametrize("raw", ["gonghui@Example.com", " gonghui@example.com ", "ｇonghui＠example.com", "mailto:gonghui@example.com"])
def test_email_is_brought_into_one_form(raw: str) -> None:
    assert parse(EMAIL, raw) == "gonghui@example.com"


@pytest.mark.parametrize("raw", ["gonghui", "a@b", "a@@b.com", "a b@c.com;d@e.com", ".a@b.com", "a..b@c.com", "a@-b.com", "a\n@b.com>"])
def test_email_that_is_none_is_refused(raw: str) -> None:
    assert fault(EMAIL, raw).reason == "不是有效的邮箱地址"


@pytest.mark.parametrize(
    "raw", ["330108199001010010", "330108 19900101 0010", "'330108199001010010", "３３０１０８１９９００１０１００１０"]
)
def test_id_card_is_brought_into_one_form(raw: str) -> None:
    assert parse(ID_CARD, raw) == "330108199001010010"


def test_id_card_ending_in_small_x_is_taken_as_capital() -> None:
    assert parse(ID_CARD, "11010519491231002x") == "11010519491231002X"


def test_id_card_stored_as_a_number_is_refused_because_digits_are_lost() -> None:
    found = fault(ID_CARD, 330108199001010010.0)
    assert found.reason == "这一格按数字存储，Excel 只保留15位，末几位已丢失"
    assert found.mend == "请先把该格设为“文本”格式，再重新录入"
    assert "科学计数法" in fault(ID_CARD, "3.30108E+17").reason


@pytest.mark.parametrize(
    ("raw", "name"), [("张 三", "张三"), ("张　三 ", "张三"), ("阿依古丽•买买提", "阿依古丽·买买提"), ("John  Smith", "John Smith")]
)
def test_name_loses_its_padding(raw: str, name: str) -> None:
    assert parse(NAME, raw) == name


@pytest.mark.parametrize("raw", ["张三1", 7.0, "-", "张" * 51])
def test_name_that_is_none_is_refused(raw: Raw) -> None:
    assert "姓名" in fault(NAME, raw).reason


@pytest.mark.parametrize(
    "raw",
    ["2023-06-06", "2023/6/6", "2023.6.6", "2023年6月6日", "２０２３－６－６", "20230606", 45083.0, 20230606.0, "2023-06-06 00:00:00"],
)
def test_date_is_read_in_every_usual_form(raw: Raw) -> None:
    assert parse(DATE, raw) == date(2023, 6, 6)


def test_date_stored_as_a_date_or_an_instant_is_taken() -> None:
    assert parse(DATE, date(2023, 6, 6)) == date(2023, 6, 6)
    assert parse(DATE, datetime.fromisoformat("2023-06-06T08:00")) == date(2023, 6, 6)


@pytest.mark.parametrize("raw", ["2023年6月", "六月六日", 6.6, 5.0, time(8), True])
def test_date_that_is_none_is_refused(raw: Raw) -> None:
    assert fault(DATE, raw).reason == "不是看得懂的日期"


def test_date_that_no_calendar_has_is_refused() -> None:
    assert fault(DATE, "2023-02-30").reason == "没有这一天"


@pytest.mark.parametrize(("raw", "answer"), [("是", True), (" 是 ", True), ("√", True), (True, True), ("否", False), ("×", False)])
def test_yes_no_is_read(raw: Raw, answer: bool) -> None:
    assert parse(YES_NO, raw) is answer


@pytest.mark.parametrize("raw", ["不清楚", "是否", 1.0, "有"])
def test_yes_no_that_is_neither_is_refused(raw: Raw) -> None:
    assert fault(YES_NO, raw).reason == "只能填“是”或“否”"


def test_choice_ignores_width_and_spaces_and_hints_at_a_near_one() -> None:
    options = (("高新领军人才（Ⅱ类）", 1), ("证书", 2))
    assert parse(CHOICE, "高新领军人才 (II类)", options=options) == 1
    found = fault(CHOICE, "高新人才", options=options)
    assert (found.reason, found.mend) == ("不在可选项中，可选：高新领军人才（Ⅱ类）、证书", "是否应为“高新领军人才（Ⅱ类）”？")
    assert fault(CHOICE, "汽车", options=options).mend == "请从下拉列表中选"


def test_words_are_several_choices_each_once() -> None:
    assert parse(WORDS, "甲、乙 甲", options=(("甲", 1), ("乙", 2))) == (1, 2)


def test_figures_with_thousands_and_units_are_read() -> None:
    assert parse(DECIMAL, "30,000元") == Decimal(30000)
    assert parse(DECIMAL, 0.1) == Decimal("0.1")
    assert parse(INTEGER, "８票") == 8


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("八", "应为数字"),
        (-1.0, "不能是负数"),
        (101.0, "超过了最大值100"),
        (date(2023, 1, 1), "应为数字，现在是日期、时间或逻辑值"),
        ("1,2", "应为数字"),
    ],
)
def test_figure_out_of_bounds_is_refused(raw: Raw, reason: str) -> None:
    assert fault(DECIMAL, raw, limit=Decimal(100)).reason == reason


def test_integer_with_a_fraction_is_refused() -> None:
    assert fault(INTEGER, 1.5).reason == "应为整数"


@pytest.mark.parametrize("raw", ["BJGJ-2023-0007", "bjgj－2023－0007", " BJGJ–2023–0007 "])
def test_nomination_number_is_brought_into_one_form(raw: str) -> None:
    assert parse(NUMBER, raw) == "BJGJ-2023-0007"


def test_nomination_number_and_code_refuse_strange_signs() -> None:
    assert fault(NUMBER, 7.0).reason == "编号的写法不对"
    assert parse(CODE, 7.0) == "7"
    assert "编号" in fault(CODE, "a/b").reason


def test_clauses_are_read_with_or_without_their_letter() -> None:
    assert parse(CLAUSE_LIST, "N9、n10 15.1") == ("N9", "N10", "N15.1")
    assert parse(CLAUSE_LIST, 15.1) == ("N15.1",)
    assert parse(CLAUSES_OR_ALL, " 全 部") == ("全部",)
    assert fault(CLAUSE_LIST, "第九条").reason == "应为条款编号"


def test_text_loses_what_cannot_be_seen_and_prose_keeps_its_lines() -> None:
    assert clean("\ufeff张\u200b三\u202e\x07\t四\u3000") == "张三 四"
    assert parse(TEXT, "第一行\n第二行") == "第一行 第二行"
    assert parse(PROSE, "第一行\r\n第二行 ，“全角”（保留）") == "第一行\n第二行 ，“全角”（保留）"
    assert parse(TEXT, True) == "是"
    assert parse(TEXT, datetime.fromisoformat("2023-06-06T08:30")) == "2023-06-06 08:30:00"


def test_text_too_long_is_refused() -> None:
    assert fault(TEXT, "长" * 201).reason == "内容超过200字"
    assert fault(PROSE, "长" * 5001).reason == "内容超过5000字"
