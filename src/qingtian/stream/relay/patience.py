"""What the rules say of relaying: which uploads pass, which commands never return, how long is waited."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from qingtian.law import rules


@dataclass(frozen=True, kw_only=True)
class Patience:
    """Seconds and counts, see ``rules/relay/patience.yaml``. ``rounds`` None: a packet is never given up."""

    answer_s: float
    retries: int
    rounds: int | None
    pause_s: float
    window: int
    ahead: int
    reconnect_first_s: float
    reconnect_longest_s: float
    late_s: float
    command_s: float
    execute_s: float


@cache
def usual() -> Patience:
    """Return the rule."""
    (row,) = rules.table("relay/patience")
    return Patience(**row.values)


@cache
def passes(cn: int) -> bool:
    """Say whether an upload of this command is passed on."""
    return any(row["first"] <= cn <= row["last"] for row in rules.table("relay/passing"))


@cache
def never_returned() -> frozenset[int]:
    """Return the commands of a target that never go to the device."""
    return frozenset(row["cn"] for row in rules.table("relay/returning"))
