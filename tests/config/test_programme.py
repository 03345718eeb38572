"""The programme as shipped, and its models: figures, frozen, exact."""

from datetime import date, time
from fractions import Fraction

import pytest
from pydantic import ValidationError

from config.honours import plain_name
from config.loader import find_programme, load_programme
from config.programme import Benefit, EscalationStep, Ladder, Programme, Votes
from config.vocabulary import Audience, BenefitKind, Stage, WorkKind

PROGRAMME = load_programme(find_programme("binjiang-craftsman-2023"))


def test_head_of_the_programme() -> None:
    assert PROGRAMME.title == "第四届“滨江工匠”认定"
    assert (PROGRAMME.honour, PROGRAMME.edition, PROGRAMME.year) == ("滨江工匠", 4, 2023)
    assert (PROGRAMME.slug, PROGRAMME.number(7)) == ("bjgj-2023", "BJGJ-2023-0007")
    assert PROGRAMME.opens == PROGRAMME.source.date == date(2023, 6, 6)
    assert PROGRAMME.timezone.key == "Asia/Shanghai"
    assert PROGRAMME.quota == 10
    assert PROGRAMME.tier("craftsman").quota == 10
    assert PROGRAMME.condition("years").clause == "N11"


def test_figures_of_review_votes_and_notice() -> None:
    review = PROGRAMME.review
    assert sum(criterion.maximum for criterion in review.rubric) == 100
    assert (review.sheets_per_nomination, review.sheets_needed, review.trimmed, review.shortlist) == (5, 3, True, 15)
    assert (PROGRAMME.votes.quorum, PROGRAMME.votes.threshold, PROGRAMME.votes.reserves) == (Fraction(2, 3), Fraction(2, 3), 3)
    assert PROGRAMME.notice.working_days == 5
    assert (PROGRAMME.messages.hour, PROGRAMME.signatures) == (time(9), False)


def test_stages_and_work_are_complete_and_in_order() -> None:
    assert list(PROGRAMME.stages) == list(Stage)
    assert set(PROGRAMME.work) == set(WorkKind)


def test_ladder_of_an_endorsement() -> None:
    assert PROGRAMME.work[WorkKind.ENDORSEMENT].ladder == Ladder.model_validate(
        {"reminders": ["-2d", "0d"], "escalations": ["+1d: superior", "+3d: district_office"]}
    )


@pytest.mark.parametrize("written", ["+1d: superior", "1d:superior", {"+1d": "superior"}, {"after": "+1d", "audience": "superior"}])
def test_escalation_reads_every_way_of_writing(written: object) -> None:
    assert Ladder.model_validate({"escalations": [written]}).escalations == (
        EscalationStep.model_validate({"after": "+1d", "audience": "superior"}),
    )


def test_escalation_reads_an_audience_of_two_words() -> None:
    ladder = Ladder.model_validate({"reminders": ["-5d", "0d"], "escalations": ["+3d: district office"]})
    assert ladder.reminders == (-5, 0)
    assert (ladder.escalations[0].after, ladder.escalations[0].audience) == (3, Audience.DISTRICT_OFFICE)


@pytest.mark.parametrize("share", ["0/3", "3/2", "0.66", "2/0", 1, "三分之二"])
def test_share_that_is_none_is_refused(share: object) -> None:
    with pytest.raises(ValidationError, match="应写成分数"):
        Votes.model_validate({"quorum": share, "threshold": "2/3", "reserves": 3})


def test_programme_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        PROGRAMME.title = "x"  # type: ignore[misc]
    with pytest.raises(TypeError):
        PROGRAMME.stages[Stage.NOTICE] = PROGRAMME.stages[Stage.INTAKE]  # type: ignore[index]


def test_programme_survives_json() -> None:
    data = PROGRAMME.model_dump(mode="json")
    assert data["votes"]["quorum"] == "2/3"
    assert list(data["stages"]) == list(Stage)


def given_to(honours: list[str]) -> tuple[Benefit, ...]:
    """Give the benefits of a person who already holds these honours."""
    return tuple(each for each in PROGRAMME.benefits if not PROGRAMME.honours.holds_any(honours, each.unless_honours))


def test_preferences_are_not_given_again_to_a_model_worker() -> None:
    kinds = {benefit.kind for benefit in given_to(["2019年杭州市劳动模范称号"])}
    assert set(BenefitKind) - kinds == {BenefitKind.HANGZHOU_CRAFTSMAN_PREFERENCE, BenefitKind.MAY_DAY_MEDAL_PREFERENCE}


@pytest.mark.parametrize("honours", [[], ["滨江区劳动模范"], ["杭州工匠提名奖"], ["没听过的荣誉"]])
def test_preferences_are_given_below_city_level(honours: list[str]) -> None:
    assert given_to(honours) == PROGRAMME.benefits


@pytest.mark.parametrize("known", [each.name for each in PROGRAMME.honours.known if each.clause == "N24"])
def test_every_city_honour_of_the_exception_counts(known: str) -> None:
    assert len(given_to([known])) == len(PROGRAMME.benefits) - 2


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("杭州工匠", "杭州工匠"),
        ("“杭州工匠”", "杭州工匠"),
        ("2021年度“杭州工匠”称号", "杭州工匠"),
        ("第三届滨江工匠", "滨江工匠"),
        ("荣获2020年 滨江工匠 荣誉称号", "滨江工匠"),
        ("杭州市工匠（2019年）", "杭州工匠"),
        ("“杭州工匠”提名奖", "杭州工匠提名奖"),
        ("杭州工匠（提名奖）", "杭州工匠提名奖"),
        ("全国劳模", "全国劳动模范"),
    ],
)
def test_honour_is_known_however_it_is_written(written: str, name: str) -> None:
    honour = PROGRAMME.honours.find(written)
    assert honour is not None
    assert honour.name == name


@pytest.mark.parametrize("written", ["工匠", "杭州工匠候选人", "区级优秀工匠", "", "先进个人", "第", "2021年"])
def test_honour_that_is_not_known_is_not_guessed(written: str) -> None:
    assert PROGRAMME.honours.find(written) is None


def test_levels_are_ordered() -> None:
    honour = PROGRAMME.honours.find("杭州工匠")
    assert honour is not None
    reached = [PROGRAMME.honours.reaches(honour, level) for level in PROGRAMME.honours.levels]
    assert reached == [True, True, False, False]


def test_plain_name_keeps_what_tells_honours_apart() -> None:
    assert plain_name("《杭州工匠》提名奖") != plain_name("杭州工匠")


def test_missing_parts_are_key_errors() -> None:
    for ask in (PROGRAMME.clause, PROGRAMME.tier, PROGRAMME.condition):
        with pytest.raises(KeyError):
            ask("none")


def test_key_that_no_block_knows_is_refused() -> None:
    with pytest.raises(ValidationError, match="extra_forbidden"):
        Programme.model_validate(PROGRAMME.model_dump(mode="json") | {"quota": 10})
