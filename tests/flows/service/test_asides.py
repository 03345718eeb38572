"""What ``up`` does beside waiting, in the loop of a service that stands."""

from pathlib import Path
from queue import SimpleQueue

import pytest
from prefect.settings import get_current_settings

from flows import up
from flows.service.lifecycle import Service
from flows.service.stopping import POLL_SECONDS, StopAsked
from tests.e2e.harness import STUB, free_port


class Standing(Service):
    """A service that starts nothing, and is asked to stop after some turns of the loop."""

    turns = 0

    def start(self) -> None:
        pass

    def check(self) -> None:
        self.turns += 1
        if self.turns > 6:
            raise StopAsked

    def stop(self) -> None:
        pass


def test_up_names_runs_early_and_watches_now_and_then_both_at_its_own_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(up, "Service", Standing)
    monkeypatch.setattr(up, "_TURNS_OF_NAMES", (1, 3))
    monkeypatch.setattr(up, "_TURNS_OF_WATCH", 4)
    done, port = SimpleQueue[tuple[str, str]](), free_port()

    def note(what: str) -> None:
        done.put((what, str(get_current_settings().api.url)))

    status = up.run_up(home=tmp_path / "home", host="127.0.0.1", port=port, project=STUB, name=lambda: note("names"), watch=note)
    here = f"http://127.0.0.1:{port}"
    assert status == up.STOPPED
    assert sorted(done.get(timeout=10) for _ in range(3)) == [(here, f"{here}/api"), ("names", f"{here}/api"), ("names", f"{here}/api")]
    assert done.empty()


def test_runs_are_named_within_two_minutes_and_before_the_first_look_at_the_clock() -> None:
    assert 0 < up._TURNS_OF_NAMES[0] * POLL_SECONDS <= 30
    assert up._TURNS_OF_NAMES[-1] * POLL_SECONDS <= 120 < up._TURNS_OF_WATCH * POLL_SECONDS
