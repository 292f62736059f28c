"""Papers of an act (文书): what is made here is frozen as it was said, what is brought is kept under its SHA-256."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from qingtian.law.machine.definition import Definition
from qingtian.law.machine.state import PaperKept, State
from qingtian.office.ledger import canonical
from qingtian.office.matters import numbering
from qingtian.office.matters.models import Matter, MatterPaper, PaperOrigin
from qingtian.office.objects import api as objects
from qingtian.office.objects.api import Kept, Upload

Uploads = Mapping[str, Sequence[Upload | Kept] | None]
"""Papers that are brought with an act, by name, each with its files in their order, some of them kept before; none:
on paper only."""


def kept(uploads: Uploads) -> dict[str, tuple[Kept, ...]]:
    """Keep the files; the same file is kept once in a paper. What is kept for an act that is then refused stays in the
    store and harms nobody.

    :raises TooManyUploads: if a paper has more than it takes.
    :raises UploadRefused: if some are not taken, with all of them; then none is kept.
    :raises StoreUnreachable: if the store cannot be written.
    """
    for given in uploads.values():
        objects.counted(len(given or ()))
    fresh = [each for given in uploads.values() for each in given or () if isinstance(each, Upload)]
    found = iter(objects.keep(fresh))
    return {
        name: _once(next(found) if isinstance(each, Upload) else each for each in given or ())
        for name, given in uploads.items()
    }


def _once(files: Iterator[Kept]) -> tuple[Kept, ...]:
    once: dict[str, Kept] = {}
    for each in files:
        once.setdefault(each.sha256, each)
    return tuple(once.values())


def rows(
    matter: Matter, definition: Definition, before: State | None, after: State, files: Mapping[str, Sequence[Kept]]
) -> Iterator[MatterPaper]:
    """Yield the rows of the papers that came with the last act; `number` and `settle` give them what they lack."""
    old = before.papers if before else ()
    if len(after.papers) == len(old):
        return
    made = definition.acts[after.history[-1].act].makes
    for place, paper in enumerate(after.papers[len(old) :], start=len(old)):
        version = 1 + sum(each.name == paper.name for each in after.papers[:place])
        origin = PaperOrigin.MADE if paper.name in made else PaperOrigin.BROUGHT
        yield _row(matter, after, paper, version, origin, files.get(paper.name, ()))


def _row(
    matter: Matter, state: State, paper: PaperKept, version: int, origin: PaperOrigin, files: Sequence[Kept]
) -> MatterPaper:
    return MatterPaper(
        matter=matter,
        name=paper.name,
        version=version,
        origin=origin,
        act=paper.act,
        revision=matter.revision,
        at=paper.at,
        by=state.history[-1].by,
        files=[asdict(each) for each in files],
    )


def number(papers: Sequence[tuple[MatterPaper, Definition, State]]) -> None:
    """Give the papers that are made here their numbers. With each paper the state that its act leads to."""
    made = [each for each in papers if each[0].origin == PaperOrigin.MADE]
    numbers = numbering.of_papers(
        [
            numbering.Making(matter=row.matter, paper=kind.papers[row.name], at=row.at, facts=state.facts)
            for row, kind, state in made
        ]
    )
    for (row, *_), found in zip(made, numbers, strict=True):
        row.number = found


def settle(papers: Sequence[MatterPaper], definition: Definition) -> None:
    """Freeze the papers of an act: what those say that are made here, and the digests of all."""
    for row in papers:
        if row.origin == PaperOrigin.MADE:
            row.content = {**frozen(row.matter, definition, row.name), "number": row.number}
        row.digest = digest(row)


def digest(row: MatterPaper) -> str:
    """Return what stands for a paper in the ledger: the SHA-256 of what it says, of its file, or of the list of them
    (canonical JSON) where it has several."""
    if len(row.files) == 1:
        return str(row.files[0]["sha256"])
    text = canonical.canonical({"files": row.files} if row.files else row.content)
    return canonical.digest(text, algorithm=canonical.SHA256)


def frozen(matter: Matter, definition: Definition, name: str) -> dict[str, Any]:
    """Return what a paper says at this moment: its facts as plain values, the kind and version."""
    facts: Mapping[str, Any] = matter.state["facts"]
    shown: Sequence[str] = definition.papers[name].shows
    return {
        "kind": definition.manifest.code,
        "version": definition.manifest.version,
        "paper": name,
        "facts": {fact: facts[fact] for fact in shown if fact in facts},
    }
