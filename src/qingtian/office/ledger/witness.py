"""A second place for checkpoints: a file beside the key, one line each, out of reach of whoever owns the database.

It may be copied anywhere; a ledger that was rewritten together with its checkpoints is found by any copy.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from qingtian.office.ledger import keys


def file() -> Path:
    """Return where the lines are: ``checkpoints.jsonl`` beside the installation's key."""
    return keys.key_file().parent / "checkpoints.jsonl"


def line(said: bytes, signature: str) -> str:
    """Return a checkpoint as one line: what it says, with its signature."""
    return json.dumps({"text": said.decode(), "signature": signature}, ensure_ascii=False) + "\n"


def note(said: bytes, signature: str) -> None:
    """Append what a checkpoint says, with its signature."""
    with open(os.open(file(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644), "a", encoding="utf-8") as out:
        out.write(line(said, signature))


def signatures() -> Iterator[tuple[int, str]]:
    """Yield size and signature of each line that this installation signed; a line torn by a crash says nothing."""
    if not file().exists():
        return
    known = keys.known()
    for row in file().read_text(encoding="utf-8").splitlines():
        try:
            told = json.loads(row)
            said = json.loads(told["text"])
        except (ValueError, KeyError, TypeError):
            continue
        genuine = keys.signed(told["text"].encode(), signature=told["signature"], public=said["public"])
        if genuine and said["public"] in known:
            yield said["size"], told["signature"]
