"""What the flows of operators share: how a flow is declared, and who gives its command."""

from collections.abc import Callable
from typing import Any

from prefect import flow

OperatorFlow = Callable[..., Any]


def operator_flow(title: str) -> Callable[[OperatorFlow], Any]:
    """Declare a flow under a Chinese title; its runs carry the round and the title. Nothing of it is kept by Prefect."""
    return flow(name=title, flow_run_name=f"{{slug}} {title}", persist_result=False, validate_parameters=True)


def given(slug: str, operator: str, code: str, plan_code: str = "", again: bool = False) -> dict[str, Any]:
    """Give the fields that every command has."""
    return {"round": slug.strip(), "operator": operator.strip(), "code": code, "plan_code": plan_code, "again": again}
