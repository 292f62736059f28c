"""One machine and one Chromium for a module. Not longer: other tests of the process want an event loop of their own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.browser import chromium
from tests.whole_machine import Machine, machine


@pytest.fixture(scope="module")
def running_browser() -> Iterator[Browser]:
    if chromium.executable() is None:
        if chromium.required():
            pytest.fail(chromium.HOW)
        pytest.skip(chromium.HOW)
    with chromium.browser() as running:
        yield running


@pytest.fixture(scope="module")
def live() -> Iterator[Machine]:
    """Engines and processes with the demo city in the registers, and no simulator: only our packets count."""
    with (
        tempfile.TemporaryDirectory(prefix="qingtian-test-", ignore_cleanup_errors=True) as folder,
        machine(Path(folder)) as one,
    ):
        one.wait_until_up()
        seeded = one.run("qingtian.demo.seed")
        assert seeded.returncode == 0, seeded.stderr
        yield one
