"""Messages of unknown outcome: whoever asked the other side says what became of them. Refused ones leave again after a mend."""

from typing import Any

from prefect.client.schemas.objects import State

from flows import desk
from flows import forms as f
from flows.bootstrap import App
from flows.operator import given, operator_flow
from flows.reading.left import overtaken_by_now, particulars
from notifiers.routes import Sender
from states.commands.messages import ConfirmDelivered, ResendMessages
from states.house import House
from states.outcome import Result


@operator_flow("再发一次")
async def resend_messages(
    *,
    slug: f.Slug,
    operator: f.Operator,
    deliveries: f.Deliveries = [],  # noqa: B006 - Prefect reads the default into the form and never changes it
    code: f.Code = "",
    plan_code: f.PlanCode = "",
    again: f.Again = False,
) -> State[Any]:
    """把结果不明、经核实没有收到的，或改正地址后原先被拒收的消息再发一次。[Send unknown or refused messages once more]"""
    who = given(slug, operator, code, plan_code, again)
    return await desk.give(
        lambda app: ResendMessages(**who, deliveries=tuple(deliveries), overtaken=overtaken_by_now(app.house, slug, deliveries)), _previewed
    )


@operator_flow("确认已送达")
async def confirm_delivered(
    *,
    slug: f.Slug,
    operator: f.Operator,
    deliveries: f.Deliveries = [],  # noqa: B006 - the same
    code: f.Code = "",
    plan_code: f.PlanCode = "",
    again: f.Again = False,
) -> State[Any]:
    """登记结果不明、经核实已经收到的消息；不会再发。[Record that unknown messages did arrive]"""
    who = given(slug, operator, code, plan_code, again)
    return await desk.give(lambda _: ConfirmDelivered(**who, deliveries=tuple(deliveries)), _previewed)


def _previewed(app: App, slug: str, result: Result) -> Result:
    return with_particulars(app.house, app.channels, slug, result)


def with_particulars(house: House, sender: Sender, slug: str, result: Result) -> Result:
    """Give a preview in which each message says what it is: shown, but no part of the plan that is agreed to."""
    ids = result.outcome.data["deliveries"]
    known = particulars(house, sender, slug, ids)
    touched = tuple(touch.model_copy(update={"when": known[key]}) for key, touch in zip(ids, result.outcome.touched, strict=True))
    return result.model_copy(update={"outcome": result.outcome.model_copy(update={"touched": touched})})
