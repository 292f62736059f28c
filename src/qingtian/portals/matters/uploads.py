"""Files of a form: kept as they come and remembered by signed marks, so that nothing is lost if it is not taken.

A browser cannot put chosen files back into a form. So a file that came is kept, and the form carries a mark of it,
signed for this person and this field: nobody can name a file that they have not sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.core import signing
from django.core.exceptions import BadRequest
from django.core.files.uploadedfile import UploadedFile

from qingtian.base.errors import QingtianError, Term
from qingtian.office.objects import api as objects
from qingtian.office.objects.api import Kept, Upload
from qingtian.office.people.api import User

SALT = "qingtian.matters.upload"
GOOD_FOR_S = 24 * 3600


@dataclass(frozen=True, kw_only=True)
class Brought:
    """The files of a field in their order, with their marks; ``refused``: why some that came are not among them."""

    files: tuple[Kept, ...]
    marks: tuple[str, ...]
    refused: QingtianError | None = None


def brought(user: User, place: str, marks: Sequence[str], fresh: Sequence[UploadedFile[Any]]) -> Brought:
    """Return what came with a field: files of earlier tries by their ``marks``, then those chosen now, which are kept.

    ``place`` names form and field.

    :raises BadRequest: if a mark is none, too old, or somebody else's.
    :raises StoreUnreachable: if the store cannot be written.
    """
    files = {each.sha256: each for each in (read(user, place, mark) for mark in marks)}
    refused: list[tuple[str, Term]] = []
    many: QingtianError | None = None
    try:
        objects.counted(len(files) + len(fresh))
        for file in fresh:
            found = _kept(file)
            if isinstance(found, Term):
                refused.append((file.name or "", found))
            else:
                files.setdefault(found.sha256, found)
    except objects.TooManyUploads as error:
        many = error
    return Brought(
        files=tuple(files.values()),
        marks=tuple(mark(user, place, each) for each in files.values()),
        refused=many or (objects.UploadRefused.of(refused) if refused else None),
    )


def _kept(file: UploadedFile[Any]) -> Kept | Term:
    """Keep a file, or say why not; what is too large is not read."""
    why = objects.too_large(file.size or 0)
    return why or objects.keep_one(Upload(name=file.name or "", content=file.read()))


def mark(user: User, place: str, kept: Kept) -> str:
    """Return the mark of a file that was kept."""
    return signing.dumps({**asdict(kept), "user": user.pk, "place": place}, salt=SALT)


def read(user: User, place: str, text: str) -> Kept:
    """Return what a mark stands for.

    :raises BadRequest: if it is none, too old, or somebody else's.
    """
    try:
        said = signing.loads(text, salt=SALT, max_age=GOOD_FOR_S)
    except signing.BadSignature as error:
        raise BadRequest("kept") from error
    if (said.pop("user"), said.pop("place")) != (user.pk, place):
        raise BadRequest("kept")
    return Kept(**said)


def peek(text: str) -> Kept | None:
    """Return what a mark says of its file, to be shown beside the field; None for a mark that is none."""
    try:
        said = signing.loads(text, salt=SALT, max_age=GOOD_FOR_S)
    except signing.BadSignature:
        return None
    return Kept(**{name: said[name] for name in Kept.__dataclass_fields__})
