"""From packets to evidence: frames judged, rows in a lake, findings taken into the registers, as processes do it."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from tests.judge_world import batch, frame, realtime
from tests.office_world import MONDAY, OUTLET

from qingtian.base.times import BEIJING
from qingtian.lake.reader import Lake, open_lake
from qingtian.lake.writer import LakeWriter
from qingtian.stream.findings import plan as judge_plan
from qingtian.stream.findings.detectors import discover
from qingtian.stream.findings.judge import Judge
from qingtian.stream.periods import api as periods
from qingtian.stream.readings.rows import packet_rows, reading_rows

COD = "w01018"
MIDNIGHT = datetime(2026, 11, 23, tzinfo=BEIJING)


@dataclass(kw_only=True)
class Evidence:
    """A lake, a judge and the plan in force. ``mn``: of the first device of the outlet."""

    lake_url: str
    document: dict[str, Any]
    judge: Judge

    @property
    def lake(self) -> Lake:
        return open_lake(self.lake_url)

    @property
    def mn(self) -> str:
        outlet = next(one for one in self.document["outlets"] if one["code"] == OUTLET)
        return str(outlet["devices"][0]["mn"])

    def receive(self, frames: Sequence[tuple[bytes, datetime]]) -> list[dict[str, Any]]:
        """Let the judge see frames and the lake keep them; return the events found."""
        found, rows = self.judge.judge([(self.judge.position + 1, batch(frames, plan=self.document["number"]))])
        tables = {"packets": packet_rows(rows), "readings": reading_rows(rows)}
        LakeWriter(lake_url=self.lake_url, app_id="judge.0").append(tables, last_sequence=self.judge.position)
        return [orjson.loads(orjson.dumps(event.message())) for event in found]

    def confirm(self) -> list[dict[str, Any]]:
        """Return what the closed periods of the day show, as the confirmer says it."""
        plan = periods.read_plan(self.document)
        lake = self.lake
        rows = lake.reading_files.scan(lake.reading_files.known()).collect()
        windows = periods.windows(periods.rows_of(rows), plan, days=[MIDNIGHT.date()])
        return [one.message() for one in periods.judge(windows, plan)]

    def hours(self, values: Sequence[float]) -> list[tuple[bytes, datetime]]:
        """Hour records of the day, each arriving a minute after its hour."""
        return [
            (
                frame(self.mn, at, f"{COD}-Avg={value:g},{COD}-Min=1,{COD}-Max=200,{COD}-Flag=N", cn=2061),
                at + timedelta(minutes=61),
            )
            for number, value in enumerate(values)
            for at in [MIDNIGHT + timedelta(hours=number)]
        ]

    def over(self, values: Sequence[float] = (60, 130, 140.5, 150, 180)) -> list[tuple[bytes, datetime]]:
        """Real-time values that go over the limit."""
        return realtime(self.mn, list(values), factor=COD, start=MONDAY)


def evidence(folder: Path) -> Evidence:
    """Publish the plan of the registers and give a judge that knows it, and an empty lake."""
    from qingtian.office.ledger.api import System
    from qingtian.office.sites import api as sites
    from qingtian.office.sites.models import PlanSnapshot

    sites.publish_plan(acting_user=System("test"), at=MIDNIGHT)
    snapshot = PlanSnapshot.objects.order_by("-number").first()
    assert snapshot is not None
    document = orjson.loads(zlib.decompress(bytes(snapshot.document)))
    judge = Judge(discover())
    judge.adopt(judge_plan.read(document), received=0)
    return Evidence(lake_url=str(folder / "lake"), document=document, judge=judge)
