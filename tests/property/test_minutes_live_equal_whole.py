"""What is said of minutes and of clocks live, through cuts, late data and kills, one run and a replay say too."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.confirming_life import Life, delayed
from tests.confirming_world import FIRST, MNS, in_order, plan
from tests.periods_world import readings

from qingtian.lake import traces
from qingtian.lake.tables import PACKETS
from qingtian.lake.writer import LakeWriter

DAYS = 2
OF_MINUTES = {"frozen_minutes", "clock_tampering"}


def story(seed: int) -> pl.DataFrame:
    """Return five-minute records of the stack, two hours of each day standing still; hours of the other outlet."""
    dice = np.random.default_rng(seed)
    parts = []
    for number in range(DAYS):
        day, still = FIRST + timedelta(days=number), int(dice.integers(0, 264))
        values = np.round(80 + 3 * dice.standard_normal(288), 2)
        values[still : still + 24] = 83.17
        gas = [{"factor": "a21002", "every": 5, "values": [float(value) for value in values]}]
        parts.append(readings(day, gas).with_columns(mn=pl.lit(MNS["G1"])))
        water = [{"factor": "w01018", "cn": 2061, "value": 30.0 + number}]
        parts.append(readings(day, water).with_columns(mn=pl.lit(MNS["W1"])))
    return in_order(pl.concat(parts))


def packets_of(rows: pl.DataFrame, *, back_from: int) -> pl.DataFrame:
    """Return the packets that the rows came in; from the message ``back_from`` on the clock is two hours slow."""
    sent = rows.unique(["mn", "sequence"], keep="first", maintain_order=True).sort("sequence", "mn")
    slow = pl.when(pl.col("sequence") >= back_from).then(pl.duration(hours=2)).otherwise(pl.duration())
    shown = (pl.col("received") - slow).dt.convert_time_zone("Asia/Shanghai").dt.strftime("%Y%m%d%H%M%S%3f")
    day = pl.col("received").dt.convert_time_zone("Asia/Shanghai").dt.date()
    bare = sent.drop("flag")
    missing = {name: pl.lit(None) for name in PACKETS.schema.names if name not in bare.columns}
    return bare.with_columns(**missing).with_columns(day=day, qn=shown, index=pl.lit(0)).select(PACKETS.schema.names)


def put(lake: Path, packets: pl.DataFrame) -> None:
    if len(packets):
        writer = LakeWriter(lake_url=str(lake), app_id="judge.1")
        table = packets.to_arrow().cast(PACKETS.schema)
        writer.append({"packets": table}, last_sequence=int(packets["sequence"].max()))  # type: ignore[arg-type]


@settings(max_examples=5, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(data=st.data())
def test_what_is_said_of_minutes_and_clocks_live_one_run_and_a_replay_say(data: st.DataObject) -> None:
    told = delayed(data, story(data.draw(st.integers(0, 5))), most=20, hours=30)
    packets = packets_of(told, back_from=data.draw(st.integers(60, 200), label="clock"))
    with tempfile.TemporaryDirectory() as folder:
        life = Life(Path(folder), plan())
        life.packets = traces.told(packets)
        said = life.said_by_all(
            data,
            told,
            parts=4,
            days=DAYS,
            among=lambda one: one["detector"] in OF_MINUTES,
            also=lambda come: put(life.lake, packets.filter(come)),
        )
    assert {one[1] for one in said} == OF_MINUTES
