"""The file of an exported chain: how it is written, and its proof, offline. Pure.

One line of canonical JSON: ``{"body", "public", "signature"}``. Everything in it is proven twice, by its own proof (the
entry's hash, the path to the checkpoint's root, the checkpoint's signature) and by the signature over the body; so what
was changed is not only noticed but found.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from cryptography import x509

from qingtian.base.errors import QingtianError
from qingtian.office.ledger import keys, merkle, sealing, signed_text, timestamps
from qingtian.office.ledger.canonical import AlgorithmMissing, canonical, entry_hash
from qingtian.office.ledger.chains import BrokenLink, Proof, fault_of_link

KIND = "qingtian.ledger.chain/1"
HASHED = ("chain", "sequence", "actor", "actor_name", "act", "content", "algorithm", "previous")


class NotAnExport(QingtianError):
    code = "ledger.not_an_export"
    zh = "该文件不是青天导出的台账（{why}）。请核对文件，或重新运行 qingtian export。"
    en = "This file is no ledger exported by Qingtian ({why}). Check the file, or run `qingtian export` again."


def written(body: Mapping[str, Any], *, public: str, sign: Callable[[bytes], str]) -> bytes:
    """Return the bytes of the file."""
    signature = sign(canonical(body).encode())
    return (canonical({"body": body, "public": public, "signature": signature}) + "\n").encode()


def check(content: bytes, *, known: set[str], authority: x509.Certificate | None = None) -> Proof:
    """Check a file; ``known`` are the public keys one trusts (hex; empty: whatever key it names, compare it yourself).

    :raises NotAnExport: if it cannot be read at all.
    """
    told = _read(content)
    try:
        return _checked(told, content, known, authority)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotAnExport(why=f"{type(error).__name__}: {error}") from error


def _read(content: bytes) -> dict[str, Any]:
    try:
        told = json.loads(content)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        place = error.start if isinstance(error, UnicodeDecodeError) else error.pos
        raise NotAnExport(why=f"byte {place}: {error}") from error
    if not isinstance(told, dict) or told.keys() != {"body", "public", "signature"}:
        raise NotAnExport(why="body, public, signature")
    return told


def _checked(told: dict[str, Any], content: bytes, known: set[str], authority: x509.Certificate | None) -> Proof:
    body, public = told["body"], str(told["public"])
    if body["kind"] != KIND:
        raise NotAnExport(why=body["kind"])
    proof = Proof(chains=1, entries=len(body["entries"]))
    if place := _first_difference(content, (canonical(told) + "\n").encode()):
        proof.broken.append(BrokenLink(chain="file", sequence=place, what="file"))
    proof.broken += _entries(body)
    proof.broken += _checkpoint(body, known, authority)
    proof.checkpoints = int(body["checkpoint"] is not None)
    proof.covered = sum(entry["proof"] is not None for entry in body["entries"])
    if not keys.signed(canonical(body).encode(), signature=str(told["signature"]), public=public):
        proof.broken.append(BrokenLink(chain="file", sequence=0, what="signed"))
    elif known and public not in known:
        proof.broken.append(BrokenLink(chain="file", sequence=0, what="key"))
    return proof


def _first_difference(content: bytes, canonical_form: bytes) -> int:
    """Return the number of the first byte (from 1) that is not as it was written, or 0."""
    if content == canonical_form:
        return 0
    pairs = zip(content, canonical_form, strict=False)
    shorter = min(len(content), len(canonical_form))
    return next((place for place, (here, there) in enumerate(pairs, 1) if here != there), shorter + 1)


def _entries(body: Mapping[str, Any]) -> Iterator[BrokenLink]:
    """Yield what does not hold, per entry: the link or hash, its place in the tree, its personal fields."""
    chain, before = str(body["chain"]), (0, "")
    for entry in body["entries"]:
        sequence = int(entry["sequence"])
        what = fault_of_link(sequence, entry["previous"], after=before) or _hash_fault(entry, chain)
        what = what or _proof_fault(entry, body["checkpoint"]) or _personal_fault(entry)
        if what:
            yield BrokenLink(chain=chain, sequence=before[0] + 1, what=what)
        before = (before[0] + 1, entry["hash"])


def _hash_fault(entry: Mapping[str, Any], chain: str) -> str | None:
    fields: dict[str, Any] = {name: entry[name] for name in HASHED}
    try:
        stated = entry_hash(**fields, at=datetime.fromisoformat(entry["at"]))
    except (AlgorithmMissing, ValueError):
        return "hash"
    return None if stated == entry["hash"] and entry["chain"] == chain else "hash"


def _proof_fault(entry: Mapping[str, Any], checkpoint: Mapping[str, Any] | None) -> str | None:
    if entry["proof"] is None:
        return None if checkpoint is None or entry["id"] > checkpoint["last_id"] else "unproven"
    if checkpoint is None:
        return "unproven"
    proof, leaf = entry["proof"], merkle.leaf_hash(f"{entry['id']}:{entry['hash']}".encode())
    path = [bytes.fromhex(told) for told in proof["path"]]
    root = bytes.fromhex(checkpoint["root"])
    found = merkle.included(leaf=leaf, index=proof["index"], size=checkpoint["size"], path=path, root=root)
    return None if found else "unproven"


def _personal_fault(entry: Mapping[str, Any]) -> str | None:
    digests = sealing.digests(entry["content"])
    if digests.keys() != entry["personal"].keys():
        return "personal_missing"
    for name, told in entry["personal"].items():
        if told and sealing.Sealed(name=name, salt=told["salt"], value=told["value"]).digest != digests[name]:
            return "personal"
    return None


def _checkpoint(body: Mapping[str, Any], known: set[str], authority: x509.Certificate | None) -> Iterator[BrokenLink]:
    row = body["checkpoint"]
    if row is None:
        return
    names = {name: row[name] for name in ("size", "last_id", "root", "public")}
    text = signed_text.text(**names, at=datetime.fromisoformat(row["at"]))
    what = None
    if not keys.signed(text, signature=row["signature"], public=row["public"]):
        what = "signature"
    elif known and row["public"] not in known:
        what = "key"
    elif row["token"] and authority and not timestamps.stamped(text, token=_decoded(row["token"]), root=authority):
        what = "stamp"
    if what:
        yield BrokenLink(chain="checkpoint", sequence=int(row["size"]), what=what)


def _decoded(token: str) -> bytes:
    try:
        return base64.b64decode(token, validate=True)
    except binascii.Error:
        return b""
