"""What the flows of operators share: how a flow is declared, how its form is checked, and who gives its command."""

import re
from collections.abc import Awaitable, Callable, Iterator
from functools import wraps
from inspect import Signature, signature
from typing import Any, get_type_hints

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from config.wording import in_chinese
from flows import desk

OperatorFlow = Callable[..., Awaitable[State[Any]]]


def operator_flow(title: str) -> Callable[[OperatorFlow], Any]:
    """Declare a flow under a Chinese title; its runs carry the round and the title. Nothing of it is kept by Prefect.

    We check what was filled in ourselves: Prefect's own check would end the run with a traceback, and alarm the operators.
    """
    declare = flow(name=title, flow_run_name=f"{{slug}} {title}", persist_result=False, validate_parameters=False)
    return lambda form: declare(_checked(form))


def given(slug: str, operator: str, code: str, plan_code: str = "", again: bool = False) -> dict[str, Any]:
    """Give the fields that every command has."""
    return {"round": slug.strip(), "operator": operator.strip(), "code": code, "plan_code": plan_code, "again": again}


def _checked(form: OperatorFlow) -> OperatorFlow:
    """Let a form begin only with what its fields may hold; the rest is refused with every field's name and the mend."""
    fields, shape = get_type_hints(form, include_extras=True), signature(form)

    @wraps(form)
    async def begin(*args: Any, **kwargs: Any) -> State[Any]:
        filled = shape.bind_partial(*args, **kwargs)
        wrong = [*_missing(filled.arguments, fields, shape), *_wrong(filled.arguments, fields)]
        if wrong:
            return desk.refused(f"填写有误，未作任何改动：{'；'.join(wrong)}")
        return await form(*filled.args, **filled.kwargs)

    return begin


def _missing(filled: dict[str, Any], fields: dict[str, Any], shape: Signature) -> Iterator[str]:
    for name, parameter in shape.parameters.items():
        if name not in filled and parameter.default is parameter.empty:
            yield f"“{_title(fields[name])}”没有填写，请补上这一项"


def _wrong(filled: dict[str, Any], fields: dict[str, Any]) -> Iterator[str]:
    """Turn every value into what its field holds, in place, and say what is wrong with those that cannot be."""
    for name, value in filled.items():
        try:
            filled[name] = TypeAdapter(fields[name]).validate_python(value)
        except ValidationError as error:
            yield f"“{_title(fields[name])}”{_sentence(error.errors(include_url=False)[0])}"


def _title(annotated: Any) -> str:
    """Give the name of a field as the form shows it."""
    extras = [getattr(each, "json_schema_extra", None) for each in getattr(annotated, "__metadata__", ())]
    return next((str(extra["title"]) for extra in extras if isinstance(extra, dict)), "")


def _sentence(error: ErrorDetails) -> str:
    """Say what is wrong and how to mend it; what is not plain figures and letters may be a name, and is not repeated."""
    reason, mend = in_chinese(error)
    if not str(error["input"]).isascii():
        reason = re.sub("^“.*”", "所填内容", reason, flags=re.DOTALL)
    return f"{'' if reason.startswith(('没有', '所填')) else '：'}{reason}，{mend}"
