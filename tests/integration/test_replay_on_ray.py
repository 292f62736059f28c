"""A replay on a Ray cluster of two nodes says what processes of one machine say. Runs only where ray is installed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from qingtian.base import times
from qingtian.entry.load import city_day
from qingtian.entry.replaying import crew_for, replay
from qingtian.stream.replaying.task import Task, midnight

ray = pytest.importorskip("ray", reason="the extra qingtian[ray] is not installed")
# Ray itself leaves sockets and files to the collector
pytestmark = [pytest.mark.ray, pytest.mark.filterwarnings("ignore")]

DAY = date(2026, 11, 20)
END = datetime(2026, 11, 21, tzinfo=times.BEIJING)
OUTLETS = 170
"""More than one task holds."""


@pytest.fixture
def cluster() -> Iterator[str]:
    """Two nodes of one core each; the address of their head."""
    from ray.cluster_utils import Cluster

    two = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    two.add_node(num_cpus=1)
    yield str(two.address)
    two.shutdown()


def test_two_nodes_find_what_one_machine_finds(cluster: str, tmp_path: Path) -> None:
    lake = str(tmp_path / "lake")
    city_day.fill(lake, outlets=OUTLETS, end=END, minutes=120)
    plan = city_day.snapshot(OUTLETS, made=END - timedelta(days=2))
    task = Task(
        lake_url=lake,
        first=DAY,
        last=DAY,
        plans={1: plan},
        newest=1,
        horizon=midnight(DAY + timedelta(days=1)),
        suspicions=False,
    )
    with crew_for(task, processes=1, ray=cluster) as crew:
        assert len([node for node in ray.nodes() if node["Alive"]]) == 2
        there = replay(task, crew)
    with crew_for(task, processes=1, ray=None) as crew:
        here = replay(task, crew)
    assert there.readings == here.readings == OUTLETS * 120 * len(city_day.FACTORS)
    assert (there.events, there.standing) == (here.events, here.standing)
    assert here.events
