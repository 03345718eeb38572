from collections.abc import Callable, Iterator
from os import environ
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

from tests.e2e.harness import Hallmark, running

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="package")
def hallmark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hallmark]:
    """The product's own deployments on a real server and worker, one for all tests of this folder and stopped after the last."""
    with running(tmp_path_factory.mktemp("e2e") / "家 目录") as service:
        yield service


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    """Headless Chromium. Its event loop stays in this thread until the module ends: no async test beside it."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, headless=True, args=_FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page that reaches this machine alone."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000}, locale="zh-CN", timezone_id="Asia/Shanghai")
    context.set_default_timeout(30_000)
    context.route("**/*", _loopback_only)
    yield context.new_page()
    context.close()


@pytest.fixture
def shoot(tmp_path: Path) -> Callable[[Page, str], Path]:
    """Take a picture of the whole page, into HALLMARK_TEST_SCREENSHOTS where that is set."""
    folder = Path(environ.get("HALLMARK_TEST_SCREENSHOTS") or tmp_path)

    def take(page: Page, name: str) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        picture = folder / f"{name}.png"
        page.screenshot(path=picture, full_page=True)
        return picture

    return take


def _loopback_only(route: Route) -> None:
    if urlsplit(route.request.url).hostname in {"127.0.0.1", None}:
        route.continue_()
    else:
        route.abort()
