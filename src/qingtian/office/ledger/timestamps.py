"""Time stamps by a third party (可信时间戳), RFC 3161: asked for only if ``QINGTIAN_TSA_URL`` names an authority."""

from __future__ import annotations

import os
import urllib.request
from pathlib import Path

from cryptography import x509
from rfc3161_client import (
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from qingtian.base.errors import QingtianError

TIMEOUT_S = 10
GRANTED = (0, 1)


class StampRefused(QingtianError):
    code = "ledger.stamp_refused"
    zh = "时间戳服务 {address} 没有给出时间戳：{why}。检查点照常生成但不带时间戳。请检查 QINGTIAN_TSA_URL。"
    en = (
        "The time-stamping authority {address} gave no stamp: {why}. The checkpoint is made without one. "
        "Check QINGTIAN_TSA_URL."
    )


def stamp(content: bytes) -> bytes | None:
    """Return the authority's answer (DER) over ``content``, or None if no authority is named.

    :raises StampRefused: if it does not answer, or not with a stamp.
    """
    address = os.environ.get("QINGTIAN_TSA_URL")
    if not address:
        return None
    asked = TimestampRequestBuilder().data(content).build().as_bytes()
    request = urllib.request.Request(address, asked, {"Content-Type": "application/timestamp-query"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - the address is a setting
            told: bytes = answer.read()
        status = decode_timestamp_response(told).status
    except (OSError, ValueError) as error:
        raise StampRefused(address=address, why=error) from error
    if status not in GRANTED:
        raise StampRefused(address=address, why=f"status {status}")
    return told


def authority() -> x509.Certificate | None:
    """Return the authority's root certificate that ``QINGTIAN_TSA_ROOT`` names (PEM), if any."""
    named = os.environ.get("QINGTIAN_TSA_ROOT")
    return x509.load_pem_x509_certificate(Path(named).read_bytes()) if named else None


def stamped(content: bytes, *, token: bytes, root: x509.Certificate) -> bool:
    """Say whether ``token`` is a stamp over ``content`` by an authority under ``root``."""
    try:
        verifier = VerifierBuilder().add_root_certificate(root).build()
        return bool(verifier.verify_message(decode_timestamp_response(token), content))
    except (VerificationError, ValueError):
        return False
