"""What the tests in a real browser share: where Chromium is, how it is started, and where pictures go."""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest

CHROMIUM = next(
    filter(None, (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))), ""
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WIDTHS = [pytest.param(1280, id="desktop"), pytest.param(390, id="phone")]
SCHEMES = ["light", "dark"]
IN_A_BROWSER = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM, reason="no Chromium on PATH")]


@contextmanager
def running():
    """A browser for as long as the block lasts."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def picture(page, name):
    """A picture of the whole page for people, where CI keeps a folder of them; elsewhere nobody looks at any."""
    if folder := os.environ.get("GATEHOUSE_TESTS_PICTURES"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
