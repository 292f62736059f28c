"""The Merkle tree (默克尔树) of RFC 6962, section 2.1: roots, inclusion and consistency proofs, and their checks. Pure.

A tree of ``size`` leaves is asked for through a function ``node(level, index)`` that returns the hash of the complete
subtree over the leaves ``index·2^level … (index+1)·2^level − 1``; where these come from is the caller's business.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

LEAF, NODE = b"\x00", b"\x01"
EMPTY = hashlib.sha256(b"").digest()
"""The root of the tree without leaves."""

Node = Callable[[int, int], bytes]


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(LEAF + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(NODE + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root over these hashes, leaves or roots of complete subtrees of one size; at least one."""
    row, sha256 = list(hashes), hashlib.sha256
    while len(row) > 1:
        odd = row[-1:] if len(row) % 2 else []
        # `node_hash`, written out: every entry of the ledger comes by here
        row = [sha256(NODE + row[i] + row[i + 1]).digest() for i in range(0, len(row) - 1, 2)] + odd
    return row[0]


def root(*, size: int, node: Node) -> bytes:
    """Return the root of the first ``size`` leaves."""
    return _span(0, size, node) if size else EMPTY


def inclusion(*, index: int, size: int, node: Node) -> list[bytes]:
    """Return the path from leaf ``index`` to the root of ``size`` leaves, lowest first (2.1.1)."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not among {size}")
    return _path(index, 0, size, node)


def consistency(*, old: int, new: int, node: Node) -> list[bytes]:
    """Return the proof that the first ``old`` of ``new`` leaves are the tree of size ``old`` (2.1.2)."""
    if not 0 < old <= new:
        raise ValueError(f"{old} leaves are no beginning of {new}")
    return _grown(old, 0, new, node, whole=True)


def _split(size: int) -> int:
    """Return the largest power of two below ``size``."""
    return 1 << (size - 1).bit_length() - 1


def _span(start: int, size: int, node: Node) -> bytes:
    level = size.bit_length() - 1
    if size == 1 << level:
        return node(level, start >> level)
    left = _split(size)
    return node_hash(_span(start, left, node), _span(start + left, size - left, node))


def _path(index: int, start: int, size: int, node: Node) -> list[bytes]:
    if size == 1:
        return []
    left = _split(size)
    if index < left:
        return [*_path(index, start, left, node), _span(start + left, size - left, node)]
    return [*_path(index - left, start + left, size - left, node), _span(start, left, node)]


def _grown(old: int, start: int, size: int, node: Node, *, whole: bool) -> list[bytes]:
    if old == size:
        return [] if whole else [_span(start, size, node)]
    left = _split(size)
    if old <= left:
        return [*_grown(old, start, left, node, whole=whole), _span(start + left, size - left, node)]
    return [*_grown(old - left, start + left, size - left, node, whole=False), _span(start, left, node)]


def included(*, leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Say whether ``path`` proves that the leaf hash stands at ``index`` under ``root`` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if place % 2 or place == last:
            found = node_hash(sibling, found)
            while not place % 2 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def consistent(*, old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Say whether ``path`` proves that the tree of ``new`` leaves begins with that of ``old`` (RFC 9162, 2.1.4.2)."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not path and old_root == new_root
    rest = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not rest:
        return False
    place, last = old - 1, new - 1
    while place % 2:
        place, last = place >> 1, last >> 1
    first = second = rest[0]
    for sibling in rest[1:]:
        if last == 0:
            return False
        if place % 2 or place == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while not place % 2 and place:
                place, last = place >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root
