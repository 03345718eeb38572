"""The lock pins every package, by version and by hash, and names no place to download from."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
ENTRIES = re.split(r"\n(?=[a-z0-9])", (ROOT / "requirements.lock").read_text(encoding="utf-8"))[1:]
PINS = {canonicalize_name(pin.name): pin for pin in (Requirement(re.split(r" \\|\n", entry)[0]) for entry in ENTRIES)}


def _declared() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [Requirement(text) for text in project["dependencies"] + project["optional-dependencies"]["dev"]]


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def test_lock_pins_every_entry_by_version_and_hash() -> None:
    assert len(PINS) > 100
    assert [entry for entry in ENTRIES if not re.match(r"[a-z0-9.-]+==\S+ .*\\\n    --hash=sha256:[0-9a-f]{64}", entry)] == []


def test_lock_names_no_place_to_download_from() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert re.findall(r"://|--(?:extra-)?index-url|--find-links|--trusted-host", text) == []


@pytest.mark.parametrize("wanted", _declared(), ids=lambda wanted: wanted.name)
def test_lock_satisfies_declared_dependency(wanted: Requirement) -> None:
    (pinned,) = PINS[canonicalize_name(wanted.name)].specifier
    assert wanted.specifier.contains(pinned.version)


def test_environment_is_the_locked_one() -> None:
    here = {name: pin for name, pin in PINS.items() if pin.marker is None or pin.marker.evaluate()}
    assert {name: f"=={_installed(name)}" for name in here} == {name: str(pin.specifier) for name, pin in here.items()}
