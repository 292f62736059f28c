"""What is never shown or kept of a request: PW 访问密码, a new one (1072), a new key (1014 of 2025)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

MASK = "******"
SECRETS = frozenset({"PW", "NewPW", "NewSK"})
_PAIR = re.compile(rf"(?<![A-Za-z0-9_])({'|'.join(sorted(SECRETS))})=[^;,&]*")


def masked(raw: bytes) -> str:
    """Return a frame as text, without line end, every password and key as ``******``."""
    return _PAIR.sub(rf"\1={MASK}", raw.decode("utf-8", "replace").rstrip("\r\n"))


def masked_items(items: Iterable[Mapping[str, str]]) -> tuple[dict[str, str], ...]:
    """Return items of CP with every password and key as ``******``."""
    return tuple({name: MASK if name in SECRETS else text for name, text in item.items()} for item in items)
