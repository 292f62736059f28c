"""Emptying a data folder for a new beginning; careful about whose folder it is."""

from __future__ import annotations

import shutil
from pathlib import Path

from qingtian.base.errors import QingtianError
from qingtian.entry import leftovers, lock


class NotADataFolder(QingtianError):
    code = "entry.not_a_data_folder"
    zh = "{data} 里有文件，但不是青天的数据目录，未删除任何内容。请确认 --data，或自行清空该目录。"
    en = "{data} has files but is no data folder of Qingtian; nothing was deleted. Check --data, or empty it yourself."


def empty(data: Path) -> None:
    """Delete everything in the data folder.

    :raises NotADataFolder: if something else is in there.
    :raises DataFolderInUse: if a supervisor runs on it.
    """
    if not data.exists() or not any(data.iterdir()):
        return
    mark = data / "run" / "lock"
    if not mark.exists():
        raise NotADataFolder(data=data)
    with lock.holding(data):
        leftovers.stop(data)
        for entry in [*data.iterdir(), *mark.parent.iterdir()]:
            # the lock is held until the end; its folder goes on
            if entry in (mark, mark.parent):
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink(missing_ok=True)
