"""The header kernel for a header as HJ 212-2017 §6.3 prints it: fields in order, numbers of the usual length.

Nearly every packet has one; it is then read in words of eight bytes. Any other is left to `kernel_header.read_header`,
and a property test holds both to the same answer.
"""

# Numba's types are opaque to the type checker
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from numba import types

from qingtian.stream.hj212.kernel_header import (
    AMPERSAND,
    CN,
    COMMA,
    FLAG,
    MN,
    MN_LENGTH,
    PW,
    PW_LENGTH,
    QN,
    QN_LENGTH,
    SEMICOLON,
    ST,
    Longs,
    is_digit,
    read_header,
)
from qingtian.stream.hj212.words import (
    ASCII_ZEROS,
    Bytes,
    digits_number,
    inner,
    kernel,
    lit_where,
    load_word,
    other_than_digits,
    trailing_zeros,
)

SHORTEST = 64
"""Bytes of a segment that the words of a usual header certainly stay in."""

QN_DIGITS = 17


@inner
def usual_number(word: int, first: int, count: int) -> int:
    """Return the number that ``count`` ASCII digits write, from byte ``first`` of ``word`` on, or -1."""
    moved = word >> types.uint64(8 * first) << types.uint64(8 * (8 - count))
    others = other_than_digits(moved) >> types.uint64(8 * (8 - count))
    if others != 0:
        return -1
    digits = (moved ^ types.uint64(ASCII_ZEROS)) >> types.uint64(8 * (8 - count)) << types.uint64(8 * (8 - count))
    return types.int64(digits_number(digits))


@inner
def field_end(buffer: Bytes, start: int, end: int) -> int:
    """Return the place of the semicolon that ends a text, or -1 if a comma or an ampersand comes before it."""
    place = start
    while place + 8 <= end:
        word = load_word(buffer, place)
        hit = lit_where(word, SEMICOLON) | lit_where(word, COMMA) | lit_where(word, AMPERSAND)
        if hit != 0:
            place += types.int64(trailing_zeros(hit) >> types.uint64(3))
            return place if buffer[place] == SEMICOLON else -1
        place += 8
    return -1


@inner
def is_usual_qn(buffer: Bytes, start: int) -> bool:
    """Tell whether ``QN=``, 17 digits and a semicolon stand at ``start``."""
    others = other_than_digits(load_word(buffer, start + 3)) | other_than_digits(load_word(buffer, start + 11))
    return (
        (load_word(buffer, start) & types.uint64(0xFFFFFF)) == types.uint64(0x3D4E51)
        and others == 0
        and is_digit(buffer[start + 19])
        and buffer[start + 20] == SEMICOLON
    )


@inner
def usual_flag(word: int) -> tuple[int, int]:
    """Return the number of ``Flag=`` with one or two digits that ``word`` begins with, and its length with the
    semicolon; -1 if it is anything else."""
    if word & types.uint64(0xFFFFFFFFFF) != types.uint64(0x3D67616C46):
        return -1, 0
    if (word >> types.uint64(48)) & types.uint64(0xFF) == types.uint64(SEMICOLON):
        return usual_number(word, 5, 1), 7
    if word >> types.uint64(56) == types.uint64(SEMICOLON):
        return usual_number(word, 5, 2), 8
    return -1, 0


@kernel
def read_usual_header(buffer: Bytes, start: int, end: int, row: Longs) -> int:
    """Fill ``row`` and return the place behind ``CP=&&``, or return -1 if the header is not written as usual."""
    if end - start < SHORTEST or not is_usual_qn(buffer, start):
        return -1
    system, command = load_word(buffer, start + 21), load_word(buffer, start + 27)
    if system & types.uint64(0xFF0000FFFFFF) != types.uint64(0x3B00003D5453):  # ST=..;
        return -1
    if command & types.uint64(0xFF00000000FFFFFF) != types.uint64(0x3B000000003D4E43):  # CN=....;
        return -1
    place = start + 35
    if load_word(buffer, place) & types.uint64(0xFFFFFF) != types.uint64(0x3D5750):  # PW=
        return -1
    after_pw = field_end(buffer, place + 3, end)
    if after_pw < 0 or after_pw + 16 > end:
        return -1
    if load_word(buffer, after_pw) & types.uint64(0xFFFFFFFF) != types.uint64(0x3D4E4D3B):  # ;MN=
        return -1
    after_mn = field_end(buffer, after_pw + 4, end)
    if after_mn < 0 or after_mn + 17 > end:
        return -1
    flag, length = usual_flag(load_word(buffer, after_mn + 1))
    body = after_mn + 1 + length
    if flag < 0 or load_word(buffer, body) & types.uint64(0xFFFFFFFFFF) != types.uint64(0x26263D5043):  # CP=&&
        return -1
    st, cn = usual_number(system, 3, 2), usual_number(command, 3, 4)
    if st < 0 or cn < 0:
        return -1
    row[:] = -1
    row[QN], row[QN_LENGTH] = start + 3, QN_DIGITS
    row[PW], row[PW_LENGTH] = place + 3, after_pw - place - 3
    row[MN], row[MN_LENGTH] = after_pw + 4, after_mn - after_pw - 4
    row[ST], row[CN], row[FLAG] = st, cn, flag
    return body + 5


@kernel
def find_header(buffer: Bytes, start: int, end: int, row: Longs) -> int:
    """Fill ``row`` from the header of ``buffer[start:end]``; return the place behind ``CP=&&``, or -1 without one."""
    body = read_usual_header(buffer, start, end, row)
    return body if body >= 0 else read_header(buffer, start, end, row)
