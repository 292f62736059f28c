"""One check judged by its figures: the error, step by step, and whether it is passed (rules/quality/tolerances)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from statistics import fmean, stdev
from typing import Any

import yaml

from qingtian.base.errors import QingtianError, Term
from qingtian.law import rules
from qingtian.law.quality.kinds import class_of
from qingtian.law.rules import Rule

PASSED, ADJUST, OUT = "passed", "adjust", "out_of_control"
"""The verdicts: passed 合格; beyond the requirement, to be adjusted 需调整; the data are out of control 失控."""
EACH = "each"
SHARE = 0.8
"""Of pairs judged one by one this share must be within; of few (up to five) all but one."""

Pair = tuple[float, float]
"""A reference value and what was measured."""


class CheckNotJudged(QingtianError):
    code = "quality.not_judged"
    zh = "这次检查的数值无法判定：{why}。请补全后再提交，或由检查人直接给出结论。"
    en = (
        "The figures of this check cannot be judged: {why}. Complete them, or let who did it say whether it was passed."
    )


@dataclass(frozen=True, kw_only=True)
class Judged:
    """``error`` in ``unit``; ``passes``: what it may be; ``out``: beyond it data are undone (None: none are)."""

    verdict: str
    figure: str
    error: float
    unit: str
    passes: float
    out: float | None
    zh: str
    en: str
    source: str
    certainty: str


def judge(
    *, kind: str, medium: str, factor: str, pairs: Sequence[Pair], span: float | None, day: date
) -> Judged | None:
    """Judge a check by its ``pairs`` (unit of the factor) and the measuring range ``span``; None where no rule does.

    :raises CheckNotJudged: if a figure that the rule needs is missing or cannot be.
    """
    mine = class_of(factor, medium=medium, day=day)
    rows = [
        rule
        for rule in rules.table("quality/tolerances").at(day)
        if mine and rule["kind"] == kind and rule["class"] == mine.code and _names(rule, factor)
    ]
    rule = _fitting(rows, fmean(reference for reference, _ in pairs))
    if rule is None:
        return None
    if len(pairs) < rule["least_pairs"]:
        raise _refused(f"至少需要 {rule['least_pairs']} 对数据", f"at least {rule['least_pairs']} pairs are needed")
    if rule["figure"] == EACH:
        return _each(rule, [one for one in rows if one["figure"] != EACH], pairs, span, day)
    error, places = _error(rule, pairs, span, day)
    return _judged(rule, rule["figure"], error, places)


def _names(rule: Rule, factor: str) -> bool:
    return not rule["factors"] or factor.startswith(tuple(rule["factors"]))


def _fitting(rows: Sequence[Rule], reference: float) -> Rule | None:
    def holds(rule: Rule) -> bool:
        low, high = rule["from_value"], rule["to_value"]
        return (low is None or reference >= low) and (high is None or reference < high)

    return next((rule for rule in rows if holds(rule)), None)


def _error(rule: Rule, pairs: Sequence[Pair], span: float | None, day: date) -> tuple[float, dict[str, Any]]:
    """Return the error and what stands in its sentence."""
    reference, measured = fmean(one for one, _ in pairs), fmean(one for _, one in pairs)
    places: dict[str, Any] = {"reference": reference, "measured": measured, "span": span, "n": len(pairs)}
    figure = rule["figure"]
    if figure == "absolute":
        return measured - reference, places
    if figure == "span_percent":
        if not span or span <= 0:
            raise _refused("没有填写量程", "the measuring range is missing")
        return (measured - reference) / span * 100, places
    if reference == 0:
        raise _refused("参考值为零，不能计算相对误差", "the reference value is zero, so there is no relative error")
    if figure == "relative_percent":
        return (measured - reference) / reference * 100, places
    return _relative_accuracy(pairs, reference, day, places)


def _relative_accuracy(
    pairs: Sequence[Pair], reference: float, day: date, places: dict[str, Any]
) -> tuple[float, dict[str, Any]]:
    """Return the relative accuracy 相对准确度 (HJ 75-2017 annex A)."""
    apart = [measured - known for known, measured in pairs]
    rows = rules.table("quality/student").at(day)
    t = [rule["t"] for rule in rows if rule["freedom"] <= len(pairs) - 1][-1]
    scatter = t * stdev(apart) / math.sqrt(len(pairs))
    places |= {"apart": fmean(apart), "scatter": scatter}
    return (abs(fmean(apart)) + scatter) / abs(reference) * 100, places


def _each(rule: Rule, rows: Sequence[Rule], pairs: Sequence[Pair], span: float | None, day: date) -> Judged:
    """Judge pairs one by one, each by its own band; the error shown is the share that is within, in per cent."""
    held = [_held(rows, pair, span, day) for pair in pairs]
    within = [one for one in held if one.holds]
    needed = min(len(pairs) - 1, math.ceil(SHARE * len(pairs)))
    share, least = (100 * number / len(pairs) for number in (len(within), needed))
    verdict = PASSED if len(within) >= needed else OUT
    places = {"n": len(pairs), "within": len(within), "needed": needed}
    shown = {"zh": "、".join(one.text for one in held), "en": ", ".join(one.text for one in held)}
    return Judged(
        verdict=verdict,
        figure=EACH,
        error=round(share, 6),
        unit="%",
        passes=round(least, 6),
        out=None,
        source=rule.source,
        certainty=rule.certainty,
        zh=_sentence("zh", EACH, verdict, places | {"errors": shown["zh"]}),
        en=_sentence("en", EACH, verdict, places | {"errors": shown["en"]}),
    )


@dataclass(frozen=True, kw_only=True)
class _Held:
    """One pair against its own band: whether it is within, and its error with what is allowed."""

    holds: bool
    text: str


def _held(rows: Sequence[Rule], pair: Pair, span: float | None, day: date) -> _Held:
    own = _fitting(rows, pair[0])
    if own is None:
        raise _refused(
            f"参考值 {pair[0]:g} 没有对应的允许误差", f"no tolerance is known for a reference of {pair[0]:g}"
        )
    error, passes = round(_error(own, [pair], span, day)[0], 6), float(own["passes"])
    unit = f" {own['unit']}".rstrip()
    return _Held(holds=abs(error) <= passes, text=f"{_number(error)}{unit} (±{_number(passes)}{unit})")


def _judged(rule: Rule, figure: str, error: float, places: Mapping[str, Any]) -> Judged:
    error, passes, out = round(error, 6), float(rule["passes"]), rule["out"]
    beyond = out is not None and abs(error) > out
    verdict = PASSED if abs(error) <= passes else OUT if beyond else ADJUST
    shown = {**places, "error": error, "passes": passes, "unit": rule["unit"]}
    own = out is not None and out != passes
    limit = {"out": out} if own else {}
    return Judged(
        verdict=verdict,
        figure=figure,
        error=error,
        unit=rule["unit"],
        passes=passes,
        out=None if out is None else float(out),
        source=rule.source,
        certainty=rule.certainty,
        zh=_sentence("zh", figure, verdict, shown | limit),
        en=_sentence("en", figure, verdict, shown | limit),
    )


@cache
def words(language: str) -> Mapping[str, Any]:
    """Return the words of a language, ``zh`` or ``en``."""
    document = yaml.safe_load((files("qingtian.law.quality") / "words.yaml").read_text(encoding="utf-8"))
    found: Mapping[str, Any] = document[language]
    return found


def _sentence(language: str, figure: str, verdict: str, places: Mapping[str, Any]) -> str:
    own = words(language)
    shown = {name: _number(value) for name, value in places.items()}
    shown["mean"] = own["mean"].format(**shown) if places.get("n", 1) != 1 else ""
    parts = [own["figures"][figure], own["out"] if "out" in places else "", own["verdicts"][verdict]]
    return "".join(str(part).format(**shown) for part in parts)


def _number(value: object) -> str:
    if not isinstance(value, float):
        return str(value)
    text = f"{abs(round(value, 4)):.4f}".rstrip("0").rstrip(".")
    return f"−{text}" if value < 0 and text != "0" else text


def _refused(zh: str, en: str) -> CheckNotJudged:
    return CheckNotJudged(why=Term(zh=zh, en=en))
