"""Digests of many pieces at once are those of hashlib, whether OpenSSL's functions are there to be called or not."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from qingtian.office.ledger import hashing, merkle

# around the ends of blocks of 64 bytes and of the padding behind the last
SIZES = [0, 1, 54, 55, 56, 63, 64, 65, 119, 120, 127, 128, 129, 1000, 70_000, 0, 3]


@pytest.fixture(params=["as found", "not told"])
def _either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "not told":
        monkeypatch.setattr(hashing, "functions", lambda: np.zeros(0, np.int64))


@pytest.mark.usefixtures("_either_way")
def test_each_piece_has_the_digest_that_hashlib_gives() -> None:
    text = np.random.default_rng(7).integers(0, 256, sum(SIZES), dtype=np.uint8)
    stops = np.cumsum(SIZES)
    found = hashing.of_pieces(text, stops)
    pieces = [text[stop - size : stop].tobytes() for size, stop in zip(SIZES, stops, strict=True)]
    assert [each.tobytes() for each in found] == [hashlib.sha256(piece).digest() for piece in pieces]


@pytest.mark.usefixtures("_either_way")
def test_ends_may_be_a_column_of_a_table_and_of_nothing_there_is_nothing() -> None:
    text = np.frombuffer(b"abcdef", np.uint8)
    table = np.array([[9, 3], [9, 6]], np.int64)
    found = hashing.of_pieces(text, table[:, 1])
    assert [each.tobytes() for each in found] == [hashlib.sha256(b"abc").digest(), hashlib.sha256(b"def").digest()]
    assert hashing.of_pieces(text, table[:0, 1]).shape == (0, hashing.DIGEST)


@pytest.mark.usefixtures("_either_way")
@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 255, 256, 257])
def test_the_root_over_hashes_is_that_of_the_merkle_tree_and_they_stay_as_they_are(count: int) -> None:
    hashes = np.random.default_rng(count).integers(0, 256, (count, hashing.DIGEST), dtype=np.uint8)
    before = hashes.copy()
    assert hashing.fold(hashes) == merkle.fold([each.tobytes() for each in hashes])
    assert (hashes == before).all()
