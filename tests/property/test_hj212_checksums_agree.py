"""The checksum by folding is the checksum by definition, for bytes of every length."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.property.hj212_strategies import modest

from qingtian.stream.hj212 import kernels
from qingtian.stream.hj212.checksum import checksum, checksum_by_definition

kernels.warm()


@modest
@given(data=st.one_of(st.binary(max_size=40), st.binary(min_size=400, max_size=700)))
def test_three_ways_give_one_checksum(data: bytes) -> None:
    assert kernels.checksum(data) == checksum(data) == checksum_by_definition(data)


@modest
@given(parts=st.lists(st.binary(max_size=80), min_size=1, max_size=5))
def test_the_checksums_of_many_are_those_of_each(parts: list[bytes]) -> None:
    offsets = np.cumsum([0, *map(len, parts)])
    assert kernels.checksums(b"".join(parts), offsets).tolist() == [checksum(part) for part in parts]
