"""The face of the object store: keep what people sent, or any bytes, and read them back unchanged."""

from __future__ import annotations

from qingtian.office.objects.store import ObjectDamaged, ObjectMissing, StoreUnreachable, get, put
from qingtian.office.objects.uploads import Kept, Upload, UploadRefused, keep, media_type

__all__ = [
    "Kept",
    "ObjectDamaged",
    "ObjectMissing",
    "StoreUnreachable",
    "Upload",
    "UploadRefused",
    "get",
    "keep",
    "media_type",
    "put",
]
