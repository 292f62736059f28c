"""The targets 转发目标 of a plan, as the relay needs them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from qingtian.bus.plans import PlanRelay, PlanSnapshot
from qingtian.stream.hj212.editions import Edition


@dataclass(frozen=True, kw_only=True)
class Leg:
    """One device on its way to a target: ``mn`` here, ``as_mn`` and ``pw`` there. ``pw`` is never logged."""

    mn: str
    as_mn: str
    pw: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Target:
    """Another platform. ``edition`` None: as received. ``factors`` None: all; else 2017 codes.

    ``answer_s``, ``retries``: its own, None for those of the rule. ``legs`` by MN, ``back`` by the MN there.
    """

    code: str
    name: str
    host: str
    port: int
    enabled: bool
    edition: Edition | None = None
    allow_commands: bool = False
    factors: frozenset[str] | None = None
    answer_s: float | None = None
    retries: int | None = None
    legs: Mapping[str, Leg] = field(default_factory=dict)

    @property
    def back(self) -> dict[str, Leg]:
        return {leg.as_mn: leg for leg in self.legs.values()}


def targets(plan: PlanSnapshot) -> dict[str, Target]:
    """Return the targets of a plan by code."""
    return {relay["code"]: _target(relay) for relay in plan.get("relays", ())}


def _target(relay: PlanRelay) -> Target:
    factors, edition = relay.get("factors"), relay.get("edition")
    legs = [Leg(mn=one["mn"], as_mn=one["as_mn"], pw=one["pw"]) for one in relay["devices"]]
    return Target(
        code=relay["code"],
        name=relay["name"],
        host=relay["host"],
        port=relay["port"],
        enabled=relay["enabled"],
        edition=Edition(int(edition)) if edition else None,
        allow_commands=relay["allow_commands"],
        factors=None if factors is None else frozenset(factors),
        answer_s=relay.get("answer_s"),
        retries=relay.get("retries"),
        legs={leg.mn: leg for leg in legs},
    )
