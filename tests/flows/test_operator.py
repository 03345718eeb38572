"""What an operator's form cannot hold: refused with the field's name and the mend, before anything is opened."""

from datetime import date
from inspect import signature
from typing import Any, get_type_hints

import pytest
from prefect import Flow
from prefect.client.schemas.objects import State

from flows import desk, leadership, timing
from flows import forms as f
from flows.bootstrap import App
from flows.operator import operator_flow
from tests.flows.conftest import OPERATOR, SLUG
from tests.flows.test_deployments import CLOCKWORK, DEPLOYMENTS
from tests.flows.test_deployments import _flow as flow_of

FORMS = [pytest.param(flow_of(each), id=each["name"]) for each in DEPLOYMENTS if each["name"] not in CLOCKWORK]
LONGER = {"slug": SLUG, "operator": OPERATOR, "reason_file": "理由.txt"}
MEND = "请写成 2023-06-06 的样子"


@pytest.fixture(autouse=True)
def nothing_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """A form that is refused opens no house; nothing of the operator's reaches a log without a run."""

    def refuse() -> App:
        raise AssertionError("a house was opened")

    monkeypatch.setattr(desk, "build", refuse)
    monkeypatch.setattr(desk, "get_run_logger", _Silent)


class _Silent:
    def warning(self, *_: object) -> None:
        """Take a line and drop it."""


def _sentence(state: State[Any]) -> str:
    assert (state.name, state.is_failed()) == ("已拒绝", True)
    begin, _, rest = str(state.message).partition("：")
    assert begin == "填写有误，未作任何改动"
    return rest


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("2023-02-30", f"“新期限”：“2023-02-30”不是日期，{MEND}"),
        ("明天", f"“新期限”所填内容不是日期，{MEND}"),
        ("", f"“新期限”：“”不是日期，{MEND}"),
        (None, "“新期限”没有填写，请补上这一项"),
    ],
)
async def test_day_that_is_none_is_refused_by_its_fields_name(given: object, said: str) -> None:
    assert _sentence(await timing.extend_deadline.fn(**LONGER, due_day=given)) == said


async def test_everything_that_is_wrong_is_said_at_once() -> None:
    form = {"slug": SLUG, "operator": OPERATOR, "file": "表决.xlsx", "held_on": "2023-06-31", "members": "九", "present": -1}
    said = _sentence(await leadership.record_resolution.fn(**form))
    assert said.split("；") == [
        "“文号”没有填写，请补上这一项",
        f"“会议日期”：“2023-06-31”不是日期，{MEND}",
        "“应到人数”所填内容不是整数，请写阿拉伯数字，不加引号和单位",
        "“实到人数”：-1 超出范围，应不小于 0",
    ]


async def test_name_in_a_wrong_field_is_not_repeated() -> None:
    said = _sentence(await timing.reassign_work.fn(**LONGER, source="E1", target="E2", work="张建国的"))
    assert said.startswith("“移交什么”所填内容不在可选项中，可选：全部、出具推荐意见")


async def test_what_was_filled_in_reaches_the_form_as_what_it_stands_for() -> None:
    state = await operator_flow("试一试")(_tried).fn(SLUG, due_day="2023-06-06", again="true")
    assert state.message == "bjgj-2023 datetime.date(2023, 6, 6) True"


async def _tried(slug: f.Slug, due_day: f.DueDay, again: f.Again = False) -> State[Any]:
    return desk.refused(f"{slug} {due_day!r} {again!r}")


@pytest.mark.parametrize("form", FORMS)
async def test_no_form_leaves_its_days_to_prefect(form: Flow[Any, Any]) -> None:
    """Prefect's own check would end the run as failed, with a traceback, and the automation would alarm the operators."""
    assert not form.should_validate_parameters
    hints = get_type_hints(form.fn)
    days = [name for name in signature(form.fn).parameters if date in (hints[name], *getattr(hints[name], "__args__", ()))]
    if days:
        said = _sentence(await form.fn(slug=SLUG, operator=OPERATOR, **dict.fromkeys(days, "2023-02-30")))
        assert said.count(f"“2023-02-30”不是日期，{MEND}") == len(days)
