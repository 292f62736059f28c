"""The container of an evidence package: files, a manifest that names the digest of each, a signature over it. Pure.

The zip is written in one way only (stored, sorted, no dates), so that the bytes of a package follow from its files:
whoever packs the same files again gets the same bytes, and a changed byte has no place to hide.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from importlib import resources
from typing import Any

from qingtian.office.ledger.canonical import canonical
from qingtian.office.ledger.keys import Signer

FORMAT = "qingtian-evidence/1"
MANIFEST, SIGNATURE = "manifest.json", "signature.json"
README, SUMS = "README.txt", "SHA256SUMS"
"""For who has no Qingtian: how to read it and check it by hand; digests as ``sha256sum -c`` reads them."""
DATE = (1980, 1, 1, 0, 0, 0)
SM3 = "sm3"


def digests(content: bytes) -> dict[str, Any]:
    """Return length, SHA-256 and, where this machine's OpenSSL has it, SM3 (GB/T 32905-2016) of some bytes."""
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest(), "sm3": sm3(content)}


def sm3(content: bytes) -> str | None:
    """Return the SM3 in hex, None where OpenSSL does not offer it."""
    try:
        return hashlib.new(SM3, content).hexdigest()
    except ValueError:
        return None


def seal(files: Mapping[str, bytes], *, facts: Mapping[str, Any], signer: Signer) -> tuple[bytes, str]:
    """Return the package and the SHA-256 of its manifest. ``facts``: what the manifest says besides the files."""
    named = [{"name": name, **digests(files[name])} for name in sorted(files)]
    manifest = canonical({"format": FORMAT, **facts, "files": named}).encode()
    signature = signature_text(public=signer.public, key_id=signer.key_id, signature=signer.sign(manifest))
    whole = {**files, MANIFEST: manifest, SIGNATURE: signature}
    return pack(whole), hashlib.sha256(manifest).hexdigest()


def sums(files: Mapping[str, bytes]) -> bytes:
    """Return the digests of the files, a line each, by name."""
    return "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)).encode()


def readme(*, number: str, public: str) -> bytes:
    """Return how to open and check a package by hand; ``public``: the key in hex."""
    text = (resources.files("qingtian.office.evidence") / "readme.txt").read_text(encoding="utf-8")
    return text.replace("{number}", number).replace("{public}", public).encode()


def signature_text(*, public: str, key_id: str, signature: str) -> bytes:
    """Return ``signature.json`` as it is written."""
    return canonical(
        {"algorithm": "Ed25519", "key_id": key_id, "public_key": public, "signature": signature, "signs": MANIFEST}
    ).encode()


def pack(files: Mapping[str, bytes]) -> bytes:
    """Write the files as a zip, in the one way there is: manifest and signature first, the others by name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files, key=lambda name: (name not in (MANIFEST, SIGNATURE), name)):
            entry = zipfile.ZipInfo(name, DATE)
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, files[name])
    return out.getvalue()
