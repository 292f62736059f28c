"""`qingtian up` as a test sees it: started on free ports in a folder of its own, watched, killed in parts, stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from qingtian.bus.server import choose_port

PROCESSES = ("gateway", "judge", "confirmer", "relay", "dispatcher", "worker", "web")
START = 300.0
"""Generous on purpose: a test says what happens, and a busy machine may take its time over it."""


def alone(**settings: str) -> dict[str, str]:
    """Return the environment without what other tests set (their engines!), and with these settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("QINGTIAN_")} | settings


@dataclass(kw_only=True)
class Machine:
    """One run of the supervisor."""

    data: Path
    supervisor: subprocess.Popen[bytes]
    gateway_port: int
    web_port: int

    def state(self) -> dict[str, Any]:
        """Return what the supervisor last wrote; empty while it has written nothing of this run."""
        file = self.data / "run" / "supervisor.json"
        found: dict[str, Any] = json.loads(file.read_bytes()) if file.exists() else {}
        return found if found.get("pid") == self.supervisor.pid else {}

    def member(self, name: str) -> dict[str, Any]:
        return next((one for one in self.state().get("members", []) if one["name"] == name), {})

    def up(self) -> bool:
        state = self.state()
        return state.get("state") == "up" and all(one["state"] == "up" for one in state["members"])

    def wait(self, condition: Callable[[], bool], within: float, what: str) -> None:
        deadline = time.monotonic() + within
        while not condition():
            assert time.monotonic() < deadline, f"{what} not within {within:g} s\n{self.told()}"
            time.sleep(0.05)

    def wait_until_up(self, within: float = START) -> None:
        def up_or_dead() -> bool:
            assert self.supervisor.poll() is None, f"the supervisor ended\n{self.told()}"
            return self.up()

        self.wait(up_or_dead, within, "everything up")

    def kill(self, name: str) -> int:
        """Kill -9 one member and return the pid it had."""
        pid = int(self.member(name)["pid"])
        os.kill(pid, signal.SIGKILL)
        return pid

    def kill_and_wait(self, name: str, within: float = START) -> None:
        """Kill -9 one member and wait until another one does its work."""
        pid = self.kill(name)
        self.wait(lambda: self.member(name).get("pid") not in (None, pid) and self.up(), within, f"{name} again")

    def processes(self) -> list[psutil.Process]:
        """Return the supervisor and everything below it."""
        root = psutil.Process(self.supervisor.pid)
        return [root, *root.children(recursive=True)]

    def health(self) -> tuple[int, Any]:
        """Return status and body of /healthz."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.web_port}/healthz")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, json.loads(refused.read())

    def run(self, *words: str, timeout: float = START) -> subprocess.CompletedProcess[str]:
        """Run ``python -m …`` against this machine's engines, as a person in another terminal would."""
        return subprocess.run(
            [sys.executable, "-m", *words],
            env=alone(QINGTIAN_DATA=str(self.data)),
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    def stop(self, within: float = 120.0) -> int:
        """Ask it to stop and return its exit code; one that hangs is killed: then the test fails, and ends."""
        self.supervisor.send_signal(signal.SIGTERM)
        try:
            return self.supervisor.wait(within)
        except subprocess.TimeoutExpired:
            self.supervisor.kill()
            raise

    def told(self) -> str:
        """Return the ends of all logs, for a failure."""
        logs = [self.data / "supervisor.log", *sorted((self.data / "logs").glob("*.log"))]
        return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-1500:]}" for log in logs if log.exists())


@contextmanager
def machine(data: Path, command: str = "up", *words: str) -> Iterator[Machine]:
    """Start ``qingtian up`` (or ``demo``), yield it at once, stop it at the end."""
    data.mkdir(parents=True, exist_ok=True)
    web_port, gateway_port = choose_port(data / "web"), choose_port(data / "gateway")
    command_line = [sys.executable, "-m", "qingtian", command, "--data", str(data), "--port", str(web_port)]
    command_line += ["--gateway-port", str(gateway_port), *words]
    with (data / "supervisor.log").open("ab") as log:
        process = subprocess.Popen(command_line, stdout=log, stderr=log, env=alone())
    with process:
        one = Machine(data=data, supervisor=process, gateway_port=gateway_port, web_port=web_port)
        try:
            yield one
        finally:
            if process.poll() is None:
                one.stop()


def gone(processes: list[psutil.Process], within: float) -> list[psutil.Process]:
    """Return those that still live after ``within`` seconds."""
    _, alive = psutil.wait_procs(processes, timeout=within)
    return [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]
