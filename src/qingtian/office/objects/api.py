"""The face of the object store: keep what people sent, or any bytes, and read them back unchanged."""

from __future__ import annotations

from qingtian.office.objects.store import ObjectDamaged, ObjectMissing, StoreUnreachable, get, put, whole
from qingtian.office.objects.uploads import (
    TAKEN,
    Kept,
    TooManyUploads,
    Upload,
    UploadRefused,
    counted,
    keep,
    keep_one,
    media_type,
    too_large,
)

__all__ = [
    "TAKEN",
    "Kept",
    "ObjectDamaged",
    "ObjectMissing",
    "StoreUnreachable",
    "TooManyUploads",
    "Upload",
    "UploadRefused",
    "counted",
    "get",
    "keep",
    "keep_one",
    "media_type",
    "put",
    "too_large",
    "whole",
]
