"""The system's Chromium under Playwright: where it is, how it is started, and how to get it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, expect, sync_playwright

HOW = "no Chromium here: apt-get install chromium fonts-noto-cjk"
PATIENCE = 90_000
"""Milliseconds: a busy machine is slow, not wrong."""
NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    # the map needs WebGL, drawn by the processor where there is no graphics card
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def executable() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def required() -> bool:
    """Say whether a missing browser is a failure (CI) and not a skip."""
    return os.environ.get("QINGTIAN_REQUIRE_BROWSER") == "1"


@contextmanager
def browser() -> Iterator[Browser]:
    """A Chromium that is closed at the end.

    :raises FileNotFoundError: with how to get one.
    """
    path = executable()
    if path is None:
        raise FileNotFoundError(HOW)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=list(ARGS))
        try:
            yield running
        finally:
            running.close()
