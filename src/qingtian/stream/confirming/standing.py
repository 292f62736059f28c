"""Where the confirmer is: one small file, replaced as a whole, written when all that it rests on is on lake and log."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypedDict

import orjson

from qingtian.base.errors import QingtianError
from qingtian.bus.marks import OutletMarks

FORMAT = 1


class ConfirmerStandingRefused(QingtianError):
    code = "confirming.standing_refused"
    zh = (
        "确认进程的状态文件 {file} 无法使用（{why}）。请换回写入它的程序版本；"
        "或移走该文件，确认将重新核对全部历史，不会重复写入。"
    )
    en = (
        "The confirmer's state {file} cannot be used ({why}). Go back to the version that wrote it; or move the file "
        "away, and all history is gone through again; nothing is written twice."
    )


class Grounds(TypedDict):
    """By what it is judged: the number of a plan, and marks by outlet."""

    plan: int
    marks: Mapping[str, OutletMarks]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """``position``: the last log sequence of readings looked at; ``latest``: the latest arrival, ``horizon``: up to
    which periods are closed (µs); ``plan``: its number; ``marks`` by outlet; ``since``: the first hour of each device,
    ``since_days``: its first day (µs, by MN); ``awaited``: from when on (µs, by MN) records wait for the horizon or for
    a plan; ``settling``: stretches (µs, by outlet) whose suspicions wait (`settling`); ``turn``: the last one whose
    events are all on the log. ``tried``: other grounds by which part of the work may have been done since.
    """

    position: int = 0
    latest: int = 0
    horizon: int = 0
    plan: int = 0
    turn: int = 0
    marks: Mapping[str, OutletMarks] = field(default_factory=dict)
    since: Mapping[str, int] = field(default_factory=dict)
    since_days: Mapping[str, int] = field(default_factory=dict)
    awaited: Mapping[str, int] = field(default_factory=dict)
    settling: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    tried: Sequence[Grounds] = ()


def path(data: Path) -> Path:
    return data / "confirmer" / "standing-0.json"


def write(file: Path, standing: Standing) -> None:
    """Replace the file. When this returns, the new one survives a power cut.

    :raises OSError: if the disk refuses; the old file is then still there.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".draft")
    with open(draft, "wb") as stream:
        stream.write(orjson.dumps({"format": FORMAT, **asdict(standing)}))
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(draft, file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read(file: Path) -> Standing:
    """Return the state; one that begins anew if there never was a file.

    :raises ConfirmerStandingRefused: if it is broken or of another format.
    """
    if not file.exists():
        return Standing()
    try:
        found = orjson.loads(file.read_bytes())
        if found.pop("format") != FORMAT:
            raise ValueError(f"format is not {FORMAT}")
        return Standing(**found)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ConfirmerStandingRefused(file=file, why=str(error)) from error
