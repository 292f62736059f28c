"""What a check that somebody enters says: by the rule where figures are given, else by who did it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

from qingtian.base.errors import Term
from qingtian.law.quality import judging
from qingtian.law.quality.judging import CheckNotJudged, Pair
from qingtian.office.quality.models import Verdict

MOST_PAIRS = 60


@dataclass(frozen=True, kw_only=True)
class Said:
    """The figures of a check and, without any, the verdict of who did it."""

    kind: str
    factor: str
    pairs: tuple[Pair, ...]
    span: float | None
    verdict: str


def judged(said: Said, *, medium: str, day: date) -> tuple[str, dict[str, Any]]:
    """Return the verdict, and what the rule says of it (nothing if a person said it).

    :raises CheckNotJudged: if there are neither figures that a rule judges nor a verdict.
    """
    if not all(math.isfinite(number) for pair in said.pairs for number in pair) or len(said.pairs) > MOST_PAIRS:
        why = Term(zh=f"数值须为有限数，最多 {MOST_PAIRS} 对", en=f"figures are finite, and {MOST_PAIRS} pairs at most")
        raise CheckNotJudged(why=why)
    if said.pairs:
        asked = {"kind": said.kind, "factor": said.factor, "pairs": said.pairs, "span": said.span}
        found = judging.judge(**asked, medium=medium, day=day)  # type: ignore[arg-type]
        if found is not None:
            return found.verdict, vars(found)
    if said.verdict not in Verdict.values:
        why = Term(zh="没有填写数值，也没有给出结论", en="there are neither figures that a rule judges nor a verdict")
        raise CheckNotJudged(why=why)
    return said.verdict, {}
