"""One program at a time may run the engines of a data folder: two on the same files would ruin them."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qingtian.base.errors import QingtianError


class DataFolderInUse(QingtianError):
    code = "entry.data_folder_in_use"
    zh = "数据目录 {data} 正由进程 {pid} 使用。请先停止它（kill {pid}），或用 --data 另选目录。"
    en = (
        "The data folder {data} is in use by process {pid}. Stop that first (kill {pid}), "
        "or choose another folder with --data."
    )


def holder(data: Path) -> int | None:
    """Return the pid of the program that runs this data folder now, or None."""
    try:
        with (data / "run" / "lock").open("r") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(file.read() or 0)
    except FileNotFoundError:
        pass
    return None


@contextmanager
def holding(data: Path) -> Iterator[None]:
    """Hold the data folder; the system lets go of it whenever and however this process ends.

    :raises DataFolderInUse: if another program holds it.
    """
    path = data / "run" / "lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise DataFolderInUse(data=data, pid=file.read() or "?") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
