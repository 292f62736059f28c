"""`qingtian up`: everything starts, comes back when killed, stops without leaving anybody, starts again."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
from tests.whole_machine import PROCESSES, gone, machine

pytestmark = [pytest.mark.engines, pytest.mark.bad_day]


def test_it_comes_up_comes_back_and_goes_down_whatever_dies(data_folder: Path) -> None:
    with machine(data_folder) as first:
        first.wait_until_up()
        status, body = first.health()
        assert (status, body["ok"]) == (200, True), body
        for name in ("judge", "nats", "postgres", "web"):
            first.kill_and_wait(name)
            assert first.member(name)["restarts"] == 1
        told = first.run("qingtian", "status", "--json")
        assert told.returncode == 0, told.stdout
        assert json.loads(told.stdout)["ok"] is True

        everybody = first.processes()
        assert len(everybody) > len(PROCESSES)
        os.kill(first.supervisor.pid, signal.SIGKILL)
        first.supervisor.wait()
        assert gone(everybody, 120) == []
    with machine(data_folder) as second:
        second.wait_until_up()
        refused = second.run("qingtian", "up")
        assert refused.returncode == 1
        assert str(second.supervisor.pid) in refused.stderr

        everybody = second.processes()
        assert second.stop() == 0
        assert gone(everybody, 120) == []
        assert second.state()["state"] == "stopped"
        assert second.run("qingtian", "status").returncode == 1
