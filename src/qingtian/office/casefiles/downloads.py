"""Files of a case file that a person may take: contents as PDF and Word file, one volume, or all that they may read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from qingtian.base.errors import Term
from qingtian.office.casefiles import access, binding, pages
from qingtian.office.casefiles.access import CaseFile, Papers
from qingtian.office.casefiles.contents import Volume
from qingtian.office.casefiles.pages import NAMES, Binding
from qingtian.office.matters.api import FILE_TYPES, PaperFile
from qingtian.office.objects import api as objects
from qingtian.office.people.api import User
from qingtian.office.sites.api import NotFoundHere

CONTENTS, BOUND = "contents", "bound"


def download(user: User, matter_id: int, part: str, *, form: str, at: datetime) -> PaperFile:
    """Return ``contents`` (cover, contents, closing sheet), ``bound`` (all volumes) or one volume (``main``, ``side``)
    as ``pdf``, or as ``docx`` what is no bound volume. A volume that was filed away is given as it was filed.

    :raises NotFoundHere: if there is no such matter, part or form, or not for this person.
    :raises FileEmpty, FileTooLarge, FontMissing, PaperRefused, ObjectMissing, ObjectDamaged: if it cannot be bound.
    """
    file = access.case_file(user, matter_id, at=at)
    if part == CONTENTS and form in ("pdf", "docx"):
        return _contents(file, form, at)
    if form != "pdf":
        raise _none(part)
    if part == BOUND:
        whole = binding.bind(file, file.volumes, at=_at(file, file.volumes, at), binding=_binding(file, file.volumes))
        return _file(file, "合订", form, whole)
    return _one(file, part, at)


def _one(file: CaseFile, part: str, at: datetime) -> PaperFile:
    if part in file.frozen:
        return _file(file, NAMES[part], "pdf", objects.get(file.frozen[part]["pdf"]))
    volumes = [volume for volume in file.volumes if volume.name == part]
    if not volumes:
        raise _none(part)
    return _file(file, NAMES[part], "pdf", binding.bind(file, volumes, at=at))


def _contents(file: CaseFile, form: str, at: datetime) -> PaperFile:
    if not file.volumes:
        raise binding.FileEmpty
    parts = pages.whole(file, file.volumes, _binding(file, file.volumes))
    word, pdf = pages.made(file, parts, "卷内文件目录", at=_at(file, file.volumes, at))
    return _file(file, "卷宗目录", form, pdf if form == "pdf" else word)


def _binding(file: CaseFile, volumes: Sequence[Volume]) -> Binding | None:
    """Return by whom these were filed away, if all of them are as they were filed; a paper that came since is not."""
    whole = file.filed is not None and all(
        volume.name in file.frozen and _papers(volume) == file.filed.papers(volume.name) for volume in volumes
    )
    return Binding(by=file.filed.by, at=file.filed.at) if file.filed and whole else None


def _papers(volume: Volume) -> Papers:
    return frozenset((item.paper.name, item.paper.version) for item in volume.items)


def _at(file: CaseFile, volumes: Sequence[Volume], at: datetime) -> datetime:
    found = _binding(file, volumes)
    return found.at if found else at


def _file(file: CaseFile, what: str, form: str, content: bytes) -> PaperFile:
    name = f"{what} {file.one.matter.number}.{form}"
    return PaperFile(name=name, media_type=FILE_TYPES[form], content=content)


def _none(part: str) -> NotFoundHere:
    return NotFoundHere(what=Term(zh="案卷文件", en="part of a case file"), code=part)
