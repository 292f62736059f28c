"""A paper as a person may read it: what stands on its pages, its files, its other versions; a draft of one to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from qingtian.base.errors import QingtianError, Term
from qingtian.base.times import BEIJING
from qingtian.office.matters import files, looking, typesetting
from qingtian.office.matters.looking import OneMatter
from qingtian.office.matters.models import MatterPaper, PaperOrigin
from qingtian.office.objects import api as objects
from qingtian.office.papers import api as papers
from qingtian.office.papers.api import Content
from qingtian.office.people.api import User
from qingtian.office.sites.api import NotFoundHere

TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "zip": "application/zip",
}
DRAFTED = ("pdf", "docx")
IN_MEMORY = 8 * 2**20
"""Bytes of an archive up to which it is not put on the disk while it is sent."""


class NoSuchFile(QingtianError):
    code = "matters.no_such_file"
    zh = "“{title}”没有这种文件：它是{how}。请改取它的{other}。"
    en = "“{title}” has no such file: it was {how}. Take its {other} instead."


@dataclass(frozen=True, kw_only=True)
class PaperFile:
    """A file to be sent: its name, its type, its bytes; an archive, which may be long, as a file to be read."""

    name: str
    media_type: str
    content: bytes | IO[bytes]


def made(paper: MatterPaper, *, at: datetime) -> MatterPaper:
    """Return a paper that somebody may read as it is typeset; one that waits is typeset first.

    :raises TextRefused, TemplateRefused, PaperRefused, FontMissing, StoreUnreachable: if it cannot be.
    """
    return (typesetting.typeset(paper.pk, at=at) or paper) if typesetting.waits(paper) else paper


def pages(paper: MatterPaper) -> dict[str, Any] | None:
    """Return what stands on the pages of a typeset paper (`papers.sheet`), read from its frozen Word file; else None.

    :raises ObjectMissing, ObjectDamaged: if the file is not there as it was kept.
    """
    return papers.sheet(objects.get(paper.docx)) if paper.docx else None


def versions(one: OneMatter, paper: MatterPaper) -> list[MatterPaper]:
    """Return all versions of a paper in its file, the newest first."""
    return sorted((each for each in one.papers if each.name == paper.name), key=lambda each: -each.version)


def file(user: User, paper_id: int, *, form: str, at: datetime) -> PaperFile:
    """Return a file of a paper: ``pdf`` or ``docx`` as frozen, ``original`` as it was brought: its only file, or all of
    them as an archive.

    :raises NotFoundHere: if it is not one this person may read.
    :raises NoSuchFile: if it is of the other origin, or was kept on paper only.
    """
    one, found = looking.paper(user, paper_id, at=at)
    paper = made(found, at=at)
    title = one.definition.papers[paper.name].title if paper.name in one.definition.papers else None
    named = title.zh if title else paper.name
    name = " ".join(part for part in (named, paper.number or f"{paper.at.astimezone(BEIJING):%Y%m%d}") if part)
    if form == "pdf" and paper.pdf:
        return PaperFile(name=f"{name}.pdf", media_type=TYPES["pdf"], content=objects.get(paper.pdf))
    if form == "docx" and paper.docx:
        return PaperFile(name=f"{name}.docx", media_type=TYPES["docx"], content=objects.get(paper.docx))
    if form == "original" and len(paper.files) == 1:
        return _brought(paper, 0)
    if form == "original" and paper.files:
        return PaperFile(name=f"{name}.zip", media_type=TYPES["zip"], content=_archive(paper))
    raise _no_such_file(paper, named)


def brought(user: User, paper_id: int, position: int, *, at: datetime) -> PaperFile:
    """Return one file of a paper that was brought; ``position`` counts from 1.

    :raises NotFoundHere: if the paper is not one this person may read, or has not so many files.
    """
    _, paper = looking.paper(user, paper_id, at=at)
    if not 1 <= position <= len(paper.files):
        raise NotFoundHere(what=Term(zh="文件", en="file"), code=position)
    return _brought(paper, position - 1)


def _brought(paper: MatterPaper, place: int) -> PaperFile:
    file = paper.files[place]
    return PaperFile(name=file["name"], media_type=file["media_type"], content=objects.get(file["sha256"]))


def _archive(paper: MatterPaper) -> IO[bytes]:
    """Return all files of a paper as a zip: in their order, which their names begin with, and as they are."""
    held = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - whoever sends it closes it
    at = paper.at.astimezone(BEIJING).timetuple()[:6]
    with ZipFile(held, "w", ZIP_STORED) as archive:
        for place, file in enumerate(paper.files):
            info = ZipInfo(f"{place + 1:02d} {file['name']}", date_time=at)
            archive.writestr(info, objects.get(file["sha256"]))
    held.seek(0)
    return held


def _no_such_file(paper: MatterPaper, title: str) -> NoSuchFile:
    if paper.origin == PaperOrigin.MADE:
        made, files_of_it = Term(zh="本机关制作的", en="made here"), Term(zh="PDF 或 Word 文件", en="PDF or Word file")
        return NoSuchFile(title=title, how=made, other=files_of_it)
    if paper.files:
        return NoSuchFile(title=title, how=Term(zh="收到的", en="brought"), other=Term(zh="原件", en="original"))
    how, other = Term(zh="只有纸质的", en="kept on paper only"), Term(zh="纸质案卷", en="file on paper")
    return NoSuchFile(title=title, how=how, other=other)


def draft(user: User, matter_id: int, name: str, *, at: datetime) -> tuple[OneMatter, Content]:
    """Return a paper as an act would freeze it now: for looking at, or for signing by hand. Nothing is kept.

    :raises NotFoundHere: if there is no such matter or paper, or not for this person.
    """
    one = looking.matter(user, matter_id, at=at)
    defined = one.definition.papers.get(name)
    if defined is None or not one.may_read_named(defined):
        raise NotFoundHere(what=Term(zh="文书", en="paper"), code=name)
    acts = (act.name for act in one.definition.acts.values() if name in (*act.makes, *act.brings, *act.may_bring))
    paper = MatterPaper(
        matter=one.matter,
        name=name,
        version=1,
        act=next(acts, ""),
        revision=one.matter.revision,
        at=at,
        content=files.frozen(one.matter, one.definition, name),
    )
    return one, typesetting.content_of(paper, one.definition, typesetting.gathered(paper, one.definition))


def draft_file(user: User, matter_id: int, name: str, *, form: str, at: datetime) -> PaperFile:
    """Return a draft as ``pdf`` or ``docx``. The PDF of what will be made says so on every page; what is brought is a
    form to be signed, and says nothing across it.

    :raises NotFoundHere: if there is no such matter, paper or form, or not for this person.
    """
    one, content = draft(user, matter_id, name, at=at)
    if form not in DRAFTED:
        raise NotFoundHere(what=Term(zh="文件", en="file"), code=form)
    made = papers.render(content, draft=any(name in act.makes for act in one.definition.acts.values()))
    file_name = f"{content.paper.title.zh} {one.matter.number}.{form}"
    return PaperFile(name=file_name, media_type=TYPES[form], content=made.pdf if form == "pdf" else made.docx)
