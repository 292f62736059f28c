"""Papers and files held against the ledger (核验文书): every paper is as it was recorded, every file has its digest.

The ledger names each paper by its digest, each file that was brought, PDF and Word file of what was made, and the
evidence of tasks. It is proved by itself; here it is believed, and what lies outside it is held against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from qingtian.office.ledger import api as ledger
from qingtian.office.ledger.api import BrokenLink, Line
from qingtian.office.matters import events, files
from qingtian.office.matters.models import MatterPaper
from qingtian.office.matters.typesetting import TYPESET
from qingtian.office.objects import api as objects

WORDS = ('"papers":[{', '"docx":"', '"evidence":["')
"""As entries write it: papers of an act, files that were typeset, evidence of a report."""
AT_ONCE = 500
Papers = Mapping[tuple[str, str, int], MatterPaper]
"""By chain, name and version."""


@dataclass(kw_only=True)
class Held:
    """How many papers and files were looked at, and what does not hold."""

    papers: int = 0
    files: int = 0
    broken: list[BrokenLink] = field(default_factory=list)

    def __add__(self, other: Held) -> Held:
        return Held(
            papers=self.papers + other.papers, files=self.files + other.files, broken=self.broken + other.broken
        )


def prove_files(*, chain: str | None = None) -> Held:
    """Hold papers and files against the ledger, of one chain or of all; every file is read once.

    :raises StoreUnreachable: if the object store cannot be read.
    """
    held, seen = Held(), set[str]()
    lines = iter(ledger.naming(*WORDS, chain=chain))
    while some := list(islice(lines, AT_ONCE)):
        papers = _papers(some)
        for line in some:
            held.papers += len(line.content.get("papers", ()))
            held.broken += _rows(line, papers)
            fresh = [sha256 for sha256 in dict.fromkeys(_named(line, papers)) if sha256 not in seen]
            seen.update(fresh)
            held.files += len(fresh)
            held.broken += _objects(line, fresh)
    return held


def _papers(lines: Iterable[Line]) -> Papers:
    keys = {int(line.chain.removeprefix(events.CHAIN)) for line in lines if line.chain.startswith(events.CHAIN)}
    rows = MatterPaper.objects.filter(matter__in=keys)
    return {(events.chain(row.matter_id), row.name, row.version): row for row in rows}


def _said(line: Line) -> Iterator[Mapping[str, Any]]:
    """Yield what the entry says of papers: name, version and digest, with files, or pdf and docx."""
    yield from line.content.get("papers", ())
    if line.act == TYPESET:
        yield {**line.content, "name": line.content["paper"]}


def _row(line: Line, said: Mapping[str, Any], papers: Papers) -> MatterPaper | None:
    return papers.get((line.chain, said["name"], said["version"]))


def _rows(line: Line, papers: Papers) -> Iterator[BrokenLink]:
    for said in _said(line):
        row = _row(line, said, papers)
        if row is None or not _agrees(row, said):
            what = "paper_gone" if row is None else "paper"
            yield BrokenLink(
                chain=line.chain, sequence=line.sequence, what=what, about=f"{said['name']} {said['version']}"
            )


def _agrees(row: MatterPaper, said: Mapping[str, Any]) -> bool:
    """Say whether a row is what the entry says of it: by the digest that it states, and by that of what it holds."""
    if not row.digest == files.digest(row) == said["digest"]:
        return False
    if "docx" in said:
        return (row.pdf, row.docx, row.template) == (said["pdf"], said["docx"], said["template"])
    return "files" not in said or [each["sha256"] for each in row.files] == said["files"]


def _named(line: Line, papers: Papers) -> Iterator[str]:
    """Yield the digests of the files that the entry answers for."""
    yield from line.content.get("evidence", ())
    for said in _said(line):
        row = _row(line, said, papers)
        if "docx" in said:
            yield from (said["pdf"], said["docx"])
        else:
            # entries of before papers had several files do not name their only one
            yield from said.get("files", [each["sha256"] for each in row.files] if row else ())


def _objects(line: Line, digests: Iterable[str]) -> Iterator[BrokenLink]:
    for sha256 in digests:
        fault = objects.whole(sha256)
        if fault is not None:
            what = "object_gone" if isinstance(fault, objects.ObjectMissing) else "object_changed"
            yield BrokenLink(chain=line.chain, sequence=line.sequence, what=what, about=sha256)
