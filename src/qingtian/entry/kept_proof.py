"""Checkpoints kept elsewhere, on the command line: the ledger has to have grown out of each of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qingtian.base.times import BEIJING
from qingtian.office.ledger import keys
from qingtian.office.ledger.against import KEPT, Kept, NotACheckpoint, against
from qingtian.office.ledger.against import read as read_kept
from qingtian.office.ledger.chains import BrokenLink, Proof


def read(file: str) -> list[Kept]:
    """Return the checkpoints of a file.

    :raises NotACheckpoint: if it is not there, or holds none.
    """
    try:
        return read_kept(Path(file).read_bytes())
    except OSError as error:
        raise NotACheckpoint(line=1, why=error) from error


def faults(kept: Sequence[Kept], *, key: str | None) -> list[BrokenLink]:
    """Return what does not hold; ``key``: the only one to be trusted, else those of this installation."""
    return against(kept, known={key} if key else keys.known()) if kept else []


def text(kept: Sequence[Kept], proof: Proof, language: str) -> str:
    """Return the line that says since when the ledger has only grown, if all of them hold; nothing if none was kept."""
    if not kept:
        return ""
    first = min(kept, key=lambda row: row.size)
    since = first.at.astimezone(BEIJING)
    wrong = sum(link.chain == KEPT for link in proof.broken)
    if language == "zh":
        tail = f"{wrong} 个不符。" if wrong else f"台账自 {since:%Y-%m-%d %H:%M}（{first.size} 条）起只增未改。"
        return f"与另存的检查点 {len(kept)} 个核对：{tail}\n"
    tail = f"{wrong} do not hold." if wrong else f"it has only grown since {since:%Y-%m-%d %H:%M} ({first.size})."
    return f"Held against {len(kept)} checkpoints kept elsewhere: {tail}\n"
