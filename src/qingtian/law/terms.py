"""How long a clock runs in one case: its plain length or a variant's, and the extensions that were granted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qingtian.base.errors import QingtianError
from qingtian.law.clocks import Clock, Extension, Unit, Variant, Words


class ExtensionNotForeseen(QingtianError):
    code = "terms.extension_not_foreseen"
    zh = "期限 {clock} 依规则只能延长 {allowed} 次，要求了 {asked} 次（{wording}）。请减少延长，或选用其他情形。"
    en = (
        "Clock {clock} may be extended {allowed} time(s) by its rule, {asked} were asked. The rule says: {wording}. "
        "Ask for fewer, or choose a variant."
    )


class ExtensionOutOfBounds(QingtianError):
    code = "terms.extension_out_of_bounds"
    zh = "期限 {clock} 第 {number} 次延长须在 1 至 {most} 之间，给出的是 {count}。请按批准文件更正。"
    en = "Extension {number} of {clock} must be 1 to {most}; {count} was given. Correct it by the paper of approval."


class LengthNotStated(QingtianError):
    code = "terms.length_not_stated"
    zh = "期限 {clock} 的“{what.zh}”没有载明长短。请按批准文件给出延长的数字。"
    en = "The rule of {clock} does not state how long “{what.en}” is. Give the figure that the approval states."


@dataclass(frozen=True, kw_only=True)
class Grant:
    """An extension given in a case; ``count`` None means all that the rule allows."""

    count: int | None = None
    approver: str | Words = ""
    paper: str | Words = ""


@dataclass(frozen=True, kw_only=True)
class Granted:
    """An extension with its length settled, in the unit of the clock."""

    count: int
    rule: Extension
    grant: Grant


@dataclass(frozen=True, kw_only=True)
class Term:
    """``count`` (without extensions) and ``unit`` of one case, the variant it stands on, and what was granted."""

    count: int
    unit: Unit
    variant: Variant | None
    granted: tuple[Granted, ...]

    @property
    def total(self) -> int:
        return self.count + sum(each.count for each in self.granted)


def term(clock: Clock, *, variant: str | None = None, grants: Sequence[Grant] = ()) -> Term:
    """Settle the length of a clock; of a fixed day the count is zero.

    :raises UnknownVariant: if the clock has no such variant.
    :raises LengthNotStated: if the rule gives no figure and neither does the grant.
    :raises ExtensionNotForeseen: if more extensions are granted than the rule allows.
    :raises ExtensionOutOfBounds: if one is longer than the rule allows, or not at least 1.
    """
    special = clock.variant(variant) if variant else None
    if special and special.count is None:
        raise LengthNotStated(clock=clock.name, what=special.words)
    if len(grants) > len(clock.extensions):
        raise ExtensionNotForeseen(
            clock=clock.name,
            allowed=len(clock.extensions),
            asked=len(grants),
            wording=clock.extension_wording or "-",
        )
    pairs = enumerate(zip(clock.extensions, grants, strict=False), start=1)
    return Term(
        count=(special.count if special else clock.count) or 0,
        unit=special.unit if special else clock.unit,
        variant=special,
        granted=tuple(_granted(clock, rule, grant, number=number) for number, (rule, grant) in pairs),
    )


def _granted(clock: Clock, rule: Extension, grant: Grant, *, number: int) -> Granted:
    count = rule.count if grant.count is None else grant.count
    if count is None:
        raise LengthNotStated(clock=clock.name, what=rule.when or clock.words)
    if count < 1 or (rule.count is not None and count > rule.count):
        most = "…" if rule.count is None else rule.count
        raise ExtensionOutOfBounds(clock=clock.name, number=number, most=most, count=count)
    return Granted(count=count, rule=rule, grant=grant)
