"""The two engines of a data folder: NATS and PostgreSQL, embedded unless a URL names a running one.

``with engines.running(settings) as with_urls:`` is what tests and benches use; the supervisor keeps the parts itself.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from qingtian.base import children
from qingtian.base.settings import Settings
from qingtian.bus import server as nats_server
from qingtian.entry import lock, postgres


@dataclass(frozen=True, kw_only=True)
class Engines:
    """What is embedded; None where a URL of the settings names a running engine instead."""

    nats: nats_server.NatsServer | None
    postgres: postgres.PostgresServer | None
    settings: Settings
    """The settings given, with all URLs filled in."""


def prepare(settings: Settings) -> Engines:
    """Make folders and configuration of the engines that are to be embedded. Starts nothing."""
    nats = None if settings.nats_url else nats_server.prepare(data=settings.data)
    database = None if settings.database_url else postgres.prepare(data=settings.data)
    filled = settings
    if nats:
        filled = replace(filled, nats_url=nats.url)
    if database:
        filled = replace(
            filled, database_url=database.url(postgres.APP), database_owner_url=database.url(postgres.OWNER)
        )
    return Engines(nats=nats, postgres=database, settings=filled)


def urls(settings: Settings) -> dict[str, str]:
    """Return the environment by which a child process finds the engines and the lake."""
    return {
        "QINGTIAN_DATA": str(settings.data),
        "QINGTIAN_NATS_URL": settings.require_nats_url(),
        "QINGTIAN_DATABASE_URL": settings.require_database_url(),
        "QINGTIAN_DATABASE_OWNER_URL": settings.require_database_owner_url(),
        "QINGTIAN_LAKE_URL": settings.lake_url,
    }


def write_file(settings: Settings, pids: dict[str, int]) -> None:
    """Write ``<data>/run/engines.json`` (whole or not at all), readable by its owner only: it holds the token."""
    settings.run_folder.mkdir(parents=True, exist_ok=True)
    content = {
        "nats_url": settings.nats_url,
        "database_url": settings.database_url,
        "database_owner_url": settings.database_owner_url,
        "pids": pids,
    }
    write_private(settings.engines_file, orjson.dumps(content, option=orjson.OPT_INDENT_2))


def write_private(path: Path, content: bytes) -> None:
    """Replace a file in one step; mode 0600."""
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    beside.replace(path)


Server = nats_server.NatsServer | postgres.PostgresServer


def servers(engines: Engines) -> list[Server]:
    return [server for server in (engines.nats, engines.postgres) if server]


@contextmanager
def _stopped_at_the_end(server: Server) -> Iterator[subprocess.Popen[bytes]]:
    process = children.spawn(server.program)
    try:
        yield process
    finally:
        children.stop(server.program, process, grace=10)


@contextmanager
def running(settings: Settings) -> Iterator[Settings]:
    """Start the embedded engines, yield the settings with their URLs, stop them at the end.

    :raises ChildNotStarted: if an engine does not come up.
    :raises DataFolderInUse: if another program runs this data folder.
    """
    with lock.holding(settings.data), ExitStack() as stack:
        engines = prepare(settings)
        # both start at the same time; only then are they waited for
        started = [(one, stack.enter_context(_stopped_at_the_end(one))) for one in servers(engines)]
        for server, process in started:
            children.wait_until_ready(server.program, process, server.ready)
        if engines.postgres:
            postgres.ensure_database(engines.postgres)
        write_file(engines.settings, {server.program.name: process.pid for server, process in started})
        try:
            yield engines.settings
        finally:
            settings.engines_file.unlink(missing_ok=True)
