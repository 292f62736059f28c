"""One text for one content, and the hash over it. Pure.

The hash covers everything an entry says, and the hash of the entry before it, so that no entry can be changed,
left out or put in without breaking the chain from there on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from qingtian.base.errors import QingtianError

SHA256 = "sha256"
SM3 = "sm3"


class AlgorithmMissing(QingtianError):
    code = "ledger.algorithm_missing"
    zh = "本机的 OpenSSL 不提供摘要算法 {algorithm}，无法写入或核验台账。请安装带 SM3 的 OpenSSL，或改用 sha256。"
    en = (
        "This machine's OpenSSL does not offer {algorithm}, so the ledger can be neither written nor verified with it. "
        "Install an OpenSSL with SM3, or use sha256."
    )


def digest(text: str, *, algorithm: str) -> str:
    """Return the hash of ``text`` (UTF-8) in hex. SM3 is GB/T 32905-2016.

    :raises AlgorithmMissing: if OpenSSL here does not have it.
    """
    octets = text.encode()
    try:
        return hashlib.new(algorithm, octets).hexdigest()
    except ValueError as error:
        raise AlgorithmMissing(algorithm=algorithm) from error


def canonical(content: Mapping[str, Any]) -> str:
    """Return JSON with sorted keys, no spaces, no escapes; times in UTC with microseconds, decimals as text.

    :raises ValueError: for NaN, infinities and naive times.
    """
    return json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain
    )


def instant(at: datetime) -> str:
    """Write an instant the one way it is hashed: UTC, microseconds."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone says nothing; give it one")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date | Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no canonical form")


def entry_hash(
    *,
    chain: str,
    sequence: int,
    at: datetime,
    actor: str,
    actor_name: str,
    act: str,
    content: str,
    algorithm: str,
    previous: str,
) -> str:
    """Return the hash of an entry; ``content`` is its canonical text."""
    fields = {
        "chain": chain,
        "sequence": sequence,
        "at": instant(at),
        "actor": actor,
        "actor_name": actor_name,
        "act": act,
        "content": content,
        "algorithm": algorithm,
        "previous": previous,
    }
    return digest(canonical(fields), algorithm=algorithm)
