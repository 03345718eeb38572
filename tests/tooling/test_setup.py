"""`make setup` on a stand-in for Python that notes what it is asked, so that no package is fetched."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "setup.sh"
STAND_IN = f"""#!/bin/sh
case "$1 $2" in
    '-m venv') echo venv >> asked; mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
    '-m pip')
        case "$*" in
            *requirements.lock) echo pip >> asked; exit "${{PIP_ENDS:-0}}" ;;
            *) echo self >> asked; cp "$0" .venv/bin/hallmark ;;
        esac ;;
    *) case "$2" in *_base_executable*) echo "$0" ;; *) exec {sys.executable} "$@" ;; esac ;;
esac
"""


class House:
    """A folder with the script, a lock, and the stand-in."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / ".ci").mkdir(parents=True)
        shutil.copy(SCRIPT, root / ".ci")
        (root / "requirements.lock").write_text("one==1\n")
        (root / "pyproject.toml").write_text("")
        self.python(STAND_IN)

    def python(self, text: str) -> None:
        (self.root / "python").write_text(text)
        (self.root / "python").chmod(0o755)

    def start(self, **environment: str) -> subprocess.Popen[str]:
        variables = {**os.environ, "PYTHON": str(self.root / "python"), **environment}
        return subprocess.Popen(["sh", ".ci/setup.sh"], cwd=self.root, env=variables, stderr=subprocess.PIPE, text=True)

    def setup(self, **environment: str) -> tuple[int, str]:
        process = self.start(**environment)
        told = process.communicate()[1]
        return process.returncode, told

    @property
    def stamp(self) -> Path:
        return self.root / ".venv" / ".hallmark-stamp"

    def asked(self) -> list[str]:
        """What the stand-in was asked since the last look."""
        asked = self.root / "asked"
        lines = asked.read_text().split() if asked.exists() else []
        asked.unlink(missing_ok=True)
        return lines


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "house")


@pytest.fixture
def made(house: House) -> House:
    assert house.setup()[0] == 0
    house.asked()
    return house


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """One that another user can enter: pytest's own are closed to others."""
    with TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_setup_in_fresh_folder_installs_the_lock_then_itself(house: House) -> None:
    assert house.setup()[0] == 0
    assert house.asked() == ["venv", "pip", "self"]
    assert house.stamp.exists()


def test_setup_of_current_environment_does_and_says_nothing(made: House) -> None:
    assert made.setup() == (0, "")
    assert made.asked() == []


def test_setup_of_half_made_environment_makes_it_anew(made: House) -> None:
    made.stamp.unlink()
    (made.root / ".venv" / "leftover").touch()
    assert made.setup()[0] == 0
    assert made.asked() == ["venv", "pip", "self"]
    assert not (made.root / ".venv" / "leftover").exists()


def test_setup_of_moved_folder_makes_it_anew(made: House) -> None:
    moved = made.root.rename(made.root.with_name("moved"))
    made.root = moved
    assert made.setup()[0] == 0
    assert made.asked() == ["venv", "pip", "self"]


def test_setup_after_its_python_went_away_makes_it_anew(made: House) -> None:
    (made.root / ".venv" / "bin" / "python").write_text("#!/gone\n")
    assert made.setup()[0] == 0
    assert made.asked() == ["venv", "pip", "self"]


def test_setup_with_new_lock_installs_into_the_same_environment(made: House) -> None:
    (made.root / "requirements.lock").write_text("one==2\n")
    assert made.setup()[0] == 0
    assert made.asked() == ["pip", "self"]


def test_setup_whose_download_fails_is_not_taken_for_whole(made: House) -> None:
    (made.root / "requirements.lock").write_text("one==2\n")
    status, told = made.setup(PIP_ENDS="1")
    assert (status, made.stamp.exists()) == (2, False)
    assert "requirements.lock" in told.splitlines()[-2]


def test_setup_while_another_is_at_it_waits_for_its_turn(house: House) -> None:
    with (house.root / "requirements.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting = house.start()
        assert waiting.stderr is not None
        assert waiting.stderr.readline() == "另一个 make 正在建立环境，等它完成……\n"
        assert house.asked() == []
    waiting.communicate()
    assert house.asked() == ["venv", "pip", "self"]


def test_setup_without_python_3_11_says_so(house: House) -> None:
    house.python("#!/bin/sh\nexit 1\n")
    status, told = house.setup()
    assert status == 2
    assert told.startswith("没有找到 Python 3.11")


def test_setup_with_python_that_lacks_venv_names_the_package(house: House) -> None:
    house.python(STAND_IN.replace('case "$2" in', 'case "$2" in *ensurepip*) exit 1 ;;'))
    status, told = house.setup()
    assert status == 2
    assert "apt-get install python3.11-venv" in told.splitlines()[0]


def test_setup_in_folder_that_is_not_writable_says_so(open_folder: Path) -> None:
    house = House(open_folder / "house")
    house.root.chmod(0o555)
    user = 65534 if os.geteuid() == 0 else None
    answer = subprocess.run(["sh", ".ci/setup.sh"], cwd=house.root, user=user, capture_output=True, text=True, check=False)
    house.root.chmod(0o755)
    assert answer.returncode == 2
    assert answer.stderr.startswith(f"文件夹 {house.root.resolve()} 不可写")
