"""What the form of ``extend-deadline`` offers, and what each choice stands for."""

from typing import get_args

import pytest

from config.vocabulary import Stage, WorkKind
from flows import forms
from flows.timing import scope_of

CHOICES = get_args(get_args(forms.WorkName)[0])


def test_form_offers_the_round_every_stage_and_all_work_that_can_be_extended() -> None:
    fixed_by_others = {WorkKind.CLOSE_INTAKE, WorkKind.NOTICE_COMPLETION}  # the stage's own due time, the notice's window
    scopes = [scope_of(name) for name in CHOICES]
    assert {scope["stage"] for scope in scopes if "stage" in scope} == set(Stage)
    assert {scope["kind"] for scope in scopes if "kind" in scope} == set(WorkKind) - fixed_by_others
    assert [scope["whole_round"] for scope in scopes if "whole_round" in scope] == [True, False]


@pytest.mark.parametrize("name", ["下一阶段", "公示期"])
def test_name_that_is_not_offered_is_refused_with_the_choices(name: str) -> None:
    with pytest.raises(ValueError, match="不在可选项中"):
        scope_of(name)
