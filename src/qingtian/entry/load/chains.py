"""Chains of the ledger in bulk, for benches: entries as acts would have written them, as lines of a COPY.

The text that is hashed is written out here once more, without the library that acts use, because ten million of them
are wanted; `verify` proves each of them afterwards.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from json import encoder
from typing import Any

from qingtian.office.ledger.canonical import SHA256, instant

COLUMNS = "id, chain, sequence, at, actor, actor_name, act, content, algorithm, previous, hash"
# what json.dumps(ensure_ascii=False) does with a text, in C
quote: Any = encoder.encode_basestring


@dataclass(kw_only=True)
class Writer:
    """Writes entries of one actor and act. ``heads``: sequence and hash of each chain; ``bytes``: hashed so far."""

    actor: str
    name: str
    act: str
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)
    bytes: int = 0

    def __post_init__(self) -> None:
        said = f'"act":{quote(self.act)},"actor":{quote(self.actor)},"actor_name":{quote(self.name)}'
        self._begin = f'{{{said},"algorithm":"{SHA256}","at":"'
        self._who = f"{self.actor}\t{self.name}\t{self.act}"

    def line(self, key: int, chain: str, at: datetime, content: str) -> str:
        """Append an entry with this id to a chain; return its line. ``content`` is canonical."""
        sequence, previous = self.heads.get(chain, (0, ""))
        sequence, moment = sequence + 1, instant(at.astimezone(UTC))
        text = (
            f'{self._begin}{moment}","chain":{quote(chain)},"content":{quote(content)},"previous":"{previous}",'
            f'"sequence":{sequence}}}'
        ).encode()
        stated = hashlib.sha256(text).hexdigest()
        self.heads[chain] = sequence, stated
        self.bytes += len(text)
        kept = escaped(content)
        return f"{key}\t{chain}\t{sequence}\t{moment}\t{self._who}\t{kept}\t{SHA256}\t{previous}\t{stated}\n"

    def head_lines(self) -> Iterator[str]:
        """Yield the lines of the chains' heads, and forget them."""
        for chain, (sequence, stated) in self.heads.items():
            yield f"{chain}\t{sequence}\t{stated}\n"
        self.heads.clear()


def escaped(text: str) -> str:
    """Return a text as COPY takes it."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
