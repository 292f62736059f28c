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
TAKEN = (*SIGNATURES.values(), "image/webp")
APPLE = (b"heic", b"heix", b"hevc", b"mif1", b"msf1")
"""Brands of ISO media files that an iPhone's camera writes."""
LONGEST_NAME = 160

EMPTY = Term(zh="文件是空的", en="the file is empty")
OTHER_KIND = Term(zh="类型不支持", en="not a kind we keep")
HEIC = Term(
    zh="HEIC 照片多数电脑打不开，请在手机“设置—相机—格式”中选“兼容性最佳”后重拍，或另存为 JPEG",
    en="most computers cannot open HEIC; set the phone's camera to “Most Compatible”, or save it as JPEG",
)


class UploadRefused(QingtianError):
    code = "objects.upload_refused"
    zh = "{told}。每个文件应为 {most} MB 以内的 JPEG、PNG、WebP 照片或 PDF，请更换后再选。"
    en = "{told}. A file has to be a JPEG, PNG or WebP picture or a PDF of at most {most} MB; choose another."

    @classmethod
    def of(cls, refused: Sequence[tuple[str, Term]]) -> UploadRefused:
        """Return the refusal of files, each by its name with the reason."""
        told = Term(
            zh="；".join(f"“{name}”没有收下：{why.zh}" for name, why in refused),
            en="; ".join(f"“{name}” was not taken: {why.en}" for name, why in refused),
        )
        return cls(told=told, most=settings.UPLOAD_MAX_BYTES // 2**20)


class TooManyUploads(QingtianError):
    code = "objects.too_many"
    zh = "选了 {count} 个文件，一份文书最多收 {most} 个，新选的都没有收下。请把多页扫描并成一个 PDF，或去掉一些。"
    en = (
        "There are {count} files; a paper takes at most {most}, and none of the new ones was taken. Put scans of "
        "several pages into one PDF, or leave some out."
    )


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
    kind = _kind(upload)
    if isinstance(kind, Term):
        raise UploadRefused.of([(upload.name, kind)])
    return kind


def too_large(size: int) -> Term | None:
    """Say why a file of this size (bytes) is not taken; None if it may be."""
    if size <= settings.UPLOAD_MAX_BYTES:
        return None
    megabytes = f"{size / 2**20:.1f} MB"
    return Term(zh=f"太大（{megabytes}）", en=f"too large ({megabytes})")


def _kind(upload: Upload) -> str | Term:
    """Return the type, or why the file is not taken."""
    first = upload.content[:16]
    if not first:
        return EMPTY
    if (why := too_large(len(upload.content))) is not None:
        return why
    if first.startswith(b"RIFF") and first[8:12] == b"WEBP":
        return "image/webp"
    if first[4:8] == b"ftyp" and first[8:12] in APPLE:
        return HEIC
    return next((kind for signature, kind in SIGNATURES.items() if first.startswith(signature)), OTHER_KIND)


def keep(uploads: Sequence[Upload]) -> list[Kept]:
    """Keep files that people sent.

    :raises UploadRefused: if some are not taken, with every one of them; then none is.
    :raises StoreUnreachable: if the store cannot be written.
    """
    kinds = [_kind(upload) for upload in uploads]
    refused = [(upload.name, kind) for upload, kind in zip(uploads, kinds, strict=True) if isinstance(kind, Term)]
    if refused:
        raise UploadRefused.of(refused)
    return [_kept(upload, str(kind)) for upload, kind in zip(uploads, kinds, strict=True)]


def keep_one(upload: Upload) -> Kept | Term:
    """Keep a file, or say why it is not taken: for who goes on with the others.

    :raises StoreUnreachable: if the store cannot be written.
    """
    kind = _kind(upload)
    return kind if isinstance(kind, Term) else _kept(upload, kind)


def _kept(upload: Upload, kind: str) -> Kept:
    return Kept(
        sha256=put(upload.content),
        name=Path(upload.name).name[:LONGEST_NAME],
        media_type=kind,
        bytes=len(upload.content),
    )


def counted(count: int) -> None:
    """:raises TooManyUploads: if a paper would have more files than it takes."""
    if count > settings.UPLOAD_MAX_FILES:
        raise TooManyUploads(count=count, most=settings.UPLOAD_MAX_FILES)
