"""The same seed gives the same round, to the last byte; another seed gives another."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.flows import simulated

ROOT = Path(__file__).parents[2]
PROGRAM = """
import json, sys
from pathlib import Path
from flows.command_line.screen import jsonable
from tests.flows import simulated
print(json.dumps(jsonable(simulated.run(synthetic=8, seed=int(sys.argv[1]), out=Path(sys.argv[2]))), ensure_ascii=False))
"""


def _in_another_process(seed: int, out: Path, hash_seed: str, zone: str) -> str:
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "TZ": zone, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(seed), str(out)], env=environment, cwd=out.parent, capture_output=True, text=True, check=True
    )
    return ended.stdout


def _digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_same_seed_gives_the_same_bytes_whatever_the_process(tmp_path: Path) -> None:
    one = _in_another_process(3, tmp_path / "one", "1", "America/New_York")
    two = _in_another_process(3, tmp_path / "two", "2", "Asia/Shanghai")
    figures: dict[str, Any] = json.loads(one)
    assert one == two
    assert _digests(tmp_path / "one") == _digests(tmp_path / "two")
    assert figures["out"] == sorted(_digests(tmp_path / "one"))
    assert figures["ledger"]["verified"] is True


def test_another_seed_gives_another_round() -> None:
    assert simulated.run(seed=1) != simulated.run(seed=2)
