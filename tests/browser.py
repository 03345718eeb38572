"""Finds a Chromium for the end-to-end test, and installs one where it may: ``python -m tests.browser`` prints its path.

In order: the one named by HALLMARK_TEST_CHROMIUM, the system's, Debian's package when root, Playwright's own.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

VARIABLE = "HALLMARK_TEST_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
MAC_APPS = (
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
)
FONT_PACKAGE = "fonts-noto-cjk"


class NoBrowserError(Exception):
    """No Chromium was found; the sentence says what to install."""


def find_browser() -> Path:
    """The path of a Chromium that starts, without installing anything. Raises NoBrowserError where there is none."""
    named = os.environ.get(VARIABLE)
    if named:
        if not _starts(Path(named)):
            raise NoBrowserError(f"{VARIABLE} 指向的 {named} 不能运行：请改正或清除这个环境变量。")
        return Path(named)
    for candidate in _candidates():
        if _starts(candidate):
            return candidate
    raise NoBrowserError(
        "没有可用的 Chromium，浏览器测试不能运行：请安装（Debian：apt-get install chromium；其他系统：.venv/bin/playwright install chromium），"
        f"或用环境变量 {VARIABLE} 指明它的路径。No Chromium found: install one, or name it in {VARIABLE}."
    )


def install_browser() -> Path:
    """Installs a Chromium (Debian's package when root, else Playwright's own) and returns its path. Raises NoBrowserError."""
    if _may_use_apt() and _apt_install("chromium", FONT_PACKAGE):
        try:
            return find_browser()
        except NoBrowserError:
            _say("Debian 的 chromium 装上了，但不能启动；改用 Playwright 自带的浏览器。")
    _run([sys.executable, "-m", "playwright", "install", *_with_libraries(), "chromium"])
    return find_browser()


def ensure_chinese_font() -> None:
    """Installs a Chinese font where that is possible, and says so where it is not: screenshots would show boxes."""
    if shutil.which("fc-list") is None or _has_chinese_font():
        return
    if not (_may_use_apt() and _apt_install(FONT_PACKAGE)):
        _say(f"没有中文字体，截图里的汉字会显示成方框：Debian 请安装 {FONT_PACKAGE}。")


def _candidates() -> Iterator[Path]:
    yield from (Path(found) for name in NAMES if (found := shutil.which(name)))
    yield from MAC_APPS
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    yield own


def _starts(path: Path) -> bool:
    """Ubuntu's chromium-browser is a file that only tells people to use snap, so being there is not enough."""
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and re.search(rb"Chrom|Edge", answer.stdout) is not None


def _may_use_apt() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _with_libraries() -> list[str]:
    return ["--with-deps"] if _may_use_apt() else []


def _apt_install(*packages: str) -> bool:
    apt = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "-qq"]
    install = [*apt, "install", "-y", "--no-install-recommends", *packages]
    return _run([*apt, "update"]) and _run(install)


def _has_chinese_font() -> bool:
    return bool(subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False).stdout.strip())


def _run(command: list[str]) -> bool:
    """Runs it with its output on stderr: stdout is for the path alone."""
    _say(" ".join(command))
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, stdout=sys.stderr, stdin=subprocess.DEVNULL, env=environment, check=False).returncode == 0


def _say(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")


def obtain_browser() -> Path:
    """Finds a browser, or installs one; a browser that was named and does not start is refused, not replaced. Raises NoBrowserError."""
    try:
        return find_browser()
    except NoBrowserError:
        if os.environ.get(VARIABLE):
            raise
    return install_browser()


def main() -> int:
    """Prints the path alone on stdout; 2 with a sentence on stderr where none is to be had."""
    try:
        browser = obtain_browser()
    except NoBrowserError as refused:
        _say(str(refused))
        return 2
    ensure_chinese_font()
    sys.stdout.write(f"{browser}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
