"""The ingest bench, small: real processes, and every acknowledged packet in the lake once."""

from __future__ import annotations

import argparse

import pytest

from qingtian.entry.bench import ingest

pytestmark = pytest.mark.engines


def test_it_measures_packets_from_the_socket_to_the_lake(capsys: pytest.CaptureFixture[str]) -> None:
    figures = ingest.run(argparse.Namespace(seconds=1.0, connections=40))
    assert {"packets_per_s", "sink_packets_per_s", "ratio", "p50_ms", "p99_ms", "rss_mib"} <= figures.keys()
    assert float(str(figures["packets_per_s"])) > 0
    assert float(str(figures["ratio"])) > 0
    assert "bare sink" in capsys.readouterr().out
