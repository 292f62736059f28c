"""What a simulated city remembers between two runs: until when it has sent, and when it was running."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import orjson

KEPT = 48 * 3600.0


@dataclass(kw_only=True)
class Memory:
    """``sent_until``: period records before this are with the platform (seconds since 1970 UTC; None: none are).

    ``spans``: when the city ran, the present run last. Scenarios are drawn only within them (see `timeline.City`).
    """

    sent_until: float | None = None
    spans: list[tuple[float, float]] = field(default_factory=list)

    def begin(self, now: float) -> None:
        """Open the span of this run; forget what is too old to matter."""
        self.spans = [(start, end) for start, end in self.spans if end > now - KEPT]
        self.spans.append((now, float("inf")))

    def save(self, file: Path, *, now: float, sent_until: float) -> None:
        """Write it whole or not at all, the open span as ended now."""
        self.sent_until = sent_until
        spans = [(start, min(end, now)) for start, end in self.spans]
        file.parent.mkdir(parents=True, exist_ok=True)
        beside = file.with_name(file.name + ".new")
        beside.write_bytes(orjson.dumps({"sent_until": self.sent_until, "spans": spans}))
        beside.replace(file)


def read(file: Path) -> Memory:
    """Return what was saved; nothing if there is no such file."""
    if not file.exists():
        return Memory()
    found = orjson.loads(file.read_bytes())
    return Memory(sent_until=found["sent_until"], spans=[(float(start), float(end)) for start, end in found["spans"]])
