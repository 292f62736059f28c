"""Hold the ledger against checkpoints kept elsewhere (另存的检查点): what they covered has to be its beginning still.

Whoever rewrites the ledger together with all its checkpoints, and has the key, is found by any copy that somebody else
kept: no consistency proof (RFC 9162, 2.1.4) leads from its root to that of today.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qingtian.base.errors import QingtianError, Term
from qingtian.office.ledger import keys, merkle, signed_text, stretches, tiles, witness
from qingtian.office.ledger.chains import BrokenLink
from qingtian.office.ledger.checkpoints import latest, said
from qingtian.office.ledger.models import Checkpoint

KEPT = "kept"


class NotACheckpoint(QingtianError):
    code = "ledger.not_a_checkpoint"
    zh = (
        "第 {line} 行不是检查点（{why}）。请使用 checkpoints.jsonl、“台账”页面下载的文件，"
        "或 /api/v1/ledger/checkpoint 的返回。"
    )
    en = (
        "Line {line} is no checkpoint ({why}). Give a copy of checkpoints.jsonl, the file that the page of the ledger "
        "gives out, or the answer of /api/v1/ledger/checkpoint."
    )


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A checkpoint as somebody kept it: the root (hex) over the first ``size`` entries, and who signed that when."""

    size: int
    last_id: int
    root: str
    at: datetime
    public: str
    signature: str

    @property
    def signed(self) -> bool:
        """Whether the signature is that of its key over what it says."""
        said = signed_text.text(size=self.size, last_id=self.last_id, root=self.root, at=self.at, public=self.public)
        return keys.signed(said, signature=self.signature, public=self.public)


def read(content: bytes) -> list[Kept]:
    """Return the checkpoints of a file, one JSON object a line: as the witness file has them, or as the API does.

    :raises NotACheckpoint: for the first line that is none, or if there is no line.
    """
    text = content.decode("utf-8", errors="replace").strip()
    found = [_read(line, number) for number, line in enumerate(_objects(text), start=1)]
    if not found:
        raise NotACheckpoint(line=1, why=Term(zh="文件是空的", en="the file is empty"))
    return found


def _objects(text: str) -> list[str]:
    """One object a line; a single object may be laid out over many."""
    try:
        json.loads(text)
    except ValueError:
        return [line for line in text.splitlines() if line.strip()]
    return [text]


def _read(line: str, number: int) -> Kept:
    try:
        told: dict[str, Any] = json.loads(line)
        said = {**json.loads(told["text"]), "signature": told["signature"]} if "text" in told else told
        return Kept(
            size=int(said["size"]),
            last_id=int(said["last_id"]),
            root=str(said["root"]),
            at=datetime.fromisoformat(said["at"]),
            public=str(said["public"]),
            signature=str(said["signature"]),
        )
    except (ValueError, TypeError, KeyError) as error:
        why = Term(zh=f"缺少 {error}", en=f"{error} is missing") if isinstance(error, KeyError) else error
        raise NotACheckpoint(line=number, why=why) from error


def against(kept: Sequence[Kept], *, known: set[str]) -> list[BrokenLink]:
    """Prove that the ledger's newest checkpoint grew out of each of these; ``known``: the keys that one trusts (hex).

    The tree that is asked is the stored one; `verify` holds it against the entries. Returns what does not hold, as
    links of ``kept`` by size.
    """
    with stretches.snapshot():
        newest = latest()
        tree = tiles.Tree(last_id=newest.last_id if newest else 0)
        faults = [(row.size, _fault(row, newest, tree, known)) for row in kept]
    now = newest.size if newest else 0
    return [BrokenLink(chain=KEPT, sequence=size, what=what, expected=now) for size, what in faults if what]


def written(row: Checkpoint) -> bytes:
    """Return a checkpoint as a line to keep elsewhere; `read` reads it."""
    return witness.line(said(row), row.signature).encode()


def _fault(row: Kept, newest: Checkpoint | None, tree: tiles.Tree, known: set[str]) -> str | None:
    if not row.signed:
        return "signature"
    if row.public not in known:
        return "key"
    if newest is None or newest.size < row.size:
        return "shorter"
    try:
        return None if _grew(row, newest, tree) else "rewritten"
    except (ValueError, IndexError):
        # the stored tree is no tree any more; `verify` says which tile
        return "rewritten"


def _grew(row: Kept, newest: Checkpoint, tree: tiles.Tree) -> bool:
    return merkle.consistent(
        old=row.size,
        new=newest.size,
        old_root=bytes.fromhex(row.root),
        new_root=bytes.fromhex(newest.root),
        path=merkle.consistency(old=row.size, new=newest.size, node=tree.node),
    )
