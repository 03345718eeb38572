"""The command line for tests: a home of its own, and what a command answered."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from flows.bootstrap import build
from flows.cli import run
from flows.demo import demo_settings, stage_demo

DEMO_OPERATOR = "JB01"


@dataclass(frozen=True)
class Answer:
    """What a command line came to."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Hallmark = Callable[..., Answer]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, and this environment's commands use it."""
    folder = tmp_path / "home"
    monkeypatch.setenv("HALLMARK_HOME", str(folder))
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def hallmark(home: Path, capsys: pytest.CaptureFixture[str]) -> Hallmark:
    """Carry out a command line in this process."""

    def carry_out(*arguments: object) -> Answer:
        capsys.readouterr()
        status = run([str(each) for each in arguments])
        captured = capsys.readouterr()
        return Answer(status, captured.out, captured.err)

    return carry_out


@pytest.fixture
def empty_house(home: Path) -> Path:
    """A house in which there is nothing yet, as ``up`` makes it."""
    build(Settings(home=home)).house.store.dispose()
    return home


@pytest.fixture(scope="session")
def staged_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the demo was staged, once for all tests."""
    folder = tmp_path_factory.mktemp("staged") / "home"
    app = build(demo_settings(Settings(home=folder)))
    stage_demo(app)
    app.house.store.dispose()
    return folder


@pytest.fixture
def demo(staged_home: Path, home: Path) -> str:
    """A home of one's own with the staged demo in it; gives the round's slug."""
    shutil.copytree(staged_home, home)
    app = build(demo_settings(Settings(home=home)))
    slug = stage_demo(app)
    app.house.store.dispose()
    return slug
