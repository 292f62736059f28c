"""The digest that stands in an entry for a personal field (个人信息). Pure.

The entry's hash is over the digest, so the proofs hold before and after the clear text is erased. The salt goes with
the text: what is left says nothing, not even to somebody who tries all telephone numbers.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from qingtian.office.ledger.canonical import SHA256, canonical, digest

KEY = "~personal"
"""The field of an entry's content under which its personal fields stand, as digests."""
MARK = f'"{KEY}":{{'


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """A personal field: its name, the salt (32 hex digits) and the text it hides."""

    name: str
    salt: str
    value: str

    @property
    def digest(self) -> str:
        """Return what the entry says of it."""
        return digest(canonical({"name": self.name, "salt": self.salt, "value": self.value}), algorithm=SHA256)


def seal(personal: Mapping[str, str]) -> list[Sealed]:
    """Give each field a salt of its own."""
    return [Sealed(name=name, salt=secrets.token_hex(16), value=value) for name, value in sorted(personal.items())]


def digests(content: str) -> dict[str, str]:
    """Return the digests of the personal fields that an entry's content names."""
    if MARK not in content:
        return {}
    found: dict[str, str] = json.loads(content).get(KEY, {})
    return found
