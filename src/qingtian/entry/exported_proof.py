"""An exported chain checked on the command line: sentences or JSON, offline, no engine."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from qingtian.base import settings as base_settings
from qingtian.office.ledger import exported, keys, timestamps
from qingtian.office.ledger.chains import Proof


def is_one(file: str) -> bool:
    """Say whether the file looks like an exported chain: JSON. All else is taken for an evidence package."""
    path = Path(file)
    return path.is_file() and path.read_bytes().lstrip()[:1] == b"{"


def run(args: argparse.Namespace) -> int:
    """Check ``args.file``; return 0 if everything holds, 1 if something does not.

    :raises NotAnExport: if it cannot be read at all.
    """
    content = Path(args.file).read_bytes()
    known = {args.key} if args.key else keys.known()
    proof = exported.check(content, known=known, authority=timestamps.authority())
    public = str(json.loads(content)["public"])
    language = base_settings.from_environment().language
    print(_json(proof, public) if args.json else text(proof, public, trusted=bool(known), language=language))
    return 0 if proof.holds else 1


def _json(proof: Proof, public: str) -> str:
    broken = [{**vars(link), "sentence": link.sentence("en")} for link in proof.broken]
    figures = {"entries": proof.entries, "covered": proof.covered, "public": public}
    return json.dumps({"holds": proof.holds, **figures, "broken": broken}, ensure_ascii=False)


def text(proof: Proof, public: str, *, trusted: bool, language: str) -> str:
    """Return what holds and what does not, the judgement first."""
    if language == "zh":
        head = f"核验导出台账 {proof.entries} 条，其中 {proof.covered} 条在检查点之内："
        tail = "全部完好。" if proof.holds else f"{len(proof.broken)} 处不符。"
        note = f"签名公钥 {public}" + ("。" if trusted else "；请与签发单位公布的公钥核对。")
    else:
        head = f"Checked {proof.entries} exported entries, {proof.covered} of them under a checkpoint: "
        tail = "all of it holds." if proof.holds else f"{len(proof.broken)} faults."
        note = f"signed by {public}" + ("." if trusted else "; compare it with the key its authority published.")
    return "\n".join([head + tail, *(link.sentence(language) for link in proof.broken), note])
