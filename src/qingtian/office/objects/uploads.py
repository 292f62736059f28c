"""Files that people send (佐证、附件): known by their first bytes, bounded, then kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from qingtian.base.errors import QingtianError, Term
from qingtian.office.objects.store import put

# what a phone's camera makes, by the first bytes: the name and the browser's word are not trusted
SIGNATURES = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"%PDF-": "application/pdf",
}
LONGEST_NAME = 160


class UploadRefused(QingtianError):
    code = "objects.upload_refused"
    zh = "文件 {name} 未收下：{why}。请上传 20 MB 以内的 JPEG、PNG 照片或 PDF。"
    en = "The file {name} was not taken: {why}. Upload a JPEG or PNG picture or a PDF of at most 20 MB."


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file as it came: its name and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A file that was kept: its digest, the name it came with (no folders), its kind and size."""

    sha256: str
    name: str
    media_type: str
    bytes: int


def media_type(upload: Upload) -> str:
    """Return the type of a file by its first bytes.

    :raises UploadRefused: if it is of another kind, empty or too large.
    """
    if len(upload.content) > settings.UPLOAD_MAX_BYTES:
        raise UploadRefused(name=upload.name, why=Term(zh="太大", en="too large"))
    for signature, kind in SIGNATURES.items():
        if upload.content.startswith(signature):
            return kind
    if upload.content[:4] == b"RIFF" and upload.content[8:12] == b"WEBP":
        return "image/webp"
    raise UploadRefused(name=upload.name, why=Term(zh="类型不支持", en="not a kind we keep"))


def keep(uploads: Sequence[Upload]) -> list[Kept]:
    """Keep files that people sent.

    :raises UploadRefused: for the first file that is not taken; then none is.
    :raises StoreUnreachable: if the store cannot be written.
    """
    kinds = [media_type(upload) for upload in uploads]
    return [
        Kept(
            sha256=put(upload.content),
            name=Path(upload.name).name[:LONGEST_NAME],
            media_type=kind,
            bytes=len(upload.content),
        )
        for upload, kind in zip(uploads, kinds, strict=True)
    ]
