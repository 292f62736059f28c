"""What a check is: an id, what must hold, the clause that says so, the editions, and a way to find out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from qingtian.base.errors import Term
from qingtian.stream.hj212 import Edition

ALL = frozenset(Edition)
LATER = frozenset({Edition.HJ2017, Edition.HJ2025})
ONLY_2005, ONLY_2017, ONLY_2025 = (frozenset({edition}) for edition in Edition)

B = TypeVar("B")


class Verdict(Enum):
    """成立、不成立、无法检验."""

    HOLDS = "holds"
    FAILS = "does_not"
    UNTESTABLE = "not_testable"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a check found: the verdict, and what was seen that it rests on."""

    verdict: Verdict
    seen: Term


@dataclass(frozen=True, kw_only=True)
class Check(Generic[B]):
    """One rule. ``run`` is given the bench it works at. ``slow``: it has to wait for time-outs."""

    id: str
    must: Term
    clause: str
    editions: frozenset[Edition]
    run: Callable[[B], Awaitable[Finding]]
    slow: bool = False


class Book(Generic[B]):
    """The checks of one subject, in the order in which they are written."""

    def __init__(self, subject: str) -> None:
        self._subject = subject
        self.checks: list[Check[B]] = []

    def check(
        self, name: str, zh: str, en: str, *, clause: str, editions: Iterable[Edition] = ALL, slow: bool = False
    ) -> Callable[[Callable[[B], Awaitable[Finding]]], Callable[[B], Awaitable[Finding]]]:
        """Enter the decorated function as a check."""

        def enter(run: Callable[[B], Awaitable[Finding]]) -> Callable[[B], Awaitable[Finding]]:
            self.checks.append(
                Check(
                    id=f"{self._subject}.{name}",
                    must=Term(zh=zh, en=en),
                    clause=clause,
                    editions=frozenset(editions),
                    run=run,
                    slow=slow,
                )
            )
            return run

        return enter


def holds(zh: str, en: str) -> Finding:
    return Finding(verdict=Verdict.HOLDS, seen=Term(zh=zh, en=en))


def fails(zh: str, en: str) -> Finding:
    return Finding(verdict=Verdict.FAILS, seen=Term(zh=zh, en=en))


def untestable(zh: str, en: str) -> Finding:
    return Finding(verdict=Verdict.UNTESTABLE, seen=Term(zh=zh, en=en))


def decided(condition: bool, *, good: tuple[str, str], bad: tuple[str, str]) -> Finding:
    """Return what holds or not, with what was seen in either case."""
    return holds(*good) if condition else fails(*bad)
