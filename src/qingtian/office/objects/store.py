"""Keep bytes under their SHA-256 and give them back only if they are still the same.

``QINGTIAN_OBJECTS_URL`` is a folder, or any address `fsspec` knows (``s3://bucket/prefix`` with the extra ``s3``). What
is kept is never overwritten: the same bytes have the same name, other bytes another.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import fsspec
from django.conf import settings

from qingtian.base.errors import QingtianError


class ObjectMissing(QingtianError):
    code = "objects.missing"
    zh = "对象存储 {place} 中没有文件 {sha256}，它应当在那里。请检查 QINGTIAN_OBJECTS_URL，或从备份恢复该文件。"
    en = (
        "The object store {place} does not hold the file {sha256} that should be there. "
        "Check QINGTIAN_OBJECTS_URL, or restore the file from a backup."
    )


class ObjectDamaged(QingtianError):
    code = "objects.damaged"
    zh = "对象存储 {place} 中的文件 {sha256} 与其摘要不符，已拒绝提供。它被改动或损坏，请从备份恢复。"
    en = (
        "The file {sha256} in the object store {place} does not have the digest it is kept under and is not given out. "
        "It was changed or has decayed; restore it from a backup."
    )


class StoreUnreachable(QingtianError):
    code = "objects.unreachable"
    zh = "对象存储 {place} 无法读写：{why}。未保存任何内容，请检查该地址和权限后重试。"
    en = "The object store {place} cannot be read or written: {why}. Nothing was kept; check it and try again."


class Place(Protocol):
    """Where files are, by relative name."""

    def has(self, name: str) -> bool: ...

    def write(self, name: str, content: bytes) -> None: ...

    def read(self, name: str) -> bytes: ...


class Folder:
    """A folder of this machine; a file is there whole and on the disk, or not at all."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def has(self, name: str) -> bool:
        return (self.root / name).exists()

    def read(self, name: str) -> bytes:
        return (self.root / name).read_bytes()

    def write(self, name: str, content: bytes) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)


class Bucket:
    """Any other store, by `fsspec`; putting an object there is one step."""

    def __init__(self, url: str) -> None:
        self.files: Any
        self.files, root = fsspec.core.url_to_fs(url)
        self.root = root.rstrip("/")

    def has(self, name: str) -> bool:
        return bool(_told(lambda: self.files.exists(f"{self.root}/{name}")))

    def read(self, name: str) -> bytes:
        return bytes(_told(lambda: self.files.cat_file(f"{self.root}/{name}")))

    def write(self, name: str, content: bytes) -> None:
        _told(lambda: self.files.pipe_file(f"{self.root}/{name}", content))


def _told(ask: Callable[[], Any]) -> Any:
    """Ask a store; each kind of store has errors of its own, and all of them say that it cannot be read or written."""
    try:
        return ask()
    except OSError:
        raise
    except Exception as error:
        raise OSError(f"{type(error).__name__}: {error}") from error


@cache
def _place(url: str) -> Place:
    if "://" not in url:
        return Folder(Path(url))
    try:
        return Bucket(url)
    except (ImportError, ValueError) as error:
        raise StoreUnreachable(place=url, why=error) from error


def _name(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"


def put(content: bytes) -> str:
    """Keep these bytes and return their SHA-256 in hex; what is there already is not written again.

    :raises StoreUnreachable: if they cannot be kept.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    place = _place(str(settings.OBJECTS_URL))
    try:
        if not place.has(_name(sha256)):
            place.write(_name(sha256), content)
    except OSError as error:
        raise StoreUnreachable(place=settings.OBJECTS_URL, why=error) from error
    return sha256


def get(sha256: str) -> bytes:
    """Return the bytes kept under this digest.

    :raises ObjectMissing: if there are none.
    :raises ObjectDamaged: if they are others by now.
    :raises StoreUnreachable: if the store cannot be read.
    """
    try:
        content = _place(str(settings.OBJECTS_URL)).read(_name(sha256))
    except FileNotFoundError as error:
        raise ObjectMissing(place=settings.OBJECTS_URL, sha256=sha256) from error
    except OSError as error:
        raise StoreUnreachable(place=settings.OBJECTS_URL, why=error) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ObjectDamaged(place=settings.OBJECTS_URL, sha256=sha256)
    return content


def whole(sha256: str) -> QingtianError | None:
    """Return why a file cannot be had as it was kept; None if it can.

    :raises StoreUnreachable: if the store cannot be read.
    """
    try:
        get(sha256)
    except (ObjectMissing, ObjectDamaged) as error:
        return error
    return None
