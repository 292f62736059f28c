"""A matter's state as plain JSON values and back, exactly: what an office stores between two acts.

The definition is not stored with it, only its code and version; types of facts are read from the definition.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from qingtian.base.errors import QingtianError
from qingtian.law.machine.definition import Definition
from qingtian.law.machine.state import ClockRun, Done, FactValue, PaperKept, State, Taken
from qingtian.law.machine.values import READ
from qingtian.law.pauses import Pause
from qingtian.law.terms import Grant

PARTS = frozenset({State, Done, PaperKept, ClockRun, Pause, Grant, Taken})
AS_IT_IS = frozenset({str, int, bool, type(None)})


class RecordNotReadable(QingtianError):
    code = "machine.record_not_readable"
    zh = "事项记录无法按 {code} 第 {version} 版读出：{why}。请核对记录和事项定义的版本。"
    en = (
        "The record cannot be read under {code} version {version}: "
        "{why}. Check the record, and the version of the kind."
    )


def written(state: State) -> dict[str, Any]:
    """Return the state in values that JSON knows: amounts and dates as text, tuples and sets as lists."""
    found: dict[str, Any] = _plain(state)
    return found


def _plain(value: Any) -> Any:
    # by its type, and no call for what stays as it is: this runs with every act
    kind = type(value)
    if kind in AS_IT_IS:
        return value
    if kind in PARTS:
        return {key: each if type(each) in AS_IT_IS else _plain(each) for key, each in vars(value).items()}
    if kind is tuple or kind is list:
        return [each if type(each) in AS_IT_IS else _plain(each) for each in value]
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return {key: each if type(each) in AS_IT_IS else _plain(each) for key, each in value.items()}
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | str) else value


def read(definition: Definition, record: Mapping[str, Any]) -> State:
    """Return the state that `written` wrote.

    :raises RecordNotReadable: if it belongs to another definition, or is damaged.
    """
    manifest = definition.manifest
    try:
        if (record["code"], record["version"]) != (manifest.code, manifest.version):
            raise ValueError(f"it was written under {record['code']} version {record['version']}")
        return _state(definition, record)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise RecordNotReadable(code=manifest.code, version=manifest.version, why=error) from error


def _state(definition: Definition, record: Mapping[str, Any]) -> State:
    return State(
        code=record["code"],
        version=record["version"],
        stage=record["stage"],
        closed=record["closed"],
        source=record["source"],
        reference=record["reference"],
        facts=_facts(definition, record["facts"]),
        assigned={role: tuple(names) for role, names in record["assigned"].items()},
        acted={role: frozenset(names) for role, names in record["acted"].items()},
        papers=tuple(PaperKept(name=row["name"], at=_moment(row["at"]), act=row["act"]) for row in record["papers"]),
        clocks=tuple(map(_clock, record["clocks"])),
        history=tuple(_done(definition, row) for row in record["history"]),
        # what was written before there were figures of the authority has none
        settings={name: Decimal(value) for name, value in record.get("settings", {}).items()},
        taken=_taken(record.get("taken")),
    )


def _taken(row: Mapping[str, Any] | None) -> Taken | None:
    if row is None:
        return None
    kept = {key: row[key] for key in ("number", "file", "row")}
    return Taken(acts=tuple(row["acts"]), papers=tuple(row["papers"]), **kept)


def _facts(definition: Definition, rows: Mapping[str, Any]) -> dict[str, FactValue]:
    return {name: READ[definition.facts[name].type](value) for name, value in rows.items()}


def _done(definition: Definition, row: Mapping[str, Any]) -> Done:
    kept = {key: row[key] for key in ("act", "by", "role", "source", "target")}
    facts = _facts(definition, row["facts"])
    return Done(at=_moment(row["at"]), present=tuple(row["present"]), facts=facts, **kept)


def _clock(row: Mapping[str, Any]) -> ClockRun:
    return ClockRun(
        clock=row["clock"],
        start=_when(row["start"]),
        due=None if row["due"] is None else _when(row["due"]),
        variant=row["variant"],
        pauses=tuple(
            Pause(first=_day(each["first"]), last=_day(each["last"]), reason=each["reason"], paper=each["paper"])
            for each in row["pauses"]
        ),
        grants=tuple(Grant(**each) for each in row["grants"]),
        paused_on=None if row["paused_on"] is None else _day(row["paused_on"]),
        pause_reason=row["pause_reason"],
        # what was paused before papers were noted has none
        pause_paper=row.get("pause_paper", ""),
        stopped=None if row["stopped"] is None else _moment(row["stopped"]),
        provisional=row["provisional"],
    )


def _when(text: str) -> date | datetime:
    return _moment(text) if "T" in text else _day(text)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _day(text: str) -> date:
    return date.fromisoformat(text)
