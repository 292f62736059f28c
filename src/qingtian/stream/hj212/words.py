"""Eight bytes at a time: unaligned loads and bit scans that Numba does not offer by itself.

Little-endian machines only (x86-64, ARM64), which is where the project runs; `kernels.warm` proves it by use.
"""

# Numba's types are opaque to the type checker
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit, types
from numba.core import cgutils
from numba.core.imputils import impl_ret_untracked
from numba.extending import intrinsic
from numba.np.arrayobj import make_array
from numpy.typing import NDArray

P = ParamSpec("P")
R = TypeVar("R")

Bytes = NDArray[np.uint8]


# No interpreter lock; kept on disk; divisions unchecked; and no reference counts, so a kernel allocates nothing.
OPTIONS = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile for the machine. Scratch room is handed in by the caller."""
    return cast(Callable[P, R], njit(**OPTIONS)(function))


def inner(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a step of a hot loop into its caller: an array is seven machine words to pass, and a step is short."""
    return cast(Callable[P, R], njit(**OPTIONS, forceinline=True)(function))


ONES = 0x0101010101010101
HIGHS = 0x8080808080808080
ASCII_ZEROS = 0x3030303030303030
ABOVE_NINE = 0x7676767676767676
"""Added to a byte of at most 9 it stays below the highest bit; added to any other of 7 bits it lights it."""

# MurmurHash64A (Austin Appleby, public domain)
MIX = 0xC6A4A7935BD1E995
SHIFT = 47


@intrinsic  # type: ignore[untyped-decorator]
def load_word(typing_context: Any, array: Any, index: Any) -> Any:
    """Load ``array[index:index + 8]`` of a uint8 array as one uint64. The caller keeps inside the array."""
    signature = types.uint64(array, types.intp)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        held = make_array(signature.args[0])(context, builder, args[0])
        place = builder.bitcast(cgutils.gep(builder, held.data, args[1]), ir.IntType(64).as_pointer())
        word = builder.load(place)
        word.align = 1
        return impl_ret_untracked(context, builder, signature.return_type, word)

    return signature, generate


@intrinsic  # type: ignore[untyped-decorator]
def store_word(typing_context: Any, array: Any, index: Any, word: Any) -> Any:
    """Store one uint64 as ``array[index:index + 8]`` of a uint8 array. The caller keeps inside the array."""
    signature = types.void(array, types.intp, types.uint64)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        held = make_array(signature.args[0])(context, builder, args[0])
        place = builder.bitcast(cgutils.gep(builder, held.data, args[1]), ir.IntType(64).as_pointer())
        builder.store(args[2], place, align=1)
        return context.get_dummy_value()

    return signature, generate


@intrinsic  # type: ignore[untyped-decorator]
def trailing_zeros(typing_context: Any, word: Any) -> Any:
    """Count the zero bits below the lowest one bit; 64 for zero."""
    signature = types.uint64(types.uint64)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 0))

    return signature, generate


@intrinsic  # type: ignore[untyped-decorator]
def reversed_bytes(typing_context: Any, word: Any) -> Any:
    """Return the word with its bytes in the other order."""
    signature = types.uint64(types.uint64)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bswap(args[0])

    return signature, generate


@inner
def lit_where(word: int, byte: int) -> int:
    """Return a word whose lowest lit bit is the highest bit of the first byte of ``word`` that equals ``byte``."""
    word ^= types.uint64(byte) * types.uint64(ONES)
    return (word - types.uint64(ONES)) & ~word & types.uint64(HIGHS)


@inner
def other_than_digits(word: int) -> int:
    """Return a word in which the highest bit of each byte is lit where that byte of ``word`` is no ASCII digit."""
    word ^= types.uint64(ASCII_ZEROS)
    return (((word & ~types.uint64(HIGHS)) + types.uint64(ABOVE_NINE)) | word) & types.uint64(HIGHS)


@inner
def digits_number(word: int) -> int:
    """Return the number that eight bytes 0–9 (not ASCII) write, the first lowest: pairs, then fours, then all."""
    pairs = word * types.uint64(10) + (word >> types.uint64(8))
    low = types.uint64(0x000000FF000000FF)
    return (
        (pairs & low) * types.uint64(100 + (1_000_000 << 32))
        + ((pairs >> types.uint64(16)) & low) * types.uint64(1 + (10_000 << 32))
    ) >> types.uint64(32)


@inner
def same_bytes(one: Bytes, start: int, other: Bytes, begin: int, length: int) -> bool:
    """Tell whether ``one[start:start + length]`` and ``other[begin:begin + length]`` are alike."""
    place = 0
    while place + 8 <= length:
        if load_word(one, start + place) != load_word(other, begin + place):
            return False
        place += 8
    while place < length:
        if one[start + place] != other[begin + place]:
            return False
        place += 1
    return True


@kernel
def find_byte(buffer: Bytes, start: int, end: int, byte: int) -> int:
    """Return the first place of ``byte`` in ``buffer[start:end]``, or ``end``."""
    place = start
    while place + 8 <= end:
        hit = lit_where(load_word(buffer, place), byte)
        if hit != 0:
            return place + types.int64(trailing_zeros(hit) >> types.uint64(3))
        place += 8
    while place < end:
        if buffer[place] == byte:
            return place
        place += 1
    return end


@inner
def last_bytes(buffer: Bytes, start: int, end: int, count: int) -> int:
    """Return the last ``count`` (1–7) bytes of ``buffer[start:end]``, the first lowest, as a word."""
    if end - start >= 8:
        return load_word(buffer, end - 8) >> types.uint64(64 - (count << 3))
    word = types.uint64(0)
    for place in range(count):
        word |= types.uint64(buffer[end - count + place]) << types.uint64(place << 3)
    return word


@kernel
def hash_bytes(buffer: Bytes, start: int, end: int) -> int:
    """Return MurmurHash64A (seed 0) of ``buffer[start:end]``."""
    mix = types.uint64(MIX)
    state = types.uint64(end - start) * mix
    place = start
    while place + 8 <= end:
        word = load_word(buffer, place) * mix
        word ^= word >> types.uint64(SHIFT)
        state = (state ^ (word * mix)) * mix
        place += 8
    if place < end:
        state = (state ^ last_bytes(buffer, start, end, end - place)) * mix
    state = (state ^ (state >> types.uint64(SHIFT))) * mix
    return state ^ (state >> types.uint64(SHIFT))
