"""How good the detectors of suspicion are on a labelled series: events found, hours of false alarm, by kind."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any

from qingtian.entry.load import simple_rules
from qingtian.stream.suspicions import detectors, labelled, scoring
from qingtian.stream.suspicions.series import Series
from qingtian.stream.suspicions.suspicion import Suspicion

SUMMARY = "how good: score all detectors of suspicion on a labelled series"
SHARED = "QINGTIAN_SHARED"
FOLDER = Path("data") / "cems_faults"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--series", type=Path, metavar="FILE", help=f"CSV with time first; default <{SHARED}>/{FOLDER}/series.csv"
    )
    parser.add_argument(
        "--labels", type=Path, metavar="FILE", help="CSV with kind, factor, start, end; default labels.csv beside it"
    )
    parser.add_argument("--missed", action="store_true", help="also list the events that were missed")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Score, print the table, return the figures. ``--seconds`` says nothing here."""
    series_file = args.series or Path(os.environ.get(SHARED, "../shared")) / FOLDER / "series.csv"
    labels_file = args.labels or series_file.parent / "labels.csv"
    series = labelled.read_series(series_file)
    labels = labelled.read_labels(labels_file, series)
    begun = time.perf_counter()
    suspicions = told(series)
    took = time.perf_counter() - begun
    score = scoring.score(series, labels, suspicions)
    simple = scoring.score(series, labels, simple_rules.told(series))
    print("\n".join(_table(score, simple)))
    print(f"{series.rows:,} rows of {len(series.columns)} columns in {took:.2f} s")
    if args.missed:
        print(
            "\n".join(f"missed: {each.kind} of {each.factor} at row {series.row(each.start)}" for each in score.missed)
        )
    return _figures(score, simple, took)


def told(series: Series) -> list[Suspicion]:
    return [each for detector in detectors.discover() for each in detector.run(series)]


def _table(score: scoring.Score, simple: scoring.Score) -> list[str]:
    lines = [f"{'kind':<24}{'events':>7}{'found':>7}{'named':>7}"]
    lines += [f"{kind:<24}{of.events:>7}{of.found:>7}{of.named:>7}" for kind, of in score.kinds.items()]
    lines += ["", f"{'detector':<24}{'alarms':>7}{'false rows':>12}"]
    lines += [f"{code:<24}{alarms:>7}{false:>12}" for code, (alarms, false) in score.by_detector.items()]
    lines += [
        "",
        f"recall           {score.recall:.3f}   events that an alarm on their factor touched",
        f"named            {score.named:.3f}   events found by a detector meant for their kind",
        f"false alarms     {score.false_alarm_rate:.2%}  {score.false_rows} of {score.clean_rows} rows without a label",
        f"six simple rules {simple.recall:.3f}   at {simple.false_alarm_rate:.2%} false alarms, counted alike",
    ]
    return lines


def _figures(score: scoring.Score, simple: scoring.Score, took: float) -> dict[str, Any]:
    return {
        "recall": round(score.recall, 4),
        "false_alarm_rate": round(score.false_alarm_rate, 5),
        "per_kind": {
            kind: {"events": of.events, "found": of.found, "named": of.named, "recall": round(of.found / of.events, 4)}
            for kind, of in score.kinds.items()
        },
        "simple_rules": {
            "recall": round(simple.recall, 4),
            "false_alarm_rate": round(simple.false_alarm_rate, 5),
        },
        "named": round(score.named, 4),
        "false_rows": score.false_rows,
        "clean_rows": score.clean_rows,
        "seconds": round(took, 3),
    }
