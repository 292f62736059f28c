"""Child processes that never outlive their parent and leave nobody behind.

Each child leads its own session, so Ctrl-C on the terminal reaches only the parent, which then stops its children in
its own order. On Linux the kernel also signals the child when the parent dies without a word (kill -9).
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from qingtian.base.errors import QingtianError

PR_SET_PDEATHSIG = 1
KEEP_LOG_BYTES = 8 * 1024 * 1024
LAST_LINES = 5


class ChildNotStarted(QingtianError):
    code = "children.not_started"
    zh = "无法启动 {name}：{why}。日志：{log}"
    en = "Cannot start {name}: {why}. Its log: {log}"


@dataclass(frozen=True, kw_only=True)
class Program:
    """How to run a child: its words, its log, the signal that asks it to stop, the system user (None: our own)."""

    name: str
    command: Sequence[str]
    log: Path
    stop_signal: signal.Signals = signal.SIGTERM
    user: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


def _libc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _dies_with_parent(stop_signal: signal.Signals) -> Callable[[], None]:
    """Return what the child does between fork and exec (after the change of user, which would clear it)."""
    libc, parent = _libc(), os.getpid()

    def arrange() -> None:
        if libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, int(stop_signal))
        if os.getppid() != parent:
            os._exit(1)

    return arrange


def rotate(log: Path) -> None:
    """Keep one older log beside the current one, so that logs never fill the disk."""
    if log.exists() and log.stat().st_size > KEEP_LOG_BYTES:
        log.replace(log.with_suffix(".1.log"))


def spawn(program: Program) -> subprocess.Popen[bytes]:
    """Start the child. Call it from the main thread: the kernel binds the child's life to the calling thread.

    :raises ChildNotStarted: if the system refuses to run it.
    """
    program.log.parent.mkdir(parents=True, exist_ok=True)
    rotate(program.log)
    try:
        with program.log.open("ab") as log:
            return subprocess.Popen(
                list(program.command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **program.environment},
                start_new_session=True,
                user=program.user,
                group=program.user,
                extra_groups=[] if program.user else None,
                preexec_fn=_dies_with_parent(program.stop_signal),
            )
    except (OSError, subprocess.SubprocessError) as error:
        raise ChildNotStarted(name=program.name, why=error, log=program.log) from error


def sweep(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of a dead child's session group (its own workers)."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def ask_to_stop(program: Program, process: subprocess.Popen[bytes]) -> None:
    """Send the child the signal by which it stops cleanly."""
    with suppress(ProcessLookupError):
        process.send_signal(program.stop_signal)


def stop(program: Program, process: subprocess.Popen[bytes], *, grace: float = 5.0) -> None:
    """Ask the child to stop, wait ``grace`` seconds, then kill it and its group."""
    ask_to_stop(program, process)
    try:
        process.wait(timeout=grace)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    sweep(process)


def last_words(log: Path) -> str:
    """Return the last lines of a log, for an error that says why a child died."""
    if not log.exists():
        return ""
    lines = log.read_bytes()[-4096:].decode(errors="replace").strip().splitlines()
    return " / ".join(lines[-LAST_LINES:])


def wait_until_ready(
    program: Program, process: subprocess.Popen[bytes], ready: Callable[[], bool], *, within: float = 60.0
) -> None:
    """Wait until ``ready()``.

    :raises ChildNotStarted: if the child dies first or ``within`` seconds pass; it is then stopped.
    """
    deadline = time.monotonic() + within
    while not ready():
        if process.poll() is not None:
            raise ChildNotStarted(name=program.name, why=last_words(program.log), log=program.log)
        if time.monotonic() > deadline:
            stop(program, process)
            raise ChildNotStarted(name=program.name, why=f"not ready after {within:g} s", log=program.log)
        time.sleep(0.02)
