"""The judge's state on disk: one file, replaced as a whole and flushed: a kill leaves the old one or the new one."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingtian.base.errors import QingtianError

FORMAT = 1

State = Mapping[str, NDArray[Any]]


class CheckpointRefused(QingtianError):
    code = "judge.checkpoint_refused"
    zh = (
        "判定状态文件 {file} 无法使用（{why}）。请换回写入它的程序版本；"
        "或移走该文件，判定将从日志保留的起点重新开始，数据湖不会重复写入。"
    )
    en = (
        "The judge's checkpoint {file} cannot be used ({why}). Go back to the version that wrote it; or move the file "
        "away, and the judge begins again where the log begins; the lake takes no row twice."
    )


def path(data: Path, partition: int) -> Path:
    return data / "judge" / f"checkpoint-{partition}.npz"


def write(file: Path, state: State) -> None:
    """Replace the checkpoint. When this returns, the new one survives a power cut.

    :raises OSError: if the disk refuses; the old checkpoint is then still there.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".draft")
    with open(draft, "wb") as stream:
        np.savez(stream, allow_pickle=False, **{"format": np.array(FORMAT), **state})
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(draft, file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read(file: Path) -> dict[str, NDArray[Any]] | None:
    """Return the state, or None if there never was a checkpoint.

    :raises CheckpointRefused: if it is broken or of another format.
    """
    if not file.exists():
        return None
    try:
        with open(file, "rb") as stream, np.load(stream, allow_pickle=False) as found:
            state = {name: found[name] for name in found.files}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise CheckpointRefused(file=file, why=str(error)) from error
    if int(state.pop("format", np.array(0))) != FORMAT:
        raise CheckpointRefused(file=file, why=f"format is not {FORMAT}")
    return state
