"""The face of quality control: enter, correct, withdraw and review checks; regimes; what is due, what is undone."""

from __future__ import annotations

from qingtian.law.quality.judging import CheckNotJudged
from qingtian.office.quality.access import (
    check,
    checks,
    checks_about,
    checks_before,
    due_of,
    file,
    instruments,
    may,
    may_record,
    may_set,
    timeline,
    undone,
)
from qingtian.office.quality.actions import (
    CheckNotLive,
    correct_check,
    record_check,
    record_checks,
    review_check,
    set_regime,
    withdraw_check,
)
from qingtian.office.quality.alarms import DETECTOR, LEVEL, watch
from qingtian.office.quality.book import filled, pairs_of, read
from qingtian.office.quality.due_list import ORDERS as DUE_ORDERS
from qingtian.office.quality.due_list import Due, due
from qingtian.office.quality.entering import CheckRefused, Wanted, chain
from qingtian.office.quality.models import Check, CheckFile, Instrument, State, Verdict

__all__ = [
    "DETECTOR",
    "DUE_ORDERS",
    "LEVEL",
    "Check",
    "CheckFile",
    "CheckNotJudged",
    "CheckNotLive",
    "CheckRefused",
    "Due",
    "Instrument",
    "State",
    "Verdict",
    "Wanted",
    "chain",
    "check",
    "checks",
    "checks_about",
    "checks_before",
    "correct_check",
    "due",
    "due_of",
    "file",
    "filled",
    "instruments",
    "may",
    "may_record",
    "may_set",
    "pairs_of",
    "read",
    "record_check",
    "record_checks",
    "review_check",
    "set_regime",
    "timeline",
    "undone",
    "watch",
    "withdraw_check",
]
