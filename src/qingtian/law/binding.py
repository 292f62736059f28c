"""Which limits bind an outlet (限值适用): of standards and permit the stricter one, per factor and period, day by day.

A limit whose figure was remembered and not read binds, but supports no penalty until a person has confirmed it; so next
to it the strictest limit that does support one binds too. Each comes with the reason, Chinese and English.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from qingtian.law.limits import Bound

STANDARD, PERMIT = "standard", "permit"
WARN, PENALTY = "warn", "penalty"
AIR_OXYGEN = 21.0

DAWN, DUSK = date.min, date.max


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """Who confirmed a figure, when (ISO 8601), and the document it was read in."""

    by: str
    at: str
    document: str

    def as_dict(self) -> Mapping[str, str]:
        return {"by": self.by, "at": self.at, "document": self.document}


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A limit that could bind: a bound of a standard or of the permit; ``key`` is the caller's name for it."""

    bound: Bound
    basis: str
    key: object
    confirmation: Confirmation | None = None

    @property
    def support(self) -> str:
        """What the limit can carry: a figure from memory only warns until it is confirmed."""
        return PENALTY if self.bound.certainty == "read" or self.confirmation else WARN


@dataclass(frozen=True, kw_only=True)
class Binding:
    """A candidate that binds from ``start`` to ``end`` (exclusive; None: open), with all that were considered."""

    candidate: Candidate
    start: date | None
    end: date | None
    considered: tuple[Candidate, ...]
    zh: str
    en: str


def resolve(candidates: Iterable[Candidate]) -> tuple[Binding, ...]:
    """Return the bindings of an outlet's limits, of all dates, by factor, period, measure and side."""
    groups: dict[tuple[str, str, str, bool], list[Candidate]] = {}
    for candidate in candidates:
        bound = candidate.bound
        groups.setdefault((bound.factor, bound.period, bound.measure, bound.lower is None), []).append(candidate)
    return tuple(binding for _, group in sorted(groups.items(), key=lambda one: one[0]) for binding in _of(group))


def _of(group: Sequence[Candidate]) -> Iterator[Binding]:
    """Cut the time where a limit begins or ends; in each piece let the strictest bind; join equal neighbours."""
    edges = sorted({DAWN, DUSK, *(edge for one in group for edge in (one.bound.start, one.bound.end) if edge)})
    pieces = [(start, end, tuple(one for one in group if one.bound.in_force(start))) for start, end in pairwise(edges)]
    joined: list[tuple[date, date, tuple[Candidate, ...]]] = []
    for start, end, known in pieces:
        if joined and joined[-1][2] == known:
            joined[-1] = (joined[-1][0], end, known)
        elif known:
            joined.append((start, end, known))
    for start, end, known in joined:
        yield from _in_piece(start, end, known)


def _in_piece(start: date, end: date, known: tuple[Candidate, ...]) -> Iterator[Binding]:
    strictest = min(known, key=_strictness)
    firm = min((one for one in known if one.support == PENALTY), key=_strictness, default=None)
    for chosen in dict.fromkeys(id(one) for one in (strictest, firm) if one is not None):
        candidate = next(one for one in known if id(one) == chosen)
        zh, en = _explained(candidate, known, strictest)
        yield Binding(
            candidate=candidate,
            start=None if start == DAWN else start,
            end=None if end == DUSK else end,
            considered=known,
            zh=zh,
            en=en,
        )


def _strictness(candidate: Candidate) -> tuple[float, bool, str]:
    """Smaller is stricter. At different reference oxygen the figures are compared at the same one: C is ∝ 21 − O2."""
    bound = candidate.bound
    figure = -float(bound.lower) if bound.lower is not None else float(bound.upper or 0)
    scale = AIR_OXYGEN - bound.reference_oxygen if bound.reference_oxygen else 1.0
    # of two that say the same, the one that carries more, then the permit, then by name
    return figure / scale, candidate.support != PENALTY, f"{candidate.basis != PERMIT}{bound.standard}"


def _explained(chosen: Candidate, known: Sequence[Candidate], strictest: Candidate) -> tuple[str, str]:
    others = [one for one in known if one is not chosen]
    if not others:
        zh, en = f"仅{_named(chosen)}适用", f"only {_named(chosen)} applies"
    elif chosen is strictest:
        zh = f"取最严：{_named(chosen)}；另考虑了{'、'.join(map(_named, others))}"
        en = f"the strictest: {_named(chosen)}; also considered: {', '.join(map(_named, others))}"
    else:
        zh = f"{_named(strictest)}更严，但出处未经人确认，只能预警；可作处罚依据的最严限值是{_named(chosen)}"
        en = (
            f"{_named(strictest)} is stricter, but nobody has confirmed its source, so it only warns; "
            f"the strictest that supports a penalty is {_named(chosen)}"
        )
    return zh + _certainty(chosen, "zh"), en + _certainty(chosen, "en")


def _named(candidate: Candidate) -> str:
    bound = candidate.bound
    oxygen = f" @ {bound.reference_oxygen:g} % O2" if bound.reference_oxygen else ""
    return f"{bound.standard} ({bound.printed}{oxygen})"


def _certainty(candidate: Candidate, language: str) -> str:
    confirmation = candidate.confirmation
    if confirmation:
        if language == "zh":
            return f"；该数值由{confirmation.by}于{confirmation.at[:10]}依据《{confirmation.document}》确认。"
        return f"; {confirmation.by} confirmed the figure on {confirmation.at[:10]} from {confirmation.document}."
    if candidate.support == WARN:
        return "；该数值出处待人确认，仅可预警。" if language == "zh" else "; its source is unconfirmed: it only warns."
    return "。" if language == "zh" else "."
