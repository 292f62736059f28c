"""Evidence files (佐证): kept once under their SHA-256, beside the database, never overwritten."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from qingtian.base.errors import QingtianError, Term
from qingtian.office.people.api import Scope, User
from qingtian.office.tasks.models import Evidence

# what a phone's camera makes, by the first bytes: the name and the browser's word are not trusted
SIGNATURES = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"%PDF-": "application/pdf",
}


class EvidenceRefused(QingtianError):
    code = "tasks.evidence_refused"
    zh = "文件 {name} 未收下：{why}。请上传 20 MB 以内的 JPEG、PNG 照片或 PDF。"
    en = "The file {name} was not taken: {why}. Upload a JPEG or PNG picture or a PDF of at most 20 MB."


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file as it came: its name and its bytes."""

    name: str
    content: bytes


def media_type(upload: Upload) -> str:
    """Return the type of a file by its first bytes.

    :raises EvidenceRefused: if it is of another kind, empty or too large.
    """
    if len(upload.content) > settings.EVIDENCE_MAX_BYTES:
        raise EvidenceRefused(name=upload.name, why=Term(zh="太大", en="too large"))
    for signature, kind in SIGNATURES.items():
        if upload.content.startswith(signature):
            return kind
    if upload.content[:4] == b"RIFF" and upload.content[8:12] == b"WEBP":
        return "image/webp"
    raise EvidenceRefused(name=upload.name, why=Term(zh="类型不支持", en="not a kind we keep"))


def path_of(sha256: str) -> Path:
    """Return where a file with this hash is kept."""
    return Path(settings.EVIDENCE_FOLDER) / sha256[:2] / sha256


def store(uploads: Sequence[Upload]) -> list[Evidence]:
    """Write the files to disk and return their (unsaved) rows; a file that is there already is not written again.

    :raises EvidenceRefused: for the first file that is not taken; then none is.
    """
    rows = [
        Evidence(
            sha256=hashlib.sha256(upload.content).hexdigest(),
            name=Path(upload.name).name[:160],
            media_type=media_type(upload),
            bytes=len(upload.content),
        )
        for upload in uploads
    ]
    for row, upload in zip(rows, uploads, strict=True):
        _write(path_of(row.sha256), upload.content)
    return rows


def _write(path: Path, content: bytes) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def evidence(user: User, sha256: str) -> Evidence | None:
    """Return the evidence with this hash if it belongs to a task in the user's scope."""
    rows = Evidence.objects.filter(Scope.of(user).q("task__"), sha256=sha256)
    return rows.select_related("task").first()
