"""The benches of many connections and of a backlog, small: real processes, honest figures."""

from __future__ import annotations

import argparse

import pytest

from qingtian.entry.bench import backlog, idle, steady

pytestmark = pytest.mark.engines


def test_idle_connections_are_held_answered_and_weighed(capsys: pytest.CaptureFixture[str]) -> None:
    figures = idle.run(argparse.Namespace(seconds=0.2, connections=60))
    assert min(figures["rss_mib"], figures["rss_before_mib"]) > 0
    assert figures["sink_rss_mib"] > 0
    assert "60 idle connections" in capsys.readouterr().out


def test_a_steady_stream_is_answered_and_its_cost_told(capsys: pytest.CaptureFixture[str]) -> None:
    figures = steady.run(argparse.Namespace(seconds=1.0, connections=40))
    assert figures["reached_per_s"] > 0
    assert {"cpu_percent", "us_per_packet", "sink_cpu_percent", "ratio", "p99_ms"} <= figures.keys()
    assert "bare sink" in capsys.readouterr().out


def test_a_backlog_is_in_the_lake_and_live_packets_were_answered(capsys: pytest.CaptureFixture[str]) -> None:
    figures = backlog.run(argparse.Namespace(packets=3000, seconds=1.0))
    assert figures["packets"] >= 3000
    assert figures["live_per_s"] > 0
    assert not figures["measured_day"]
    assert "in proportion" in capsys.readouterr().out
