"""Statistics of deviations by device."""

from __future__ import annotations

from qingtian.stream.hj212.tally import Share, Tally


def test_it_counts_by_device_the_most_frequent_first() -> None:
    tally = Tally()
    for codes in (["unknown_tag"], ["checksum_modbus", "unknown_tag"], []):
        tally.add("A", codes)
    tally.add("B", ["glued"])
    assert list(tally) == [
        Share(mn="A", code="unknown_tag", count=2, packets=3),
        Share(mn="A", code="checksum_modbus", count=1, packets=3),
        Share(mn="B", code="glued", count=1, packets=1),
    ]


def test_strangers_cannot_fill_the_memory() -> None:
    tally = Tally(devices=2)
    for mn in ("A", "B", "A", "C", "D"):
        tally.add(mn, ["glued"])
    assert [share.mn for share in tally] == ["C", "D"]
