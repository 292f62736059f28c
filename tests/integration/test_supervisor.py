"""`qingtian up`: everything starts, comes back when killed, stops without leaving anybody, starts again."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
from tests.whole_machine import PROCESSES, gone, machine

pytestmark = [pytest.mark.engines, pytest.mark.bad_day]


def test_it_brings_everything_up_and_back_and_down(data_folder: Path) -> None:
    with machine(data_folder) as one:
        one.wait_until_up()
        status, body = one.health()
        assert (status, body["ok"]) == (200, True), body
        told = one.run("qingtian", "status", "--json")
        assert told.returncode == 0, told.stdout
        assert json.loads(told.stdout)["ok"] is True

        for name in ("judge", "nats", "postgres", "web"):
            one.kill_and_wait(name)
            assert one.member(name)["restarts"] == 1
        assert one.run("qingtian", "status").returncode == 0

        everybody = one.processes()
        assert len(everybody) > len(PROCESSES)
        assert one.stop() == 0
        assert gone(everybody, 2) == []
        assert one.state()["state"] == "stopped"
        told = one.run("qingtian", "status")
        assert told.returncode == 1


def test_a_killed_supervisor_leaves_nobody_and_the_next_start_works(data_folder: Path) -> None:
    with machine(data_folder) as first:
        first.wait_until_up()
        everybody = first.processes()
        os.kill(first.supervisor.pid, signal.SIGKILL)
        first.supervisor.wait()
        assert gone(everybody, 15) == []
    with machine(data_folder) as second:
        second.wait_until_up()
        assert second.health()[0] == 200
        refused = second.run("qingtian", "up")
        assert refused.returncode == 1
        assert str(second.supervisor.pid) in refused.stderr
