"""Real engines for the tests: NATS and PostgreSQL, started once a session in a temporary folder."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from qingtian.base import settings as base_settings
from qingtian.base.settings import Settings
from qingtian.bus.client import Bus, connect, ensure_streams
from qingtian.entry import engines as entry_engines


@contextmanager
def environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@pytest.fixture(scope="session")
def engines() -> Iterator[Settings]:
    """Settings of running engines: URLs filled in, environment variables set, everything in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="qingtian-test-", ignore_cleanup_errors=True) as folder:
        mine = base_settings.from_environment({"QINGTIAN_DATA": folder})
        with entry_engines.running(mine) as settings, environment(entry_engines.urls(settings)):
            yield settings


@pytest_asyncio.fixture
async def bus(engines: Settings) -> AsyncIterator[Bus]:
    """A connection to the session's NATS with all streams there, and empty."""
    connection = await connect(engines.require_nats_url(), name="test")
    await ensure_streams(connection)
    for stream in await connection.js.streams_info():
        if stream.config.name and not stream.config.name.startswith("KV_"):
            await connection.js.purge_stream(stream.config.name)
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture
def data_folder() -> Iterator[Path]:
    """A data folder of one's own, for tests that start engines or processes themselves."""
    with tempfile.TemporaryDirectory(prefix="qingtian-test-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
