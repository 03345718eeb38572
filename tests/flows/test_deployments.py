"""``prefect.yaml`` and the forms that it gives operators."""

import inspect
from importlib import import_module
from typing import Any

import pytest
from prefect import Flow
from prefect.utilities.callables import parameter_schema
from ruamel.yaml import YAML

from flows.service.plan import PROJECT

DEPLOYMENTS: list[dict[str, Any]] = YAML(typ="safe").load(PROJECT / "prefect.yaml")["deployments"]
NAMED_BY_THE_DESIGN = {
    *("open-round", "amend-round", "cancel-round", "import-roster", "import-nominations", "close-intake", "record-endorsements"),
    *("record-qualification", "resubmit", "withdraw", "assign-experts", "record-scores", "conclude-review", "record-resolution"),
    *("publish-notice", "file-objection", "resolve-objection", "certify", "record-benefits", "disqualify", "revoke", "reopen"),
    *("tick", "deliver", "refresh-board"),
}
CLOCKWORK = {"tick", "deliver", "refresh-board", "alert-operators"}
NEVER_BULK = {"open-round", "import-roster", "import-nominations", "record-scores", "conclude-stage", "hold-round"}


def _flow(deployment: dict[str, Any]) -> Flow[Any, Any]:
    module, _, name = deployment["entrypoint"].rpartition(".")
    found = getattr(import_module(module), name)
    assert isinstance(found, Flow)
    return found


def test_deployments_cover_everything_an_operator_does() -> None:
    names = [deployment["name"] for deployment in DEPLOYMENTS]
    assert len(names) == len(set(names))
    assert set(names) >= NAMED_BY_THE_DESIGN


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda each: each["name"])
def test_deployment_has_a_flow_a_description_and_tags(deployment: dict[str, Any]) -> None:
    assert _flow(deployment).name
    chinese, _, rest = deployment["description"].partition("　")
    assert chinese
    assert rest.startswith("[")
    assert deployment["tags"]


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda each: each["name"])
def test_form_explains_every_field_in_chinese(deployment: dict[str, Any]) -> None:
    schema = parameter_schema(_flow(deployment).fn)
    for name, field in schema.properties.items():
        assert field["title"] != name
        assert not field["title"].isascii()
        assert field["description"]


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda each: each["name"])
def test_form_asks_who_acts_and_for_the_plan_code(deployment: dict[str, Any]) -> None:
    parameters = inspect.signature(_flow(deployment).fn).parameters
    if deployment["name"] in CLOCKWORK:
        assert "operator" not in parameters
        return
    assert {"slug", "operator", "code", "again"} <= set(parameters)
    assert ("plan_code" in parameters) == (deployment["name"] not in NEVER_BULK)


def test_flow_names_differ() -> None:
    names = [_flow(deployment).name for deployment in DEPLOYMENTS]
    assert len(names) == len(set(names))
