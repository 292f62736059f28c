"""Addresses kept out after failed log-ins: counted in a window, by reason, forgotten in time."""

from __future__ import annotations

from datetime import date

from qingtian.stream.gateway.clocks import ClockRule, Clocks, clock_rule
from qingtian.stream.gateway.lockout import MOST_ADDRESSES, Lockout, LockRule, lock_rules

RULE = {"wrong_password": LockRule(failures=3, window_s=10.0, locked_s=60.0)}


def test_it_counts_failures_within_the_window_only() -> None:
    lockout = Lockout(RULE)
    assert [lockout.failed("a", "wrong_password", now=now) for now in (0.0, 6.0, 11.0, 12.0)] == [
        False,
        False,
        False,
        True,
    ]


def test_each_address_and_each_reason_has_its_own_count() -> None:
    lockout = Lockout(RULE)
    tries = [("a", "wrong_password"), ("b", "wrong_password"), ("a", "garbage")] * 2
    assert not any(lockout.failed(address, reason, now=1.0) for address, reason in tries)


def test_a_lock_ends_by_itself() -> None:
    lockout = Lockout(RULE)
    lockout.lock("a", "wrong_password", now=100.0)
    assert [lockout.is_locked("a", now=now) for now in (100.0, 159.9, 160.1)] == [True, True, False]
    assert not lockout.is_locked("b", now=100.0)


def test_it_forgets_addresses_rather_than_grow() -> None:
    lockout = Lockout(RULE)
    for number in range(MOST_ADDRESSES + 50):
        lockout.failed(f"address {number}", "wrong_password", now=1.0)
    assert len(lockout._failures) == MOST_ADDRESSES


def test_the_rules_in_force_name_the_reasons_of_refusals() -> None:
    rules = lock_rules(date(2026, 11, 22))
    assert set(rules) == {"wrong_password", "unknown_mn"}
    assert rules["wrong_password"].failures < rules["unknown_mn"].failures


def test_a_wrong_clock_is_to_be_set_once_in_a_while() -> None:
    clocks = Clocks(ClockRule(offset_s=60.0, again_s=3600.0))
    said = [clocks.wrong("a", offset, now=now) for offset, now in ((59.0, 0), (-61.0, 1), (500.0, 3600), (500.0, 3602))]
    assert said == [False, True, False, True]
    assert clock_rule(date(2026, 11, 22)).offset_s > 0
