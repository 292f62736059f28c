"""Bytes near the corpus: pieces of seeds, changed as wires, faulty devices and hostile ones change them."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from qingtian.stream.hj212.segment import encode_frame

TOKENS = (
    *(
        b"##",
        b"##0000",
        b"##9999",
        b"&&",
        b"CP=&&",
        b"\r\n",
        b"\n",
        b";",
        b",",
        b"=",
        b"-",
        b"*",
        b" ",
        b"\x00",
        b"\xff",
    ),
    *(b"QN=", b"MN=", b"PNUM=9999;PNO=1;", b"Flag=255;", b"w01018-Rtd=", b"Zs", b"//", b"{0x", b"1e999", b"9" * 40),
    *("é".encode(), "清洗".encode("gbk"), b"DataTime=99999999999999", b"\xd4\xc3\xb2\xa1"),
)
LONGEST = 6000


def _flip(data: bytearray, dice: Random, seeds: list[bytes]) -> None:
    if data:
        data[dice.randrange(len(data))] = dice.randrange(256)


def _cut(data: bytearray, dice: Random, seeds: list[bytes]) -> None:
    start = dice.randrange(len(data) + 1)
    del data[start : start + dice.randrange(1, 40)]


def _insert(data: bytearray, dice: Random, seeds: list[bytes]) -> None:
    place = dice.randrange(len(data) + 1)
    data[place:place] = dice.choice(TOKENS) * dice.choice((1, 1, 1, 2, 30, 400))


def _repeat(data: bytearray, dice: Random, seeds: list[bytes]) -> None:
    start = dice.randrange(len(data) + 1)
    part = bytes(data[start : start + dice.randrange(1, 60)])
    data[start:start] = part * dice.choice((1, 2, 50))


def _splice(data: bytearray, dice: Random, seeds: list[bytes]) -> None:
    other = dice.choice(seeds)
    place = dice.randrange(len(data) + 1)
    start = dice.randrange(len(other) + 1)
    data[place:place] = other[start : start + dice.randrange(1, 300)]


def _frame(data: bytearray, dice: Random, seeds: list[bytes]) -> None:
    """Give it the length and the checksum it should have, so that what is inside is read."""
    data[:] = encode_frame(bytes(data[:4000]))


MUTATIONS: tuple[Callable[[bytearray, Random, list[bytes]], None], ...] = (
    *(_flip, _cut, _insert, _repeat, _splice, _frame),
)


def mutated(dice: Random, seeds: list[bytes]) -> bytes:
    """Return a seed after a few mutations."""
    data = bytearray(dice.choice(seeds))
    for _ in range(dice.choice((0, 1, 1, 2, 3, 5, 8))):
        dice.choice(MUTATIONS)(data, dice, seeds)
        del data[LONGEST:]
    return bytes(data)
