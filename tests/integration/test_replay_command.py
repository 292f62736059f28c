"""``qingtian replay`` on the real log: judge and replay agree; another plan tells the difference; its exit codes."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.integration.test_judge_process import judging, send, until
from tests.judge_world import limit, realtime, snapshot

from qingtian.base import times
from qingtian.base.settings import Settings
from qingtian.bus import plans
from qingtian.bus.client import Bus
from qingtian.entry.commands import replay

pytestmark = pytest.mark.engines

COD = [limit("w01018", upper=50.0)]


@pytest.fixture
def settings(engines: Settings, data_folder: Path) -> Settings:
    return replace(engines, data=data_folder, lake_url=str(data_folder / "lake"))


async def replayed(settings: Settings, *words: str) -> tuple[int, str]:
    """Run the command as a person does; return its exit code and standard output."""
    engines = {
        "QINGTIAN_NATS_URL": settings.require_nats_url(),
        "QINGTIAN_LAKE_URL": settings.lake_url,
    }
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "qingtian.entry.cli", "replay", "--processes", "1", *words],
        env={**os.environ, **engines},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 3), done.stderr
    return done.returncode, done.stdout


async def test_it_agrees_with_the_judge_and_tells_what_another_plan_would_say(bus: Bus, settings: Settings) -> None:
    await plans.publish(bus, snapshot({"A": COD, "B": COD}))  # type: ignore[arg-type]
    await plans.publish(bus, snapshot({"A": [limit("w01018", upper=70.0)], "B": COD}, number=2))  # type: ignore[arg-type]
    start = _recently()
    frames = realtime("A", [60, 61.2, 62, 40, 40, 40], start=start) + realtime("B", [10, 10], start=start)
    async with judging(settings, bus) as counters:
        sequence = await send(bus, frames, plan=1)
        await until(lambda: counters.get("stored") == sequence, "stored")
    day = ["--from", start.date().isoformat(), "--to", times.now().date().isoformat()]
    code, said = await replayed(settings, *day, "--diff", "--json")
    same: dict[str, Any] = json.loads(said)
    assert (code, same["differences"], same["said"], same["readings"]) == (0, [], 1, 8)
    code, said = await replayed(settings, *day, "--plan", "2", "--diff")
    assert code == 3
    assert "消失 vanishes" in said
    assert "O-A" in said
    code, said = await replayed(settings, *day, "--outlet", "O-B", "--diff", "--json")
    assert (code, json.loads(said)["readings"]) == (0, 2)
    code, said = await replayed(settings, "--from", "1990-01-01", "--diff")
    assert (code, "湖中没有这些日期的数据" in said) == (0, True)
    assert "nothing differs" not in said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--from", "2026-13-01"), "write 2026-11-20"),
        (("--from", "yesterday"), "write 2026-11-20"),
        (("--from", "2026-11-20", "--rules", "2026"), "write 2026-11-20"),
        (("--from", "2026-11-20", "--processes", "0"), "1 or more"),
    ],
)
def test_it_says_how_to_write_what_it_cannot_read(
    words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    replay.add_arguments(parser)
    with pytest.raises(SystemExit) as misused:
        parser.parse_args(words)
    assert misused.value.code == 2
    assert told in capsys.readouterr().err


def _recently() -> datetime:
    """Some minutes ago, on a whole second, not across midnight."""
    now = times.now().replace(microsecond=0)
    return max(now - timedelta(minutes=20), now.replace(hour=0, minute=0, second=0))
