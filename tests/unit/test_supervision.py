"""Parts of supervision that need no engine: back-off, ports, disk, fresh starts, left-overs, children."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingtian.base import children
from qingtian.base.settings import from_environment
from qingtian.entry import fresh, leftovers, lock, members, ports, room
from qingtian.entry.backoff import FIRST, LONG_LIFE, LONGEST, WORKED, Backoff
from qingtian.entry.members import Member, State, Wave

SLEEPER = (sys.executable, "-c", "import time; time.sleep(60)")


def program(folder: Path, *command: str) -> children.Program:
    return children.Program(name="sample", command=command, log=folder / "logs" / "sample.log")


def test_it_waits_longer_after_each_early_death_and_never_over_the_limit() -> None:
    backoff = Backoff()
    delays = [backoff.after(0.1) for _ in range(10)]
    assert delays[:4] == [0.2, 0.4, 0.8, 1.6]
    assert delays[-1] == LONGEST


def test_what_was_able_to_work_is_not_punished_for_dying_often() -> None:
    backoff = Backoff()
    assert [backoff.after(WORKED) for _ in range(5)] == [FIRST] * 5


@given(st.lists(st.floats(min_value=0, max_value=1000)))
def test_a_long_life_forgives_the_past(lives: list[float]) -> None:
    backoff = Backoff()
    for life in lives:
        assert FIRST <= backoff.after(life) <= LONGEST
    assert backoff.after(LONG_LIFE) == FIRST


def test_a_taken_port_is_refused_with_the_option_to_change(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        settings = replace(from_environment({"QINGTIAN_DATA": str(tmp_path)}), web_port=other.getsockname()[1])
        with pytest.raises(room.PortTaken) as refused:
            room.check(replace(settings, gateway_port=0))
    assert "--port" in refused.value.sentence("zh")
    assert str(settings.web_port) in refused.value.sentence("en")


def test_a_full_disk_is_noticed_once_and_room_on_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "LOOK_EVERY", 0.0)
    free = iter(n * room.MEBIBYTE for n in (900, 63, 10, 200, 256, 300))
    watch = room.DiskWatch(free=lambda: next(free))
    assert [watch.look() for _ in range(6)] == [None, room.Turn.FULL, None, None, room.Turn.ROOM, None]


def test_a_disk_without_room_refuses_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "free_bytes", lambda _data: 100 * room.MEBIBYTE)
    settings = from_environment({"QINGTIAN_DATA": str(tmp_path)})
    with pytest.raises(room.DiskFull) as refused:
        room.check(replace(settings, gateway_port=0, web_port=0))
    assert "100 MiB" in refused.value.sentence("zh")


def test_options_go_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QINGTIAN_WEB_PORT", "8100")
    monkeypatch.setenv("QINGTIAN_GATEWAY_PORT", "9300")
    parser = argparse.ArgumentParser()
    ports.add_arguments(parser)
    settings = ports.settings(parser.parse_args(["--port", "8200"]))
    assert (settings.web_port, settings.gateway_port) == (8200, 9300)


@pytest.mark.parametrize("words", [["--port", "0"], ["--port", "70000"], ["--gateway-port", "x"]])
def test_a_port_that_is_none_is_misuse(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    ports.add_arguments(parser)
    with pytest.raises(SystemExit) as misuse:
        parser.parse_args(words)
    assert misuse.value.code == 2
    assert words[1] in capsys.readouterr().err


def test_a_folder_of_somebody_else_is_not_emptied(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(fresh.NotADataFolder):
        fresh.empty(tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_a_data_folder_is_emptied_but_not_while_it_is_in_use(tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / "part").touch()
    with lock.holding(tmp_path), pytest.raises(lock.DataFolderInUse):
        fresh.empty(tmp_path)
    assert (tmp_path / "lake" / "part").exists()
    fresh.empty(tmp_path)
    assert [path.name for path in tmp_path.rglob("*")] == ["run", "lock"]


def test_who_holds_the_folder_is_known_until_it_lets_go(tmp_path: Path) -> None:
    assert lock.holder(tmp_path) is None
    with lock.holding(tmp_path):
        assert lock.holder(tmp_path) == os.getpid()
    assert lock.holder(tmp_path) is None


def test_left_overs_of_this_folder_are_stopped_and_no_others(tmp_path: Path) -> None:
    mine, other = (
        subprocess.Popen(SLEEPER, env={**os.environ, leftovers.MARK: str(folder)})
        for folder in (tmp_path, tmp_path / "other")
    )
    with mine, other:
        try:
            wait_for(lambda: len(leftovers.find(tmp_path)) == 1)
            assert leftovers.stop(tmp_path) == [mine.pid]
            assert mine.poll() is not None
            assert other.poll() is None
        finally:
            mine.kill()
            other.kill()


def wait_for(condition: object, within: float = 60.0) -> None:
    assert callable(condition)
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_a_member_that_dies_is_started_again_after_its_delay(tmp_path: Path) -> None:
    member = Member(program=program(tmp_path, *SLEEPER), wave=Wave.PROCESSES, ready=lambda _pid: True)
    member.start()
    try:
        assert member.watch() is State.UP
        first = member.process
        assert first is not None
        first.kill()
        wait_for(lambda: member.watch() is State.WAITING)
        assert member.as_dict()["last_exit"] == -signal.SIGKILL
        assert member.delay <= FIRST
        wait_for(lambda: member.watch() is State.STARTING)
        assert (member.restarts, member.alive) == (1, True)
        assert member.process is not first
    finally:
        member.ask_to_stop()
        member.end()
    assert not member.alive


def test_a_member_that_keeps_dying_is_tried_less_and_less_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr(members, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    member = Member(program=program(tmp_path, "false"), wave=Wave.PROCESSES, ready=lambda _pid: False)
    member.start()
    delays = []
    for _ in range(3):
        assert member.process is not None
        member.process.wait()
        assert member.watch() is State.WAITING
        delays.append(round(member.delay, 1))
        assert member.watch() is None
        clock[0] += member.delay
        assert member.watch() is State.STARTING
    member.end()
    assert delays == [0.2, 0.4, 0.8]


def test_a_program_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(children.ChildNotStarted) as refused:
        children.spawn(program(tmp_path, str(tmp_path / "nothing")))
    assert "sample" in refused.value.sentence("zh")


def test_a_child_that_dies_at_its_start_is_quoted(tmp_path: Path) -> None:
    broken = program(tmp_path, sys.executable, "-c", "import sys; sys.exit('no luck today')")
    process = children.spawn(broken)
    with process, pytest.raises(children.ChildNotStarted, match="no luck today"):
        children.wait_until_ready(broken, process, lambda: False)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_a_child_does_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    parent_code = f"""
import time
from pathlib import Path
from qingtian.base import children
one = children.Program(name="sample", command={SLEEPER!r}, log=Path({str(tmp_path)!r}) / "sample.log")
print(children.spawn(one).pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", parent_code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert psutil.pid_exists(pid)
        parent.kill()
    wait_for(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


def test_a_long_log_is_put_aside(tmp_path: Path) -> None:
    log = tmp_path / "sample.log"
    log.write_bytes(b"x" * (children.KEEP_LOG_BYTES + 1))
    children.rotate(log)
    assert not log.exists()
    assert (tmp_path / "sample.1.log").stat().st_size == children.KEEP_LOG_BYTES + 1
