"""A bound volume in somebody's hands (归档卷) held against the ledger: was this very file filed away, and where."""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from qingtian.base import settings
from qingtian.entry import given_file
from qingtian.office import start

if TYPE_CHECKING:
    from qingtian.office.casefiles.api import Known

ENDINGS = (".pdf", ".docx")
VOLUMES = {"main": ("正卷", "main volume"), "side": ("副卷", "side volume")}


def is_one(file: str) -> bool:
    """Say whether a file is of the kind that is bound."""
    return Path(file).suffix.lower() in ENDINGS


def run(args: argparse.Namespace) -> int:
    """Return 0 if the ledger says that this file was filed away, 1 if it knows no such file.

    :raises FileUnreadable: if there is no such file.
    """
    sha256 = hashlib.sha256(given_file.content(args.file)).hexdigest()
    start.start()
    from qingtian.office.casefiles.api import known

    found = known(sha256)
    if args.json:
        told = vars(found) if found else {}
        print(json.dumps({"holds": found is not None, "sha256": sha256, **told}, ensure_ascii=False))
    else:
        print(_said(sha256, found, chinese=settings.from_environment().language == "zh"))
    return 0 if found else 1


def _said(sha256: str, found: Known | None, *, chinese: bool) -> str:
    if found is None and chinese:
        return f"台账中没有归档过摘要为 {sha256} 的文件：它不是归档卷，或者已被改动。阅览合订本不登记，请与归档卷核对。"
    if found is None:
        return (
            f"The ledger knows no filed volume with the digest {sha256}: this is none, or it was changed. "
            "Copies bound for looking at are not recorded; hold the filed volume itself against it."
        )
    volume = VOLUMES[found.volume][not chinese]
    if chinese:
        return f"是 {found.number} 的归档{volume}，与台账 {found.chain} 第 {found.sequence} 条登记的摘要相符。"
    return f"It is the {volume} of {found.number} as filed away: {found.chain}, entry {found.sequence}, has its digest."
