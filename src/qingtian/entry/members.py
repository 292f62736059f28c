"""One supervised child: started, watched, started again with back-off when it dies."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from qingtian.base import children, times
from qingtian.base.errors import QingtianError
from qingtian.entry.backoff import Backoff


class State(StrEnum):
    WAITING = "waiting"
    STARTING = "starting"
    UP = "up"
    STOPPED = "stopped"


class Wave(StrEnum):
    """Who is stopped together, last wave first."""

    ENGINES = "engines"
    PROCESSES = "processes"
    SIMULATOR = "simulator"


def nothing() -> None:
    """Prepare nothing before a start."""


@dataclass(kw_only=True)
class Member:
    """A child and its history. ``ready(pid)`` says whether it does its work; ``before`` prepares each start."""

    program: children.Program
    wave: Wave
    ready: Callable[[int], bool]
    before: Callable[[], None] = nothing
    state: State = State.WAITING
    process: subprocess.Popen[bytes] | None = None
    restarts: int = 0
    since: str = ""
    last_exit: int | None = None
    _started: float = 0.0
    _due: float = 0.0
    _backoff: Backoff = field(default_factory=Backoff)

    @property
    def name(self) -> str:
        return self.program.name

    def start(self) -> None:
        """Start it now.

        :raises ChildNotStarted: if the system refuses to run it.
        """
        self.before()
        self.process = children.spawn(self.program)
        self._started = time.monotonic()
        self._turn(State.STARTING)

    def _turn(self, state: State) -> None:
        self.state, self.since = state, times.now().isoformat(timespec="seconds")

    def watch(self) -> State | None:
        """Notice its death, start it again when its delay is over; return the new state, if it changed.

        :raises ChildNotStarted: if it cannot be started now; it is tried again after a longer delay.
        """
        before = self.state
        if self.state is State.WAITING:
            if self.process is not None and time.monotonic() >= self._due:
                self._start_again()
        elif self.process is not None and self.process.poll() is not None:
            self._bury(self.process)
        elif self.state is State.STARTING and self.process is not None and self.ready(self.process.pid):
            self._turn(State.UP)
        return self.state if self.state is not before else None

    def _start_again(self) -> None:
        self.restarts += 1
        try:
            self.start()
        except QingtianError:
            self._due = time.monotonic() + self._backoff.after(0)
            raise

    def _bury(self, process: subprocess.Popen[bytes]) -> None:
        children.sweep(process)
        now = time.monotonic()
        self.last_exit = process.returncode
        self._due = now + self._backoff.after(now - self._started)
        self._turn(State.WAITING)

    @property
    def delay(self) -> float:
        """Seconds until the next start."""
        return max(0.0, self._due - time.monotonic())

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        if self.alive and self.process is not None:
            children.ask_to_stop(self.program, self.process)
        self._turn(State.STOPPED)

    def end(self) -> None:
        """Kill what is left of it."""
        if self.process is not None:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            children.sweep(self.process)

    def as_dict(self) -> dict[str, object]:
        return {
            "name": self.name,
            "state": self.state.value,
            "pid": self.process.pid if self.process is not None and self.alive else None,
            "since": self.since,
            "restarts": self.restarts,
            "last_exit": self.last_exit,
            "log": str(self.program.log),
        }
