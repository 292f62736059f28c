"""Real packets and the standards' examples, read from where the project keeps no copy of them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(os.environ.get("QINGTIAN_SHARED", "../shared"))


def lines(name: str) -> list[dict[str, Any]]:
    """Return the objects of a JSON-lines file of the shared data, or skip the test that asks."""
    file = SHARED / "data" / name
    if not file.is_file():
        pytest.skip(f"{file} is not here: set QINGTIAN_SHARED to the folder of the shared facts")
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def packets() -> list[dict[str, Any]]:
    return lines("hj212_packets.jsonl")


def expected_error(packet: dict[str, Any]) -> str | None:
    """Return the error that a packet of the set must be refused with, or None."""
    if not packet["length_ok"]:
        return "bad_length"
    return None if packet["crc_ok"] else "bad_checksum"
