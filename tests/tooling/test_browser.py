"""How the tests come by a browser, with stand-ins on the PATH."""

from pathlib import Path

import pytest

from tests import browser
from tests.browser import NoBrowserError, find_browser, main, obtain_browser

WORKS = "#!/bin/sh\necho Chromium 150.0\n"
BROKEN = "#!/bin/sh\necho please use snap\nexit 1\n"


def program(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on the PATH, on a machine where Playwright never downloaded anything and nobody is root."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "playwright"))
    monkeypatch.delenv(browser.VARIABLE, raising=False)
    monkeypatch.setattr(browser, "MAC_APPS", ())
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    return tmp_path


def test_browser_that_does_not_start_is_passed_over(bin_folder: Path) -> None:
    program(bin_folder, "chromium-browser", BROKEN)
    works = program(bin_folder, "google-chrome", WORKS)
    assert find_browser() == works


def test_browser_that_is_named_goes_first(bin_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(bin_folder, "chromium", WORKS)
    mine = program(bin_folder, "mine", WORKS)
    monkeypatch.setenv(browser.VARIABLE, str(mine))
    assert find_browser() == mine


def test_browser_that_is_named_and_broken_is_refused_not_replaced(
    bin_folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    program(bin_folder, "chromium", WORKS)
    monkeypatch.setenv(browser.VARIABLE, str(bin_folder / "gone"))
    with pytest.raises(NoBrowserError, match="HALLMARK_TEST_CHROMIUM 指向的"):
        obtain_browser()
    assert "install" not in capfd.readouterr().err


def test_browser_of_debian_is_installed_by_root(bin_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    installs = f'case "$*" in *install*chromium*) echo "{WORKS[:9]}\necho Chromium" > {bin_folder}/chromium; /bin/chmod 755 {bin_folder}/chromium;; esac'
    program(bin_folder, "apt-get", f"#!/bin/sh\n{installs}\n")
    assert obtain_browser() == bin_folder / "chromium"


def test_browser_nowhere_to_be_had_is_a_sentence_and_status_2(
    bin_folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.executable", str(program(bin_folder, "python", BROKEN)))
    assert main() == 2
    told = capfd.readouterr()
    assert told.out == ""
    assert told.err.splitlines()[-1].startswith("没有可用的 Chromium")
