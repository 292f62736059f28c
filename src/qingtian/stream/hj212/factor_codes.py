"""A factor code 污染物编码 as one number: up to eight ASCII bytes in a uint64, first byte highest.

``b"w01018"`` is ``0x773031303138``; so equal codes are equal numbers, and no table is needed to compare them.
"""

from __future__ import annotations

MAX_CODE = 8


def pack_code(code: str) -> int:
    """Return the number of a code.

    :raises ValueError: if the code is empty, longer than 8 characters or not ASCII.
    """
    if not 1 <= len(code) <= MAX_CODE or not code.isascii():
        raise ValueError(f"{code!r} is no factor code: 1 to {MAX_CODE} ASCII characters")
    return int.from_bytes(code.encode("ascii"), "big")


def unpack_code(packed: int) -> str:
    """Return the code of a number."""
    number = int(packed)
    return number.to_bytes((number.bit_length() + 7) // 8, "big").decode("ascii")
