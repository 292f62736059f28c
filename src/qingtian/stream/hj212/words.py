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
        tail = types.uint64(0)
        shift = types.uint64(0)
        while place < end:
            tail |= types.uint64(buffer[place]) << shift
            shift += types.uint64(8)
            place += 1
        state = (state ^ tail) * mix
    state = (state ^ (state >> types.uint64(SHIFT))) * mix
    return state ^ (state >> types.uint64(SHIFT))
