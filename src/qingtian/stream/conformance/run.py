"""The run: one check after the other, each given its time, and a line of the report for each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from qingtian.base.errors import Term
from qingtian.stream.conformance.checks import Check, Finding, Verdict, fails, untestable
from qingtian.stream.hj212 import Edition

MOST = 120.0
"""Seconds after which a check is given up."""


class Bench(Protocol):
    """What checks work at."""

    async def ready(self) -> None: ...


B = TypeVar("B", bound=Bench)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of the report."""

    id: str
    edition: Edition
    must: Term
    clause: str
    verdict: Verdict
    seen: Term

    def as_dict(self, language: str) -> dict[str, object]:
        return {
            "id": self.id,
            "edition": int(self.edition),
            "must": self.must.said(language),
            "clause": self.clause,
            "verdict": self.verdict.value,
            "seen": self.seen.said(language),
        }


async def run(
    checks: Sequence[Check[B]], bench: B, *, edition: Edition, slow: bool, tell: Callable[[Line], None]
) -> list[Line]:
    """Run the checks of an edition; ``tell`` is given each line as it is known."""
    lines = []
    for check in checks:
        if edition not in check.editions:
            continue
        found = (
            untestable("费时，须加 --slow", "takes long; add --slow")
            if check.slow and not slow
            else await _one(check, bench)
        )
        line = Line(
            id=check.id,
            edition=edition,
            must=check.must,
            clause=check.clause,
            verdict=found.verdict,
            seen=found.seen,
        )
        lines.append(line)
        tell(line)
    return lines


async def _one(check: Check[B], bench: B) -> Finding:
    try:
        await bench.ready()
        return await asyncio.wait_for(check.run(bench), MOST)
    except TimeoutError:
        return fails(f"{MOST:.0f} 秒内没有结果", f"no result within {MOST:.0f} s")
    except OSError as error:
        why = error.strerror or str(error)
        return fails(f"连接失败：{why}", f"the connection failed: {why}")
