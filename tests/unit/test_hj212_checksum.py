"""The checksum against the vectors of annex A and of the domain page."""

from __future__ import annotations

import pytest

from qingtian.stream.hj212 import kernels
from qingtian.stream.hj212.checksum import checksum, checksum_by_definition, printed

HEAD_2017 = "QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&"
ANSWER_2017 = "QN=20160801085857223;ST=91;CN=9014;PW=123456;MN=010000A8900016F000169DC0;Flag=4;CP=&&&&"
HEAD_2025 = "QN=20240601085857223;ST=32;CN=1011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&&&"

VECTORS = [
    ("", 0xFFFF),
    ("A", 0x7080),
    ("123456789", 0x2F80),
    (HEAD_2017, 0x1C80),
    (ANSWER_2017, 0x3240),
    (HEAD_2025, 0x2200),
    ("ST=32;CN=2011;PW=123456;MN=88888880000001;Flag=0;CP=&&&&", 0x3FC0),
]


@pytest.mark.parametrize(("text", "expected"), VECTORS)
def test_it_gives_the_printed_checksum(text: str, expected: int) -> None:
    assert checksum_by_definition(text.encode()) == expected
    assert checksum(text.encode()) == expected
    assert kernels.checksum(text.encode()) == expected


def test_it_is_not_the_modbus_checksum() -> None:
    assert checksum(b"123456789") != 0x4B37


def test_it_prints_four_upper_case_digits_high_byte_first() -> None:
    assert printed(0x00C1) == b"00C1"
    assert printed(checksum(HEAD_2017.encode())) == b"1C80"
