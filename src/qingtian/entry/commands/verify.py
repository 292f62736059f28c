"""``qingtian verify``: prove the ledger, or an evidence package; name what does not hold."""

from __future__ import annotations

import argparse
import json
import time
from typing import TYPE_CHECKING

from qingtian.base import settings as base_settings
from qingtian.office import start

if TYPE_CHECKING:
    from qingtian.office.ledger.api import Proof
    from qingtian.office.matters.api import Held

SUMMARY = "prove the ledger (台账); or, offline, an exported chain or an evidence package (证据包)"
EXAMPLES = """\
  qingtian verify
  qingtian verify --chain task:12
  qingtian verify --no-files               # the ledger alone, without papers and their files
  qingtian verify --json | jq .broken
  qingtian verify --against checkpoint-2026-11-01.json   # a checkpoint that somebody keeps elsewhere
  qingtian verify task-12.json             # a chain that `qingtian export` wrote
  qingtian verify main-volume.pdf          # a bound volume: was this very file filed away
  qingtian verify evidence.zip
  qingtian verify evidence.zip --key 3f…   # also: signed by this public key
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        nargs="?",
        metavar="FILE",
        help="an evidence package (.zip) or an exported chain (.json), which need no engine; or a bound volume "
        "of a case file (.pdf, .docx), which is looked up in the ledger",
    )
    parser.add_argument("--key", metavar="HEX", help="the public key that must have signed FILE, or those of --against")
    parser.add_argument("--chain", metavar="NAME", help="one chain only, for example task:12 or episode:7")
    parser.add_argument(
        "--against",
        metavar="FILE",
        help="checkpoints kept elsewhere (the page of the ledger, /api/v1/ledger/checkpoint, a copy of "
        "checkpoints.jsonl): what they covered must be the beginning of this ledger still",
    )
    parser.add_argument(
        "--no-files",
        action="store_true",
        help="leave out papers and their files (文书、附件), which are read one by one",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    """Return 0 if everything holds, 1 if something does not or the chain does not exist."""
    if args.file:
        from qingtian.entry import exported_proof, filed_proof, package_proof

        if filed_proof.is_one(args.file):
            return filed_proof.run(args)
        if exported_proof.is_one(args.file):
            return exported_proof.run(args)
        return package_proof.run(args)
    start.start()
    from qingtian.entry import kept_proof
    from qingtian.office.casefiles.api import prove_filed
    from qingtian.office.ledger.api import verify
    from qingtian.office.matters.api import prove_files

    # a file that cannot be read is said before the whole ledger is
    kept = kept_proof.read(args.against) if args.against else []
    began = time.monotonic()
    proof = verify(chain=args.chain)
    proof.broken += kept_proof.faults(kept, key=args.key)
    held = None if args.no_files else prove_files(chain=args.chain) + prove_filed(chain=args.chain)
    proof.broken += held.broken if held else []
    seconds = time.monotonic() - began
    language = base_settings.from_environment().language
    if args.json:
        print(_json(proof, seconds, against=len(kept), held=held))
    else:
        print(_text(proof, seconds, language))
        print(_files(held, language), end="")
        print(kept_proof.text(kept, proof, language), end="")
    return 0 if proof.holds else 1


def _json(proof: Proof, seconds: float, *, against: int, held: Held | None) -> str:
    broken = [{**vars(link), "sentence": link.sentence("en")} for link in proof.broken]
    figures = {"chains": proof.chains, "entries": proof.entries, "against": against, "seconds": round(seconds, 3)}
    figures |= {"papers": held.papers, "files": held.files} if held else {}
    return json.dumps({"holds": proof.holds, **figures, "broken": broken}, ensure_ascii=False)


def _text(proof: Proof, seconds: float, language: str) -> str:
    links = [link.sentence(language) for link in proof.broken]
    if language == "zh":
        head = f"核验 {proof.chains} 条链、{proof.entries} 条记录，用时 {seconds:.2f} 秒："
        tail = "全部完好。" if proof.holds else f"{len(links)} 处不符。"
    else:
        head = f"Checked {proof.chains} chains with {proof.entries} entries in {seconds:.2f} s: "
        tail = "all of it holds." if proof.holds else f"{len(links)} things do not."
    return "\n".join([head + tail, *links])


def _files(held: Held | None, language: str) -> str:
    """Return the line about papers and files; nothing if they were left out."""
    if held is None:
        return ""
    wrong = len(held.broken)
    if language == "zh":
        tail = f"{wrong} 处不符。" if wrong else "都与台账登记的摘要相符。"
        return f"核对 {held.papers} 份文书、{held.files} 个文件：{tail}\n"
    tail = f"{wrong} do not hold." if wrong else "all have the digests that the ledger says."
    return f"Held {held.papers} papers and {held.files} files against it: {tail}\n"
