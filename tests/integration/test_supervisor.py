"""`qingtian up`: everything starts, comes back when killed, stops without leaving anybody, starts again."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
from tests.whole_machine import PROCESSES, START, Machine, gone, machine

pytestmark = [pytest.mark.engines, pytest.mark.bad_day]


def healthy(one: Machine) -> bool:
    status, body = one.health()
    return status == 200 and body["ok"] is True


def well(one: Machine) -> bool:
    told = one.run("qingtian", "status", "--json")
    return told.returncode == 0 and json.loads(told.stdout)["ok"] is True


def test_it_comes_up_comes_back_and_goes_down_whatever_dies(data_folder: Path) -> None:
    with machine(data_folder) as first:
        first.wait_until_up()
        # health is asked with little patience: a busy machine is asked again
        first.wait(lambda: healthy(first), START, "healthy")
        for name in ("judge", "nats", "postgres", "web"):
            first.kill_and_wait(name)
            assert first.member(name)["restarts"] == 1
        first.wait(lambda: well(first), START, "the command says that all is well")

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
