"""Processes that an earlier supervisor of the same data folder could not stop, because it was killed itself."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import psutil

MARK = "QINGTIAN_SUPERVISED"
"""Set in the environment of every supervised child; its value is the data folder."""

PATIENCE = 8.0


def find(data: Path) -> list[psutil.Process]:
    """Return the living processes that carry the mark of this data folder."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get(MARK) == str(data):
                found.append(process)
    return found


def stop(data: Path) -> list[int]:
    """Stop them (kill those that do not listen) and return their pids. Call it only while holding the data folder."""
    found = find(data)
    for process in found:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, deaf = psutil.wait_procs(found, timeout=PATIENCE)
    for process in deaf:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(deaf, timeout=PATIENCE)
    return [process.pid for process in found]
