"""Which limits bind: the stricter of standard and permit, day by day; what was remembered only warns."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from qingtian.law.binding import PENALTY, PERMIT, STANDARD, WARN, Binding, Candidate, Confirmation, resolve
from qingtian.law.limits import Bound

READ = Confirmation(by="李审核", at="2026-11-20T09:00:00+08:00", document="GB 18485-2014 第4页")


def candidate(name: str, upper: str | None = "50", *, basis: str = STANDARD, **given: Any) -> Candidate:
    confirmation = given.pop("confirmation", None)
    plain: dict[str, Any] = {
        "factor": "a21002", "period": "hour", "lower": None, "unit": "mg/m3", "measure": "ZsAvg",
        "reference_oxygen": None, "source": "test", "certainty": "read", "start": None, "end": None,
    }  # fmt: skip
    figure = None if upper is None else Decimal(upper)
    bound = Bound(**(plain | {"upper": figure, "standard": name, "printed": f"<= {upper}"} | given))
    return Candidate(bound=bound, basis=basis, key=name, confirmation=confirmation)


def told(found: tuple[Binding, ...]) -> list[tuple[object, date | None, date | None, str]]:
    return [(one.candidate.key, one.start, one.end, one.candidate.support) for one in found]


def test_it_takes_the_stricter_of_standard_and_permit_and_says_what_it_considered() -> None:
    (found,) = resolve([candidate("GB", "150"), candidate("permit", "120", basis=PERMIT)])
    assert found.candidate.key == "permit"
    assert "取最严：permit (<= 120)；另考虑了GB (<= 150)" in found.zh
    assert "the strictest: permit (<= 120); also considered: GB (<= 150)" in found.en


def test_it_cuts_the_time_where_a_limit_begins_or_ends() -> None:
    autumn, winter = date(2026, 9, 1), date(2026, 12, 1)
    found = resolve([candidate("GB", "150"), candidate("permit", "120", basis=PERMIT, start=autumn, end=winter)])
    assert told(found) == [
        ("GB", None, autumn, PENALTY),
        ("permit", autumn, winter, PENALTY),
        ("GB", winter, None, PENALTY),
    ]


def test_a_permit_looser_than_the_standard_does_not_loosen_it() -> None:
    (found,) = resolve([candidate("GB", "150"), candidate("permit", "200", basis=PERMIT)])
    assert found.candidate.key == "GB"


def test_a_figure_from_memory_warns_beside_the_strictest_that_was_read() -> None:
    found = resolve([candidate("GB", "250"), candidate("SZDB", "80", certainty="memory")])
    assert told(found) == [("SZDB", None, None, WARN), ("GB", None, None, PENALTY)]
    assert "只能预警" in found[1].zh


def test_it_supports_a_penalty_once_somebody_has_confirmed_it() -> None:
    (found,) = resolve([candidate("GB", "250"), candidate("SZDB", "80", certainty="memory", confirmation=READ)])
    assert (found.candidate.key, found.candidate.support) == ("SZDB", PENALTY)
    assert "李审核于2026-11-20依据《GB 18485-2014 第4页》确认" in found.zh


def test_it_compares_figures_at_the_same_oxygen() -> None:
    # 60 at 3.5 % is 60 * (21 - 9) / (21 - 3.5) = 41.1 at 9 %, stricter than 50 at 9 %
    (found,) = resolve([candidate("coal", "50", reference_oxygen=9.0), candidate("gas", "60", reference_oxygen=3.5)])
    assert found.candidate.key == "gas"


def test_the_higher_of_two_lower_bounds_is_the_stricter_and_sides_are_apart() -> None:
    low = {"lower": Decimal(6), "printed": ">= 6", "factor": "w01001", "measure": "Avg"}
    tight = low | {"lower": Decimal("6.5"), "printed": ">= 6.5"}
    high = candidate("GB", "9", factor="w01001", measure="Avg")
    found = resolve([candidate("GB", None, **low), candidate("permit", None, **tight), high])
    assert [(one.candidate.key, one.candidate.bound.lower) for one in found] == [
        ("permit", Decimal("6.5")),
        ("GB", None),
    ]
