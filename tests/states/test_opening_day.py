"""On which day a round opens: the operator's, or else the programme's own; and what the result says of it."""

from datetime import date

import pytest

from config.days import with_weekday
from states.commands.roster import ImportRoster
from states.commands.rounds import AmendRound, OpenRound
from states.commands.timing import HoldRound, ReleaseRound
from states.tables import Round, StageClock
from tests.states.builders import Story
from tests.states.figures import ROSTER, local, rules
from tests.states.test_recounted_holds import hold
from tests.states.test_replanning import at


def written(day: str) -> str:
    """The rules with another opening day in their file."""
    return rules(("\nopens: 2023-06-06", f"\nopens: {day}"))


@pytest.fixture
def house(story: Story) -> Story:
    """The roster is in; it is Tuesday 2023-06-06."""
    story.do(ImportRoster(operator="op1", entries=ROSTER))
    return story


def opening(story: Story, opens_on: date | None = None, text: str = "") -> OpenRound:
    return OpenRound(**story.who, rules=text or rules(), opens_on=opens_on)


def said(story: Story, opens_on: date | None = None, text: str = "") -> str:
    return story.do(opening(story, opens_on, text)).outcome.summary


def test_blank_day_is_the_programmes_own_and_opens_at_once_where_that_is_today(house: Story) -> None:
    assert said(house) == (
        "第四届“滨江工匠”认定（bjgj-2023）已启动，开始申报推荐：启动日期 2023-06-06（周二，办法所写），"
        "申报截至 2023-07-05（周三），将告知 3 个推荐单位"
    )
    assert house.stage() == "intake"


def test_blank_day_that_the_programme_puts_ahead_plans_the_round_until_then(house: Story) -> None:
    assert said(house, text=written("2023-06-12")) == (
        "第四届“滨江工匠”认定（bjgj-2023）将于 2023-06-12（周一，办法所写）启动，申报截至 2023-07-11（周二），到时告知推荐单位（名册现有 3 个）"
    )
    assert (house.stage(), house.row(Round).opens_on) == ("planned", date(2023, 6, 12))
    house.tick(local(6, 12, 0))
    assert house.stage() == "intake"
    house.verified()


def test_blank_day_is_refused_where_the_programmes_own_has_passed(house: Story) -> None:
    house.clock.move_to(local(6, 7, 0))
    assert [str(each) for each in house.refused(opening(house))] == [
        (
            "“启动日期”没有填写，认定办法所写的启动日期（opens）2023-06-06（周二）已过，今天是 2023-06-07（周三）："
            "可能误用了上一届的办法，请先核对；办法无误的，填写“启动日期”（今天就启动的填 2023-06-07），或把办法里的 opens 改为启动那天，再办理"
        )
    ]
    assert house.rows(Round) == []


def test_day_is_judged_in_the_programmes_zone(house: Story) -> None:
    house.clock.move_to(local(6, 6, 23, 30))
    assert house.codes(opening(house, text=rules(("zone: Asia/Shanghai", "zone: Asia/Tokyo")))) == ["written-day-past"]
    assert "已启动" in said(house)


@pytest.mark.parametrize(
    ("opens_on", "code", "sentence"),
    [
        (date(9999, 12, 31), "too-far", "启动日期 9999-12-31（周五）在一年多以后，今天是 2024-05-06（周一），请核对年份"),
        (date(2025, 5, 8), "too-far", "启动日期 2025-05-08（周四）在一年多以后，今天是 2024-05-06（周一），请核对年份"),
        (date(1, 1, 1), "too-early", "启动日期 0001-01-01（周一）在一年多以前，今天是 2024-05-06（周一），请核对年份"),
        (date(2023, 5, 5), "too-early", "启动日期 2023-05-05（周五）在一年多以前，今天是 2024-05-06（周一），请核对年份"),
        (
            date(2023, 6, 5),
            "before-notice",
            "启动日期 2023-06-05（周一）早于公告日期 2023-06-06（认定办法的 source.date），请改为公告之日或之后",
        ),
        (
            date(2024, 4, 2),
            "intake-over",
            (
                "启动日期 2024-04-02（周二）太早：申报期 20 个工作日，到 2024-04-30（周二）已经截止，今天是 2024-05-06（周一）；"
                "请填较晚的日子，今天就启动的填 2024-05-06"
            ),
        ),
    ],
    ids=["year 9999", "more than a year ahead", "year 1", "more than a year ago", "before the notice", "intake over"],
)
def test_day_that_must_be_a_slip_is_refused_with_today_beside_it(house: Story, opens_on: date, code: str, sentence: str) -> None:
    house.clock.move_to(at(5, 6, year=2024))
    (refusal,) = house.refused(opening(house, opens_on))
    assert (refusal.code, str(refusal)) == (code, sentence)
    assert house.rows(Round) == []


def test_programmes_own_day_in_a_wrong_year_is_refused_too(house: Story) -> None:
    (refusal,) = house.refused(opening(house, text=written("2033-06-06")))
    assert str(refusal).startswith("认定办法所写的启动日期（opens）2033-06-06（周一）在一年多以后")


@pytest.mark.parametrize("opens_on", [date(2024, 4, 3), date(2025, 5, 7)])
def test_day_from_which_units_still_have_time_and_one_within_a_year_are_taken(house: Story, opens_on: date) -> None:
    house.clock.move_to(at(5, 6, year=2024))
    said(house, opens_on)
    assert house.row(Round).opens_on == opens_on


def test_round_whose_intake_the_office_closes_may_be_entered_late(house: Story) -> None:
    """What came in time is entered with its day of receipt until the office closes intake."""
    house.clock.move_to(local(8, 1))
    assert house.codes(opening(house, date(2023, 6, 6))) == ["intake-over"]
    summary = said(house, date(2023, 6, 6), rules().replace("conclude: automatic", "conclude: office", 1))
    assert (
        "申报截至 2023-07-05（周三，已经截止），将告知 3 个推荐单位；申报已经截止；截止日以前送达的，请补录（import-nominations）"
        in summary
    )
    assert house.stage() == "intake"


def test_result_says_that_the_day_was_filled_in_and_is_a_rest_day(house: Story) -> None:
    assert "将于 2023-06-24（周六，所填，休息日）启动，申报截至 2023-07-20（周四），" in said(house, date(2023, 6, 24))


def test_result_says_what_is_provisional(house: Story) -> None:
    house.clock.move_to(at(12, 1, year=2026))
    summary = said(house, date(2027, 1, 4), written("2026-12-01"))
    assert "将于 2027-01-04（周一，所填，暂定）启动，申报截至 2027-02-01（周一，暂定），" in summary
    assert "；暂定：2027年的节假日安排尚未公布；提醒：办法的年份（year）是 2023，与启动日期不在同一年，请核对是不是拿错了办法" in summary


def test_result_says_where_no_unit_is_there_to_be_told(story: Story) -> None:
    story.do(ImportRoster(operator="op1", entries=ROSTER[:1]))
    assert said(story).endswith("，名册里还没有推荐单位，没有单位可以告知")


def test_slug_that_is_taken_says_by_which_round(house: Story) -> None:
    said(house)
    house.clock.move_to(local(6, 9))
    assert [str(each) for each in house.refused(opening(house))] == [
        (
            "代号“bjgj-2023”已有一届在用：第四届“滨江工匠”认定，启动日期 2023-06-06，现在是“申报推荐”；"
            "如是重复点击，先前已经办成，不必再办；另开一届的，请另取代号"
        )
    ]


def test_amended_day_moves_the_opening_of_a_round_that_is_still_planned(house: Story) -> None:
    """A day that was planned by mistake can be mended without another slug and other numbers."""
    said(house, text=written("2023-06-12"))
    amended = AmendRound(**house.who, rules=written("2023-06-17"), reason="公告推迟")
    assert house.do(amended).outcome.summary == "本届办法修订为第 2 版（改动：启动日期），改在 2023-06-17（周六，办法所写，休息日）启动"
    house.tick(local(6, 12))
    assert (house.stage(), house.row(Round).opens_on) == ("planned", date(2023, 6, 17))
    house.tick(local(6, 17))
    assert house.row(StageClock).due_day == date(2023, 7, 17)
    later = AmendRound(**house.who, rules=written("2023-06-20"), reason="笔误")
    assert house.do(later).outcome.summary == "本届办法修订为第 3 版（改动：启动日期）；本届已于 2023-06-17 启动，启动日期不变"
    assert house.row(Round).opens_on == date(2023, 6, 17)
    house.verified()


def test_amended_day_of_a_planned_round_that_must_be_a_slip_is_refused(house: Story) -> None:
    said(house, date(2023, 6, 12))
    amended = AmendRound(**house.who, rules=written("2033-06-17"), reason="公告推迟")
    assert [each.code for each in house.refused(amended)] == ["too-far"]
    house.do(amended.model_copy(update={"rules": rules() + "# 附注"}))
    assert house.row(Round).opens_on == date(2023, 6, 12)


def test_day_that_replaces_one_put_off_by_guess_is_as_good_as_new(house: Story) -> None:
    house.clock.move_to(at(12, 21, year=2026))
    said(house, date(2027, 1, 13))
    hold(house, date(2027, 1, 4), date(2027, 1, 6))
    house.do(AmendRound(**house.who, rules=written("2027-01-20"), reason="公告推迟"))
    row = house.row(Round)
    assert (row.opens_on, row.planned_on, row.holds) == (date(2027, 1, 20), None, "")
    house.verified()


def amending(story: Story, opens_on: date | None = None, text: str = "") -> AmendRound:
    return AmendRound(**story.who, rules=text or rules(), reason="笔误", opens_on=opens_on)


@pytest.mark.parametrize("day", [date(2023, 6, 9), date(2023, 6, 8)])
def test_day_amended_to_today_or_before_opens_at_once(house: Story, day: date) -> None:
    said(house, text=written("2023-06-12"))
    house.clock.move_to(local(6, 9, 10))
    summary = house.do(amending(house, text=written(f"{day}"))).outcome.summary
    assert summary == f"本届办法修订为第 2 版（改动：启动日期），随即启动：启动日期 {with_weekday(day, '办法所写')}"
    assert (house.stage(), house.row(StageClock).counted_from) == ("intake", day)
    assert house.tick().happened == ()
    house.verified()


def test_day_that_was_mistyped_is_mended_without_another_file(house: Story) -> None:
    said(house, date(2023, 7, 12))
    assert [str(each) for each in house.refused(amending(house))] == [
        "新办法与本届现行办法相同，启动日期也没有改；只改启动日期（现为 2023-07-12）的，请填写“启动日期”"
    ]
    assert house.codes(amending(house, date(2023, 7, 12))) == ["nothing-new"]
    assert house.codes(amending(house, date(2033, 6, 12))) == ["too-far"]
    summary = house.do(amending(house, date(2023, 6, 12))).outcome.summary
    assert summary == "本届办法修订为第 2 版（改动：启动日期），改在 2023-06-12（周一，所填）启动"
    assert house.row(Round).opens_on == date(2023, 6, 12)
    house.verified()


def test_form_gives_the_day_also_where_the_rules_change_theirs(house: Story) -> None:
    said(house, text=written("2023-06-12"))
    house.do(amending(house, date(2023, 6, 19), written("2023-06-17")))
    assert house.row(Round).opens_on == date(2023, 6, 19)


def test_day_of_a_round_that_has_opened_is_not_given_again(house: Story) -> None:
    said(house)
    assert [str(each) for each in house.refused(amending(house, date(2023, 6, 12), rules() + "# 附注"))] == [
        "本届已于 2023-06-06 启动，启动日期不变，请不填“启动日期”"
    ]


def test_day_put_off_by_a_hold_survives_other_amendments(house: Story) -> None:
    said(house, date(2023, 6, 12))
    hold(house, date(2023, 6, 7), date(2023, 6, 9))
    house.do(amending(house, text=rules() + "# 附注"))
    assert house.row(Round).opens_on == date(2023, 6, 14)


@pytest.mark.parametrize(
    ("released", "opens_on", "said_of_release"),
    [
        (14, date(2023, 6, 20), "本届恢复计时，暂停没有占去工作日，启动日期不变"),
        (16, date(2023, 6, 25), "本届恢复计时，启动日期顺延 2 个工作日，将于 2023-06-25 启动"),  # 22 to 24 are off
    ],
)
def test_day_given_in_a_hold_is_put_off_only_by_what_is_held_after_that(
    house: Story, released: int, opens_on: date, said_of_release: str
) -> None:
    said(house, date(2023, 6, 12))
    house.clock.move_to(local(6, 7))
    house.do(HoldRound(**house.who, reason="等待批复"))
    house.clock.move_to(local(6, 14))
    summary = house.do(amending(house, date(2023, 6, 20))).outcome.summary
    assert summary.endswith("改在 2023-06-20（周二，所填）启动（恢复计时后顺延）")
    house.clock.move_to(local(6, released, 17))
    assert house.do(ReleaseRound(**house.who)).outcome.summary == said_of_release
    assert house.row(Round).opens_on == opens_on
    house.verified()


def test_day_given_in_a_hold_that_has_come_waits_for_the_release(house: Story) -> None:
    said(house, date(2023, 6, 12))
    house.do(HoldRound(**house.who, reason="等待批复"))
    house.do(amending(house, date(2023, 6, 6)))
    assert house.stage() == "planned"
    house.do(ReleaseRound(**house.who))
    house.tick()
    assert (house.stage(), house.row(StageClock).counted_from) == ("intake", date(2023, 6, 6))
    house.verified()
