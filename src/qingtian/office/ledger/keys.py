"""The installation's key (签名密钥): Ed25519, made once in the data folder; it signs checkpoints and evidence packages.

Its public half may be given to anybody; a signature is then proof that this installation wrote what it signs. The
private half never leaves the data folder: keep a copy of the file in a safe.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from qingtian.base import settings as base_settings
from qingtian.base.errors import QingtianError

HEX = re.compile("[0-9a-f]+")


class KeyUnreadable(QingtianError):
    code = "ledger.key_unreadable"
    zh = "签名密钥 {file} 无法读取：{why}。没有签名。请恢复其备份；若删除，将生成新密钥，旧签名仍可用旧公钥核验。"
    en = (
        "The signing key {file} cannot be read: {why}. Nothing was signed. Restore it from its copy; if you delete it, "
        "a new key is made, and old signatures still verify with the old public key."
    )


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Signs texts. ``public`` is the raw public key in hex (64 digits), ``key_id`` its first 16 digest digits."""

    private: Ed25519PrivateKey

    @property
    def public(self) -> str:
        return self.private.public_key().public_bytes_raw().hex()

    @property
    def key_id(self) -> str:
        return key_id(self.public)

    def sign(self, content: bytes) -> str:
        """Return the signature in hex (128 digits)."""
        return self.private.sign(content).hex()


def key_id(public: str) -> str:
    """Return by what a public key is called: the first 16 digits of its SHA-256."""
    return hashlib.sha256(bytes.fromhex(public)).hexdigest()[:16]


def signed(content: bytes, *, signature: str, public: str) -> bool:
    """Say whether ``signature`` over ``content`` was made by the private half of ``public``. Pure.

    Each has one way to be written, in lower-case hex: whatever byte of them was changed, it does not hold.
    """
    if not (HEX.fullmatch(signature) and HEX.fullmatch(public)):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def key_file() -> Path:
    """Return where the key is: ``<data>/keys/ledger.pem``, or what ``QINGTIAN_LEDGER_KEY`` names."""
    named = os.environ.get("QINGTIAN_LEDGER_KEY")
    return Path(named) if named else base_settings.from_environment().data / "keys" / "ledger.pem"


def signer() -> Signer:
    """Return the installation's signer; whoever comes first makes the key, all others find it.

    :raises KeyUnreadable: if the file is no Ed25519 key, or cannot be made.
    """
    file = key_file()
    try:
        if not file.exists():
            _make(file)
        private = load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, ValueError) as error:
        raise KeyUnreadable(file=file, why=error) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyUnreadable(file=file, why=type(private).__name__)
    return Signer(private=private)


def _make(file: Path) -> None:
    # written whole beside it and linked in place: a second process never reads half a key, nor makes another
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    content = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(content)
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def known() -> set[str]:
    """Return the public keys of this installation: that of its key, and those of files ``*.pub`` beside it (hex).

    A key that was replaced goes on verifying if its public half is kept there.
    """
    file = key_file()
    older = {path.read_text().strip() for path in file.parent.glob("*.pub")}
    return {*older, signer().public} if file.exists() else older
