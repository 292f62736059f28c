"""Files of a form that was not taken: kept in the store and remembered by a signed mark, so that nothing is lost.

A browser cannot put a chosen file back into a form. So a file that came is kept, and the form carries a mark of it,
signed for this person and this form: nobody can name a file that they have not sent.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.core import signing
from django.core.exceptions import BadRequest

from qingtian.office.objects import api as objects
from qingtian.office.objects.api import Upload
from qingtian.office.people.api import User

SALT = "qingtian.matters.upload"
GOOD_FOR_S = 24 * 3600


@dataclass(frozen=True, kw_only=True)
class Carried:
    """A file that came with an earlier try of the form."""

    sha256: str
    name: str
    bytes: int


def mark(user: User, place: str, upload: Upload) -> str:
    """Keep a file and return its mark. ``place`` names form and field.

    :raises UploadRefused: if it is not taken.
    """
    kept = objects.keep([upload])[0]
    carried = Carried(sha256=kept.sha256, name=kept.name, bytes=kept.bytes)
    return signing.dumps({**asdict(carried), "user": user.pk, "place": place}, salt=SALT)


def read(user: User, place: str, text: str) -> Carried:
    """Return what a mark stands for.

    :raises BadRequest: if it is none, too old, or somebody else's.
    """
    try:
        said = signing.loads(text, salt=SALT, max_age=GOOD_FOR_S)
    except signing.BadSignature as error:
        raise BadRequest("kept") from error
    if (said.pop("user"), said.pop("place")) != (user.pk, place):
        raise BadRequest("kept")
    return Carried(**said)


def peek(text: str) -> Carried | None:
    """Return what a mark says of its file, to be shown beside the field; None for a mark that is none."""
    try:
        said = signing.loads(text, salt=SALT, max_age=GOOD_FOR_S)
    except signing.BadSignature:
        return None
    return Carried(sha256=said["sha256"], name=said["name"], bytes=said["bytes"])


def fetch(carried: Carried) -> Upload:
    """Return the file again.

    :raises ObjectMissing, ObjectDamaged, StoreUnreachable:
    """
    return Upload(name=carried.name, content=objects.get(carried.sha256))
