"""Kernels for the single things in a data area: tags, stamps, numbers, where a value ends."""

# Numba's types are opaque to the type checker
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np
from numba import types

from qingtian.stream.hj212.kernel_header import COMMA, SEMICOLON, is_blank, is_digit
from qingtian.stream.hj212.words import Bytes, inner, kernel, load_word, other_than_digits

MISSING = np.iinfo(np.int64).min
"""A time that is not there. Zero is 1970, and missing is not zero."""

UNREADABLE_FLAG = ord("?")
"""A data flag that is no single ASCII character: neither normal nor unmarked."""

POWERS = np.array([10.0**exponent for exponent in range(23)])
EXACT_MANTISSA = 1 << 53
MAX_DIGITS = 18
DAYS_BEFORE_1970 = 719468
BEIJING_SECONDS = 8 * 3600

# what a value may be
NO_NUMBER, NUMBER, NUMBER_IN_PYTHON = 0, 1, 2

# what a tag may be, besides the code of a measure
OTHER_TAG, FLAG_TAG = -1, -2

SLASH, DASH, PLUS, POINT = b"/-+."


@kernel
def tag_kind(buffer: Bytes, start: int, end: int) -> int:
    """Return the measure code of a tag, `FLAG_TAG` or `OTHER_TAG`."""
    length = end - start
    if length < 3 or length > 5:
        return OTHER_TAG
    word = types.int64(0)
    for place in range(start, end):
        word = word << 8 | types.int64(buffer[place])
    offset = 0
    if length == 5 and (word >> 24) == 0x5A73:  # Zs
        word &= 0xFFFFFF
        offset = 5
    elif length == 4:
        return FLAG_TAG if word == 0x466C6167 else OTHER_TAG
    if word == 0x527464:  # Rtd
        return offset
    if word == 0x4D696E:  # Min
        return offset + 1
    if word == 0x417667:  # Avg
        return offset + 2
    if word == 0x4D6178:  # Max
        return offset + 3
    return 4 if word == 0x436F75 and offset == 0 else OTHER_TAG  # Cou


@kernel
def digits_value(buffer: Bytes, start: int, length: int) -> int:
    number = types.int64(0)
    for place in range(start, start + length):
        number = number * 10 + (types.int64(buffer[place]) - 48)
    return number


@kernel
def all_digits(buffer: Bytes, start: int, end: int) -> bool:
    for place in range(start, end):  # noqa: SIM110 - no generators in a kernel
        if not is_digit(buffer[place]):
            return False
    return True


@kernel
def month_days(year: int, month: int) -> int:
    if month == 2:
        return 29 if (year % 4 == 0 and year % 100 != 0) or year % 400 == 0 else 28
    return 30 if month in (4, 6, 9, 11) else 31


@kernel
def days_since_1970(year: int, month: int, day: int) -> int:
    """Count days in the proleptic Gregorian calendar, by years that begin in March."""
    shifted = year - 1 if month <= 2 else year
    era = shifted // 400
    of_era = shifted - era * 400
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - DAYS_BEFORE_1970


@inner
def digit_pair(word: int, pair: int) -> int:
    """Return the number that two ASCII digits of ``word`` write, by pairs from the lowest."""
    tens = types.int64((word >> types.uint64(pair << 4)) & types.uint64(0x0F))
    return tens * 10 + types.int64((word >> types.uint64((pair << 4) + 8)) & types.uint64(0x0F))


@kernel
def stamp(buffer: Bytes, start: int, end: int) -> int:
    """Return µs since 1970 UTC of a Beijing stamp of 14 or 17 digits, or `MISSING` (see `base.times.parse_stamp`)."""
    length = end - start
    if (length != 14 and length != 17) or not all_digits(buffer, start + 14, end):
        return MISSING
    date, clock = load_word(buffer, start), load_word(buffer, start + 6)
    if (other_than_digits(date) | other_than_digits(clock)) != 0:
        return MISSING
    year = digit_pair(date, 0) * 100 + digit_pair(date, 1)
    month, day = digit_pair(date, 2), digit_pair(date, 3)
    hour, minute, second = digit_pair(clock, 1), digit_pair(clock, 2), digit_pair(clock, 3)
    if year < 1 or month < 1 or month > 12 or day < 1 or hour > 23 or minute > 59 or second > 59:
        return MISSING
    if day > month_days(year, month):
        return MISSING
    seconds = days_since_1970(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - BEIJING_SECONDS
    return seconds * 1_000_000 + digits_value(buffer, start + 14, length - 14) * 1000


@kernel
def exponent_is_whole(buffer: Bytes, start: int, end: int) -> bool:
    """Tell whether ``e`` or ``E``, an optional sign and digits fill ``buffer[start:end]``."""
    if start >= end or (buffer[start] | 32) != 101:
        return False
    place = start + 1
    if place < end and (buffer[place] == PLUS or buffer[place] == DASH):
        place += 1
    return place < end and all_digits(buffer, place, end)


@kernel
def read_number(buffer: Bytes, start: int, end: int) -> tuple[int, float]:
    """Return what ``buffer[start:end]`` is and, for `NUMBER`, its value, correctly rounded.

    A mantissa under 2**53 over a power of ten up to 22 is one exact division (Clinger 1990); what is longer, or has an
    exponent, is a `NUMBER_IN_PYTHON`: rare enough to leave to ``float``.
    """
    place = start
    negative = False
    if place < end and (buffer[place] == DASH or buffer[place] == PLUS):
        negative = buffer[place] == DASH
        place += 1
    mantissa = types.int64(0)
    digits = 0
    decimals = 0
    pointed = False
    while place < end:
        byte = types.int64(buffer[place])
        if 48 <= byte <= 57:
            digits += 1
            decimals += pointed
            if digits <= MAX_DIGITS:
                mantissa = mantissa * 10 + (byte - 48)
        elif byte == POINT and not pointed:
            pointed = True
        else:
            break
        place += 1
    if digits == 0:
        return NO_NUMBER, 0.0
    if place < end:
        return (NUMBER_IN_PYTHON if exponent_is_whole(buffer, place, end) else NO_NUMBER), 0.0
    if digits > MAX_DIGITS or mantissa >= EXACT_MANTISSA:
        return NUMBER_IN_PYTHON, 0.0
    value = mantissa / POWERS[decimals]
    return NUMBER, -value if negative else value


@inner
def is_separator(byte: int) -> bool:
    return (byte == SEMICOLON) | (byte == COMMA)


@kernel
def trim_start(buffer: Bytes, start: int, end: int) -> int:
    while start < end and is_blank(buffer[start]):
        start += 1
    return start


@kernel
def trim_end(buffer: Bytes, start: int, end: int) -> int:
    while end > start and is_blank(buffer[end - 1]):
        end -= 1
    return end


@kernel
def value_end(buffer: Bytes, start: int, end: int) -> int:
    """Return where a value ends: at the next separator, or behind the ``//`` that closes a log text (§ table B.10)."""
    if start + 1 < end and buffer[start] == SLASH and buffer[start + 1] == SLASH:
        for place in range(start + 2, end - 1):
            if buffer[place] == SLASH and buffer[place + 1] == SLASH:
                behind = trim_start(buffer, place + 2, end)
                if behind >= end or is_separator(buffer[behind]):
                    return place + 2
    place = start
    while place < end and not is_separator(buffer[place]):
        place += 1
    return place


@kernel
def flag_mark(buffer: Bytes, start: int, end: int) -> int:
    if end <= start:
        return 0
    return types.int64(buffer[start]) if end - start == 1 and buffer[start] < 128 else UNREADABLE_FLAG


@kernel
def is_data_time(buffer: Bytes, start: int, end: int) -> bool:
    if end - start != 8:
        return False
    word = types.int64(0)
    for place in range(start, end):
        word = word << 8 | types.int64(buffer[place])
    return word == 0x4461746154696D65
