"""The Merkle tree is that of RFC 6962, proves what is in it, and nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingtian.office.ledger import merkle

# the leaves and roots that the logs of Certificate Transparency test themselves with
LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def defined(leaves: Sequence[bytes]) -> bytes:
    """MTH as section 2.1 writes it down, leaf by leaf."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + defined(leaves[:k]) + defined(leaves[k:])).digest()


def nodes(leaves: Sequence[bytes]) -> merkle.Node:
    return lambda level, index: defined(leaves[index << level : (index + 1) << level])


def made(count: int) -> list[bytes]:
    return [number.to_bytes(4, "big") for number in range(count)]


@pytest.mark.parametrize("size", sorted(ROOTS))
def test_it_has_the_roots_that_certificate_transparency_has(size: int) -> None:
    assert merkle.root(size=size, node=nodes(LEAVES)).hex() == ROOTS[size]


@given(st.integers(0, 70))
def test_it_is_the_tree_as_defined(size: int) -> None:
    leaves = made(size)
    assert merkle.root(size=size, node=nodes(leaves)) == defined(leaves)
    assert not leaves or merkle.fold([merkle.leaf_hash(leaf) for leaf in leaves]) == defined(leaves)


@given(st.data())
def test_it_proves_each_leaf_and_no_other(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 70))
    index = data.draw(st.integers(0, size - 1))
    leaves = made(size)
    path = merkle.inclusion(index=index, size=size, node=nodes(leaves))
    proof = {"index": index, "size": size, "path": path, "root": defined(leaves)}
    assert merkle.included(leaf=merkle.leaf_hash(leaves[index]), **proof)
    assert not merkle.included(leaf=merkle.leaf_hash(b"another"), **proof)
    elsewhere = data.draw(st.integers(0, size + 3).filter(lambda place: place != index))
    assert not merkle.included(leaf=merkle.leaf_hash(leaves[index]), **{**proof, "index": elsewhere})


@given(st.data())
def test_it_proves_that_a_tree_grew_and_was_not_rewritten(data: st.DataObject) -> None:
    new = data.draw(st.integers(1, 70))
    old = data.draw(st.integers(1, new))
    leaves = made(new)
    proof = {
        "old": old,
        "new": new,
        "old_root": defined(leaves[:old]),
        "new_root": defined(leaves),
        "path": merkle.consistency(old=old, new=new, node=nodes(leaves)),
    }
    assert merkle.consistent(**proof)
    changed = data.draw(st.integers(0, old - 1))
    rewritten = [*leaves[:changed], b"another", *leaves[changed + 1 :]]
    assert not merkle.consistent(**{**proof, "old_root": defined(rewritten[:old])})
    honest = merkle.consistency(old=old, new=new, node=nodes(rewritten))
    assert not merkle.consistent(**{**proof, "new_root": defined(rewritten), "path": honest})


def test_it_refuses_questions_without_sense() -> None:
    node = nodes(made(4))
    with pytest.raises(ValueError, match="leaf 4"):
        merkle.inclusion(index=4, size=4, node=node)
    with pytest.raises(ValueError, match="5 leaves"):
        merkle.consistency(old=5, new=4, node=node)
    assert not merkle.included(leaf=b"", index=0, size=0, path=[], root=merkle.EMPTY)
    assert not merkle.consistent(old=0, new=4, old_root=merkle.EMPTY, new_root=b"", path=[])
