"""SHA-256 over many pieces of one buffer, by the functions of OpenSSL itself, called from compiled code.

`hashlib` makes objects for every piece, which takes longer than hashing it. Its own library is asked for the addresses
of the functions; a Python that keeps OpenSSL inside the interpreter does not tell them, and then `hashlib` does it.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
from functools import cache
from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array
from numpy.typing import NDArray

from qingtian.office.ledger import merkle
from qingtian.stream.hj212.words import kernel

DIGEST = 32
CONTEXT = 128
"""Bytes of a digest; of room for OpenSSL's ``SHA256_CTX``, which has 112."""
NAMES = ("SHA256_Init", "SHA256_Update", "SHA256_Final")


@cache
def functions() -> NDArray[np.int64]:
    """Return the addresses of OpenSSL's functions, or none if this Python does not tell them."""
    found = importlib.util.find_spec("_hashlib")
    try:
        library = ctypes.CDLL(found.origin if found else None)
        addresses = [ctypes.cast(getattr(library, name), ctypes.c_void_p).value for name in NAMES]
    except (OSError, AttributeError):
        addresses = []
    return np.array(addresses, np.int64)


def of_pieces(buffer: NDArray[np.uint8], stops: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return the digests, `DIGEST` bytes a row, of the pieces of ``buffer`` between one of ``stops`` and the next."""
    digests = np.empty((len(stops), DIGEST), np.uint8)
    if len(known := functions()):
        _hash_all(known, np.empty(CONTEXT, np.uint8), buffer, stops, digests)
        return digests
    text = buffer[: stops[-1]].tobytes() if len(stops) else b""
    for place, (start, stop) in enumerate(zip([0, *stops.tolist()], stops.tolist(), strict=False)):
        digests[place] = np.frombuffer(hashlib.sha256(text[start:stop]).digest(), np.uint8)
    return digests


def fold(hashes: NDArray[np.uint8]) -> bytes:
    """Return the root over these hashes, `DIGEST` bytes a row, as `merkle.fold` does; at least one."""
    if not len(known := functions()):
        return merkle.fold([each.tobytes() for each in hashes])
    rows = hashes.copy()
    _fold(known, np.empty(CONTEXT, np.uint8), rows, np.empty(len(merkle.NODE) + 2 * DIGEST, np.uint8))
    root: bytes = rows[0].tobytes()
    return root


@intrinsic  # type: ignore[untyped-decorator]
def _hash(
    typing_context: Any, init: Any, update: Any, final: Any, context: Any, text: Any, start: Any, size: Any, into: Any
) -> Any:
    """Write the digest of ``text[start:start + size]`` into the array ``into``; the caller keeps inside the arrays."""
    signature = types.void(types.intp, types.intp, types.intp, context, text, types.intp, types.intp, into)
    byte = ir.IntType(8).as_pointer()
    whole = ir.IntType(32)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        held, read, out = (make_array(signature.args[place])(context, builder, args[place]).data for place in (3, 4, 7))
        calls = (
            (args[0], (byte,), (held,)),
            (args[1], (byte, byte, ir.IntType(64)), (held, cgutils.gep(builder, read, args[5]), args[6])),
            (args[2], (byte, byte), (out, held)),
        )
        for address, kinds, values in calls:
            function = builder.inttoptr(address, ir.FunctionType(whole, kinds).as_pointer())
            builder.call(function, [builder.bitcast(v, k) for v, k in zip(values, kinds, strict=True)])
        return context.get_dummy_value()

    return signature, generate


@kernel
def _hash_all(known: Any, context: Any, buffer: Any, stops: Any, digests: Any) -> None:
    start = 0
    for place in range(len(stops)):
        _hash(known[0], known[1], known[2], context, buffer, start, stops[place] - start, digests[place])
        start = stops[place]


@kernel
def _fold(known: Any, context: Any, rows: Any, node: Any) -> None:
    """Leave the root at the beginning of ``rows``; ``node`` is room for the text of a node."""
    count = len(rows)
    node[0] = 1
    while count > 1:
        for pair in range(count // 2):
            for byte in range(DIGEST):
                node[1 + byte] = rows[2 * pair, byte]
                node[1 + DIGEST + byte] = rows[2 * pair + 1, byte]
            _hash(known[0], known[1], known[2], context, node, 0, len(node), rows[pair])
        if count % 2:
            for byte in range(DIGEST):
                rows[count // 2, byte] = rows[count - 1, byte]
        count = (count + 1) // 2


def warm() -> None:
    """Compile the kernels of this module that are not kept on disk yet, by using each once."""
    of_pieces(np.zeros(1, np.uint8), np.ones(1, np.int64))
    of_pieces(np.zeros(1, np.uint8), np.ones((1, 2), np.int64)[:, 0])
    fold(np.zeros((1, DIGEST), np.uint8))
