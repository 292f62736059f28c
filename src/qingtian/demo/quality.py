"""Give a few outlets of the demo city a register of quality control: kept in time, overdue, failed; by checks.yaml."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from importlib.resources import files
from typing import Any

import yaml

from qingtian.base.times import BEIJING
from qingtian.demo import city
from qingtian.demo.city import Firm
from qingtian.office.people.api import User
from qingtian.office.quality.api import Wanted, record_checks, set_regime

SETTERS = {"440306": "officer", "440305": "officer2"}
TECHNICIAN = "林工（运维单位，演示）"


def put(*, at: datetime) -> int:
    """Enter the checks, then say how the instruments are kept; return how many checks. Not to be done twice."""
    document = yaml.safe_load(files("qingtian.demo").joinpath("checks.yaml").read_text(encoding="utf-8"))
    users = {user.username: user for user in User.objects.filter(synthetic=True)}
    oldest = timedelta(days=document["since_days"])
    done = 0
    for told in document["outlets"]:
        firm = _firm(told)
        wanted = [(firm.outlet_code, one) for one in _checks(told["instruments"], firm, oldest=oldest, at=at)]
        done += len(record_checks(acting_user=users[told["by"]], wanted=wanted, at=at))
        for instrument in told["instruments"]:
            set_regime(
                acting_user=users[SETTERS[told["district"]]],
                outlet_code=firm.outlet_code,
                mn=firm.mn,
                factor=instrument["factor"],
                regime=instrument["regime"],
                since=(at - oldest).astimezone(BEIJING).date(),
                at=at,
            )
    return done


def _firm(told: Mapping[str, Any]) -> Firm:
    of_kind = [one for one in city.firms() if (one.kind.key, one.district.code) == (told["kind"], told["district"])]
    found: Firm = of_kind[told["nth"]]
    return found


def _checks(
    instruments: Sequence[Mapping[str, Any]], firm: Firm, *, oldest: timedelta, at: datetime
) -> Iterator[Wanted]:
    dice = random.Random(firm.code)
    for instrument in instruments:
        for told in instrument["checks"]:
            for days in range(told["days"], oldest.days + 1, told.get("every", oldest.days + 1)):
                when = _when(days, told["clock"], at)
                if when <= at:
                    yield _check(instrument["factor"], told, when, _error(told, days), dice)


def _when(days: int, clock: str, at: datetime) -> datetime:
    day = (at - timedelta(days=days)).astimezone(BEIJING).date()
    return datetime.combine(day, time.fromisoformat(clock), BEIJING)


def _error(told: Mapping[str, Any], days: int) -> float | None:
    """Return the error of the check that fails, None for those that do not."""
    fails = told.get("fails")
    return float(fails["error"]) if fails and fails["days"] == days else None


def _check(factor: str, told: Mapping[str, Any], when: datetime, error: float | None, dice: random.Random) -> Wanted:
    span = told.get("span")
    pairs = []
    for reference in told["references"]:
        part = error if error is not None else max(-1.6, min(1.6, dice.gauss(0, 0.6))) * told["scatter"]
        pairs.append((float(reference), round(reference + part / 100 * (span or reference), 2)))
    return Wanted(factor=factor, kind=told["kind"], at=when, pairs=pairs, span=span, technician=TECHNICIAN)
