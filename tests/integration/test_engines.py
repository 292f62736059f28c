"""The embedded engines: they start, keep what was acknowledged, and come back after a kill."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import psycopg
import pytest

from qingtian.base.settings import Settings, from_environment
from qingtian.bus.client import Bus, connect, ensure_streams
from qingtian.entry import engines as entry_engines
from qingtian.entry import lock, postgres

pytestmark = pytest.mark.engines


def test_the_application_role_is_not_the_owner(engines: Settings) -> None:
    with psycopg.connect(engines.require_database_url()) as connection:
        role, database = connection.execute("SELECT current_user, current_database()").fetchone() or ("", "")
        superuser = connection.execute("SELECT usesuper FROM pg_user WHERE usename = current_user").fetchone()
    assert (role, database, superuser) == ("qingtian_app", "qingtian", (False,))


def test_what_is_committed_is_on_the_disk(engines: Settings) -> None:
    with psycopg.connect(engines.require_database_owner_url()) as connection:
        shown = {name: connection.execute(f"SHOW {name}").fetchone() for name in ("fsync", "synchronous_commit")}  # type: ignore[arg-type]
    assert shown == {"fsync": ("on",), "synchronous_commit": ("on",)}


async def test_a_message_is_on_the_log(bus: Bus) -> None:
    answer = await bus.js.publish("packets.0", b"one")
    assert answer.stream == "PACKETS"


def test_a_stranger_without_the_token_is_refused(engines: Settings) -> None:
    port = int(engines.require_nats_url().rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as stranger, stranger.makefile("rb") as lines:
        assert lines.readline().startswith(b"INFO")
        stranger.sendall(b'CONNECT {"verbose":false}\r\nPING\r\n')
        assert lines.readline() == b"-ERR 'Authorization Violation'\r\n"


def test_a_second_program_on_the_same_folder_is_refused(engines: Settings) -> None:
    assert lock.holder(engines.data) == os.getpid()
    with pytest.raises(lock.DataFolderInUse) as refused, entry_engines.running(engines):
        pass
    assert str(os.getpid()) in refused.value.sentence("zh")


async def test_a_second_start_finds_everything_and_the_same_port(data_folder: Path) -> None:
    mine = from_environment({"QINGTIAN_DATA": str(data_folder)})
    with entry_engines.running(mine) as first:
        bus = await connect(first.require_nats_url(), name="first")
        await ensure_streams(bus)
        await bus.js.publish("packets.0", b"kept")
        await bus.close()
        with psycopg.connect(first.require_database_owner_url()) as connection:
            connection.execute("CREATE TABLE kept (n int)")
    with entry_engines.running(mine) as second:
        assert second.nats_url == first.nats_url
        bus = await connect(second.require_nats_url(), name="second")
        assert (await bus.js.stream_info("PACKETS")).state.messages == 1
        await bus.close()
        with psycopg.connect(second.require_database_owner_url()) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_postgres_starts_again_after_its_postmaster_was_killed(data_folder: Path) -> None:
    mine = from_environment({"QINGTIAN_DATA": str(data_folder)})
    with entry_engines.running(mine) as first:
        with psycopg.connect(first.require_database_owner_url()) as connection:
            connection.execute("CREATE TABLE kept (n int)")
        pid = int((data_folder / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
    assert (data_folder / "postgres" / "postmaster.pid").exists()
    with (
        entry_engines.running(mine) as second,
        psycopg.connect(second.require_database_owner_url()) as connection,
    ):
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_a_pid_file_that_names_a_stranger_is_no_obstacle(data_folder: Path) -> None:
    mine = from_environment({"QINGTIAN_DATA": str(data_folder)})
    with entry_engines.running(mine):
        pass
    stale = data_folder / "postgres" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{data_folder}/postgres\n")
    with entry_engines.running(mine) as again, psycopg.connect(again.require_database_url()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_folder_with_a_long_name_gets_a_short_socket(data_folder: Path) -> None:
    deep = data_folder / ("很长的目录名" * 6) / "data"
    deep.mkdir(parents=True)
    mine = from_environment({"QINGTIAN_DATA": str(deep)})
    with entry_engines.running(mine) as settings, psycopg.connect(settings.require_database_url()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        assert connection.info.host != str(deep / "postgres")
    assert postgres.DATABASE in settings.require_database_url()
