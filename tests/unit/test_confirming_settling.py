"""Stretches wait until their outlet's data settle, and no longer than that."""

from __future__ import annotations

from qingtian.stream.confirming.settling import LONGEST_S, Settling


def test_what_goes_on_arriving_waits_and_grows_and_what_is_quiet_goes() -> None:
    settling = Settling({}, quiet_s=60)
    settling.add({"A": (10, 20), "B": (5, 6)}, now=0)
    settling.add({"A": (0, 15)}, now=50)
    assert settling.ripe(now=60) == {"B": (5, 6)}
    assert settling.held() == {"A": (0, 20)}
    assert settling.ripe(now=110) == {"A": (0, 20)}
    assert settling.ripe(now=500) == {}


def test_no_outlet_waits_for_ever() -> None:
    settling = Settling({}, quiet_s=60)
    for now in range(0, int(LONGEST_S) + 30, 30):
        settling.add({"A": (0, now + 1)}, now=now)
    assert settling.ripe(now=LONGEST_S + 1) == {"A": (0, int(LONGEST_S) + 1)}


def test_what_waited_when_the_process_ended_does_not_wait_again() -> None:
    assert Settling({"A": (1, 2)}, quiet_s=60).ripe(now=0) == {"A": (1, 2)}
