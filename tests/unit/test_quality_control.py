"""Quality control: checks judged by their figures, what failed and overdue ones undo, what is due when."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from qingtian.base.times import BEIJING
from qingtian.law import rules
from qingtian.law.quality import calendar, judging, kinds, stretches
from qingtian.law.quality.stretches import Check, Duty

DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=BEIJING)
MN = "A" * 24


def check(number: int, hours: float, verdict: str, **changed: Any) -> Check:
    given = {"mn": MN, "factor": "a21002", "kind": "span_drift", "at": NOON + timedelta(hours=hours)}
    return Check(**{**given, "number": number, "verdict": verdict, **changed})


def found(*checks: Check, medium: str = "gas", duties: tuple[Duty, ...] = ()) -> list[tuple[int, Any, Any, Any]]:
    """Return check, start, end and the last passed of each stretch, in hours from noon."""

    def hours(at: datetime | None) -> float | None:
        return None if at is None else (at - NOON) / timedelta(hours=1)

    told = stretches.out_of_control(checks, medium=medium, duties=duties)
    return [(one.check, hours(one.start), hours(one.end), hours(one.passed)) for one in told]


@pytest.mark.parametrize(
    ("kind", "medium", "factor", "pairs", "span", "error", "verdict"),
    [
        # (101.25 - 100) / 50 = 2.5 %, which is allowed; a hair more is not
        ("zero_drift", "gas", "a21026", [(100, 101.25)], 50.0, 2.5, "passed"),
        ("zero_drift", "gas", "a21026", [(100, 101.26)], 50.0, 2.52, "adjust"),
        ("zero_drift", "gas", "a21026", [(0, -2.6)], 50.0, -5.2, "out_of_control"),
        ("span_drift", "gas", "a34013", [(40, 44.1)], 50.0, 8.2, "out_of_control"),
        # 55 against 50 is 10 %, 45 as well
        ("standard_check", "water", "w01018", [(50, 55)], None, 10.0, "passed"),
        ("standard_check", "water", "w01018", [(50, 44.9)], None, -10.2, "out_of_control"),
        # within 20 and 30 % of 70 and 50, and 5 mg/L of 20: by bands of the reference
        ("comparison", "water", "w01018", [(70, 83), (50, 64), (20, 24.9)], None, 100.0, "passed"),
        ("comparison", "water", "w01018", [(70, 83), (50, 64), (20, 25.1)], None, 200 / 3, "passed"),
        ("comparison", "water", "w01018", [(70, 85), (50, 64), (20, 25.1)], None, 100 / 3, "out_of_control"),
        ("comparison", "water", "w01001", [(7.0, 7.5), (7.1, 6.6), (7.2, 7.2)], None, 100.0, "passed"),
        # mean 30 against 30, in nine pairs
        ("comparison", "gas", "a21026", [(30, 47)] * 9, None, 17.0, "passed"),
        ("comparison", "gas", "a34013", [(8, 13.2)] * 5, None, 5.2, "out_of_control"),
    ],
)
def test_it_judges_a_check_by_its_figures(
    kind: str, medium: str, factor: str, pairs: list[tuple[float, float]], span: Any, error: float, verdict: str
) -> None:
    told = judging.judge(kind=kind, medium=medium, factor=factor, pairs=pairs, span=span, day=DAY)
    assert told is not None
    assert (told.verdict, told.error) == (verdict, pytest.approx(error, abs=1e-6))
    assert told.source
    assert told.zh.endswith("。")
    assert told.en.endswith(".")


def test_it_tells_the_error_of_each_pair_with_what_is_allowed() -> None:
    pairs = [(70.0, 83.0), (50.0, 64.0), (20.0, 25.1)]
    told = judging.judge(kind="comparison", medium="water", factor="w01018", pairs=pairs, span=None, day=DAY)
    assert told is not None
    errors = "18.5714 % (±20 %)、28 % (±30 %)、5.1 mg/L (±5 mg/L)"
    assert told.zh == f"各对误差（及允许误差）：{errors}；3 对数据中 2 对在允许误差之内，至少应有 2 对：合格。"


def test_it_adds_the_confidence_of_few_pairs_to_the_relative_accuracy() -> None:
    # differences 1, 2, 3 on references of 100 and so on up to nine pairs: mean 2, s = 0.866025, t(8) = 2.306
    pairs = [(100.0, 100.0 + apart) for apart in (1, 2, 3) * 3]
    told = judging.judge(kind="comparison", medium="gas", factor="a21001", pairs=pairs, span=None, day=DAY)
    assert told is not None
    # (2 + 2.306 * 0.866025 / 3) / 100
    assert told.error == pytest.approx(2 + 2.306 * 0.8660254 / 3, abs=1e-5)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"kind": "span_drift", "pairs": [(80, 81)], "span": None}, "measuring range"),
        ({"kind": "indication", "pairs": [(0, 81)], "span": None}, "zero"),
        ({"kind": "comparison", "pairs": [(80, 81)], "span": None}, "9 pairs"),
    ],
)
def test_it_says_what_is_missing_to_judge(asked: dict[str, Any], why: str) -> None:
    with pytest.raises(judging.CheckNotJudged) as refused:
        judging.judge(medium="gas", factor="a21026", day=DAY, **asked)
    assert why in refused.value.sentence("en")


def test_it_judges_nothing_where_no_rule_does() -> None:
    assert judging.judge(kind="span_drift", medium="gas", factor="a01014", pairs=[(1, 1)], span=9.0, day=DAY) is None


def test_data_are_out_of_control_from_the_failed_check_until_one_is_passed() -> None:
    checks = (
        check(1, -24, "passed"),
        check(2, 0, "out_of_control"),
        check(3, 1, "out_of_control"),
        check(4, 2, "adjust"),
        check(5, 3, "passed"),
        check(6, 30, "out_of_control"),
    )
    assert found(*checks) == [(2, 0, 3, -24), (6, 30, None, 3)]
    assert all(found(*order) == found(*checks) for order in list(permutations(checks))[::37])


def test_a_check_that_only_asks_for_adjustment_undoes_nothing() -> None:
    assert found(check(1, 0, "adjust"), check(2, 5, "adjust")) == []


def test_a_failed_comparison_of_water_undoes_all_since_the_last_that_was_passed() -> None:
    water = {"factor": "w01018", "kind": "comparison"}
    checks = (
        check(1, -300, "passed", **water),
        check(2, 0, "out_of_control", **water),
        check(3, 9, "passed", **water),
    )
    assert found(*checks, medium="water") == [(2, -300, 9, -300)]
    # none is known to have been passed: from the failed one on
    assert found(*checks[1:], medium="water") == [(2, 0, 9, None)]


def test_a_calibration_ends_what_a_failed_standard_check_began_and_no_other_instrument_does() -> None:
    water = {"factor": "w01018", "kind": "standard_check"}
    begun = check(1, 0, "out_of_control", **water)
    assert found(begun, check(2, 2, "passed", factor="w01018", kind="calibration"), medium="water") == [(1, 0, 2, None)]
    assert found(begun, check(2, 2, "passed", factor="w21003", kind="calibration"), medium="water") == [
        (1, 0, None, None)
    ]
    assert found(begun, check(2, 2, "passed", **water, mn="B" * 24), medium="water") == [(1, 0, None, None)]


def undoing(monkeypatch: pytest.MonkeyPatch, **days: date) -> None:
    """Let an overdue span check of a week undo data, from and to the days given."""
    row = {"regime": "gaseous_extractive", "kind": "span_drift", "days": 7, "soon_days": 2, "overdue": "out_of_control"}
    strict, known = rules.read({"source": "test", "rows": [row | days]}, name="quality/due"), rules.table
    monkeypatch.setattr(rules, "table", lambda name: strict if name == "quality/due" else known(name))


def test_an_overdue_calibration_undoes_data_only_where_the_rule_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    duty = Duty(mn=MN, factor="a21002", regime="gaseous_extractive", since=NOON)
    week, late = 24 * 7, 24 * 9
    checks = (check(1, 0, "passed"), check(2, late, "passed"))
    assert found(*checks, duties=(duty,)) == []
    undoing(monkeypatch)
    assert found(*checks, duties=(duty,)) == [(1, week, late, 0), (2, late + week, None, late)]
    # never made: from when the first was due on
    assert found(duties=(duty,)) == [(0, week, None, None)]


def test_an_overdue_check_undoes_nothing_once_the_instrument_is_not_kept_so_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    undoing(monkeypatch)
    ten, late = 24 * 10, 24 * 20
    duty = Duty(mn=MN, factor="a21002", regime="gaseous_extractive", since=NOON, until=NOON + timedelta(hours=ten))
    assert found(duties=(duty,)) == [(0, 24 * 7, ten, None)]
    # one that was passed long after its end changes nothing of that
    assert found(check(1, late, "passed"), duties=(duty,)) == [(0, 24 * 7, ten, None)]


def test_a_rule_that_comes_into_force_later_holds_for_instruments_that_were_kept_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # a bureau sets it when its register is complete: from the 1st of December, ten days and a half after that noon
    undoing(monkeypatch, **{"from": date(2026, 12, 1), "to": date(2026, 12, 4)})
    duty = Duty(mn=MN, factor="a21002", regime="gaseous_extractive", since=NOON)
    assert found(duties=(duty,)) == [(0, 10.5 * 24, 13.5 * 24, None)]
    assert found(check(1, 24 * 6, "passed"), duties=(duty,)) == [(1, 13 * 24, 13.5 * 24, 24 * 6)]


def test_a_failed_nitric_oxide_undoes_the_nitrogen_oxides_made_of_it() -> None:
    assert stretches.factors_undone("a21003", at=NOON) == ("a21003", "a21002")
    assert stretches.factors_undone("a21026", at=NOON) == ("a21026",)


@pytest.mark.parametrize(
    ("checks", "hours", "state", "due"),
    [
        ([], 24, "kept", 24 * 7),
        ([], 24 * 6, "soon", 24 * 7),
        ([], 24 * 7, "overdue", 24 * 7),
        ([("passed", 24 * 6)], 24 * 8, "kept", 24 * 13),
        ([("out_of_control", 24 * 6)], 24 * 8, "failed", 24 * 7),
        ([("out_of_control", 24 * 6), ("passed", 24 * 6 + 2)], 24 * 8, "kept", 24 * 13 + 2),
        ([("adjust", 24 * 2)], 24 * 3, "adjust", 24 * 7),
        ([("passed", 24 * 2)], 24, "kept", 24 * 7),
    ],
)
def test_it_says_how_each_check_stands_and_when_the_next_is_due(
    checks: list[tuple[str, float]], hours: float, state: str, due: float
) -> None:
    duty = Duty(mn=MN, factor="a21002", regime="gaseous_extractive", since=NOON)
    made = [check(number, at, verdict) for number, (verdict, at) in enumerate(checks, start=1)]
    told = calendar.standings([duty], made, medium="gas", at=NOON + timedelta(hours=hours))
    assert [one.kind for one in told] == ["zero_drift", "span_drift", "full_system", "comparison"]
    assert (told[1].state, told[1].next) == (state, NOON + timedelta(hours=due))


def test_nothing_is_due_of_an_instrument_that_is_not_under_a_regime_any_more() -> None:
    duty = Duty(mn=MN, factor="a21002", regime="gaseous_direct", since=NOON, until=NOON + timedelta(days=3))
    assert calendar.standings([duty], [], medium="gas", at=NOON + timedelta(days=4)) == []
    assert calendar.standings([duty], [], medium="gas", at=NOON - timedelta(days=1)) == []


def test_every_row_of_the_rules_names_what_there_is() -> None:
    classes = {rule["class"] for rule in rules.table("quality/classes").at(DAY)}
    regimes = {rule["regime"] for rule in rules.table("quality/regimes").at(DAY)}
    known = {(rule["kind"]) for rule in rules.table("quality/kinds").at(DAY)}
    assert {one for rule in rules.table("quality/regimes").at(DAY) for one in rule["classes"]} <= classes
    assert {rule["class"] for rule in rules.table("quality/tolerances").at(DAY)} <= classes
    assert {rule["kind"] for rule in rules.table("quality/tolerances").at(DAY)} <= known
    assert {rule["regime"] for rule in rules.table("quality/due").at(DAY)} == regimes
    assert {rule["kind"] for rule in rules.table("quality/due").at(DAY)} <= known


@pytest.mark.parametrize(
    ("factor", "medium", "of_class"),
    [
        ("a34013", "gas", "dust"),
        ("a19001", "gas", "oxygen"),
        ("a21026", "gas", "gaseous"),
        ("a00000", "gas", "gas_flow"),
        ("w01001", "water", "ph"),
        ("w00000", "water", "water_flow"),
        ("w21003", "water", "analyser"),
        ("g10401", "gas", None),
    ],
)
def test_a_factor_has_the_instrument_that_measures_it(factor: str, medium: str, of_class: str | None) -> None:
    told = kinds.class_of(factor, medium=medium, day=DAY)
    assert (told.code if told else None) == of_class
