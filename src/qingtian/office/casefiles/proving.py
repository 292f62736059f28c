"""Filed cases held against the ledger (核验归档卷): every volume is there as it was bound, of the papers of then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from qingtian.office.casefiles.access import ENTRY
from qingtian.office.ledger import api as ledger
from qingtian.office.ledger.api import BrokenLink, Line
from qingtian.office.matters import api as matters
from qingtian.office.matters.api import Held, MatterPaper
from qingtian.office.objects import api as objects

WORD = f'"{ENTRY}":{{'
"""As the ledger writes it."""


def prove_filed(*, chain: str | None = None) -> Held:
    """Hold the volumes that were filed away against the ledger, of one chain or of all. Papers and their own files are
    proved by `matters.prove_files`.

    :raises StoreUnreachable: if the object store cannot be read.
    """
    held = Held()
    for line in ledger.naming(WORD, chain=chain):
        for said in line.content[ENTRY]["volumes"]:
            held.files += 2
            held.broken += _objects(line, said)
        held.broken += _papers(line)
    return held


def _objects(line: Line, said: Mapping[str, Any]) -> Iterator[BrokenLink]:
    for sha256 in (said["pdf"], said["docx"]):
        fault = objects.whole(sha256)
        if fault is not None:
            what = "object_gone" if isinstance(fault, objects.ObjectMissing) else "object_changed"
            yield BrokenLink(chain=line.chain, sequence=line.sequence, what=what, about=sha256)


def _papers(line: Line) -> Iterator[BrokenLink]:
    """Every paper that was bound still lies in the file as it was."""
    key = int(line.chain.removeprefix(matters.chain(0).removesuffix("0")))
    rows = {(row.name, row.version): row.digest for row in MatterPaper.objects.filter(matter=key)}
    for said in line.content[ENTRY]["volumes"]:
        if any(rows.get((each["name"], each["version"])) != each["digest"] for each in said["items"]):
            yield BrokenLink(chain=line.chain, sequence=line.sequence, what="volume", about=said["volume"])


@dataclass(frozen=True, kw_only=True)
class Known:
    """Where a file of this digest was bound: the entry, the volume."""

    chain: str
    sequence: int
    number: str
    volume: str


def known(sha256: str) -> Known | None:
    """Return which entry says that a volume of this digest was filed away; None if none does."""
    for line in ledger.naming(f'"{sha256}"'):
        for said in line.content.get(ENTRY, {}).get("volumes", ()):
            if sha256 in (said["pdf"], said["docx"]):
                number = str(line.content["number"])
                return Known(chain=line.chain, sequence=line.sequence, number=number, volume=said["volume"])
    return None
