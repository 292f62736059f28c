"""What the gateway has done and how it is, as the heartbeat says it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(kw_only=True)
class GatewayCounters:
    """Totals since the start, and the present state. ``why`` is empty while the log takes what it is given."""

    connections: int = 0
    turned_away: int = 0
    packets: int = 0
    replies: int = 0
    batches: int = 0
    bytes: int = 0
    unconfirmed: int = 0
    abandoned: int = 0
    deadletters: int = 0
    deadletters_lost: int = 0
    lockouts: int = 0
    repaired: int = 0
    plan: int | None = None
    log_ok: bool = True
    why: str = ""
    refused: Counter[str] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, object]:
        """Return the counters of the heartbeat, with ``waiting_for_plan`` while no device is known."""
        found: dict[str, object] = dict(vars(self))
        found["refused"] = dict(self.refused)
        found["waiting_for_plan"] = self.plan is None
        return found
