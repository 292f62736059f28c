"""Identifiers that the same facts give again: a replay of the log must not mint new names."""

from __future__ import annotations

import hashlib

SEPARATOR = "\x1f"


def deterministic(*parts: object, length: int = 32) -> str:
    """Return ``length`` hex digits that depend on nothing but ``parts`` and their order."""
    text = SEPARATOR.join(str(part) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:length]
