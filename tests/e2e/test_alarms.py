"""A run that fails on the real server alarms the operators, once."""

from email import message_from_bytes
from email.policy import default as modern_policy
from pathlib import Path

import pytest

from flows.service.stopping import wait_patiently
from tests.e2e.harness import STUB, Hallmark

pytestmark = pytest.mark.e2e


def test_failed_runs_lead_to_one_alarm(hallmark: Hallmark) -> None:
    hallmark.deploy(STUB)
    failed = hallmark.run("stumble/stumble")
    assert failed.state is not None
    assert failed.state.name == "Failed"
    mail = hallmark.home / "outbox" / "mail"
    assert wait_patiently(lambda: bool(_alarms(mail)), seconds=60)
    (alarm,) = _alarms(mail)
    message = message_from_bytes(alarm.read_bytes(), policy=modern_policy)
    assert message["Subject"] == "【Hallmark 告警】运行出错"
    assert f"stumble {failed.id}" in str(message.get_content())


def _alarms(folder: Path) -> list[Path]:
    return list(folder.glob("alarm-*.eml"))
