"""Papers of an act (文书): what is made here is frozen as it was said, what is brought is kept under its SHA-256."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from qingtian.law.machine.definition import Definition
from qingtian.law.machine.state import PaperKept, State
from qingtian.office.ledger import canonical
from qingtian.office.matters import numbering
from qingtian.office.matters.models import Matter, MatterPaper, PaperOrigin
from qingtian.office.objects import api as objects
from qingtian.office.objects.api import Kept, Upload

Uploads = Mapping[str, Upload | None]
"""Papers that are brought with an act, by name; None: on paper only, without a file."""


def kept(uploads: Uploads) -> dict[str, Kept]:
    """Keep the files. What is kept for an act that is then refused stays in the store and harms nobody.

    :raises UploadRefused: for the first that is not taken; then none is kept.
    :raises StoreUnreachable: if the store cannot be written.
    """
    given = {name: upload for name, upload in uploads.items() if upload is not None}
    return dict(zip(given, objects.keep(list(given.values())), strict=True))


def rows(
    matter: Matter, definition: Definition, before: State | None, after: State, files: Mapping[str, Kept]
) -> Iterator[MatterPaper]:
    """Yield the rows of the papers that came with the last act; `settle` gives them their numbers and digests."""
    old = before.papers if before else ()
    made = definition.acts[after.history[-1].act].makes
    for place, paper in enumerate(after.papers[len(old) :], start=len(old)):
        version = 1 + sum(each.name == paper.name for each in after.papers[:place])
        origin = PaperOrigin.MADE if paper.name in made else PaperOrigin.BROUGHT
        yield _row(matter, definition, after, paper, version, origin, files.get(paper.name))


def _row(
    matter: Matter,
    definition: Definition,
    state: State,
    paper: PaperKept,
    version: int,
    origin: PaperOrigin,
    file: Kept | None,
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
        content=frozen(matter, definition, paper.name) if origin == PaperOrigin.MADE else {},
        file=file.sha256 if file else "",
        file_name=file.name if file else "",
        media_type=file.media_type if file else "",
        bytes=file.bytes if file else None,
    )


def settle(papers: Sequence[tuple[MatterPaper, Definition]]) -> None:
    """Give the papers that are made here their numbers, and all their digests: from here on they are frozen."""
    made = [(row, kind) for row, kind in papers if row.origin == PaperOrigin.MADE]
    numbers = numbering.of_papers([(row.matter, kind.papers[row.name], row.at) for row, kind in made])
    for (row, _), number in zip(made, numbers, strict=True):
        row.number = number
        row.content = {**row.content, "number": number}
    for row, _ in papers:
        text = canonical.canonical(row.content)
        row.digest = row.file or canonical.digest(text, algorithm=canonical.SHA256)


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
