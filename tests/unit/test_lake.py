"""The lake: rows exactly once, whatever is cut off between writing and remembering; empty answers before the first."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from qingtian.base.times import BEIJING
from qingtian.lake import writer as lake_writer
from qingtian.lake.days import DayReader
from qingtian.lake.maintenance import SMALL_FILES, tidy
from qingtian.lake.reader import open_lake
from qingtian.lake.tables import PACKETS, READINGS, LakeUnreachable
from qingtian.lake.writer import NOTHING, LakeWriter, contained

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=BEIJING)
DAY = NOON.date()


def packets(sequences: list[int], *, mn: str = "A", at: datetime = NOON) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "day": at.date(),
                "mn": mn,
                "qn": "20261122120000000",
                "st": "32",
                "cn": 2011,
                "flag": 5,
                "data_time": at + timedelta(seconds=sequence),
                "received": at + timedelta(seconds=sequence),
                "address": "127.0.0.1",
                "plan": 1,
                "sequence": sequence,
                "index": 0,
                "segment": b"##",
            }
            for sequence in sequences
        ],
        schema=PACKETS.schema,
    )


def readings(sequences: list[int], *, mn: str = "A", factor: str = "w01018", at: datetime = NOON) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "day": at.date(),
                "mn": mn,
                "factor": factor,
                "cn": 2011,
                "measure": "Rtd",
                "value": float(sequence),
                "flag": "N" if sequence % 10 else "D",
                "data_time": at + timedelta(seconds=sequence),
                "received": at + timedelta(seconds=sequence),
                "sequence": sequence,
                "index": 0,
            }
            for sequence in sequences
        ],
        schema=READINGS.schema,
    )


def append(url: str, sequences: list[int], **of: object) -> int:
    rows = {"packets": packets(sequences, **of), "readings": readings(sequences, **of)}  # type: ignore[arg-type]
    return LakeWriter(lake_url=url, app_id="judge.0").append(rows, last_sequence=sequences[-1])


def sequences_of(url: str, mn: str = "A") -> list[int]:
    return open_lake(url).latest_packets(mn, 10_000)["sequence"].sort().to_list()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return str(tmp_path / "lake")


def test_it_answers_with_empty_frames_while_nobody_has_written(url: str) -> None:
    lake = open_lake(url)
    assert lake.latest_packets("A").is_empty()
    assert lake.latest_packets("A").columns == PACKETS.stored.names
    assert lake.readings(mn="A", start=NOON, end=NOON + timedelta(days=1)).is_empty()
    assert lake.packet(1, 0) is None
    assert lake.counts() == {"packets": 0, "readings": 0}
    assert contained(lake_url=url, spec=PACKETS, app_id="judge.0") == NOTHING


def test_it_leaves_out_what_it_already_contains(url: str) -> None:
    append(url, [1, 2, 3])
    assert append(url, [1, 2, 3]) == 0
    assert append(url, [2, 3, 4, 5]) == 4
    assert sequences_of(url) == [1, 2, 3, 4, 5]
    assert contained(lake_url=url, spec=READINGS, app_id="judge.0") == 5


def test_it_completes_the_second_table_after_a_kill_between_the_two(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written = lake_writer.store

    def killed(lake_url: str, spec: object, *args: object, **kwargs: object) -> object:
        if spec is READINGS:
            raise OSError(28, "No space left on device")
        return written(lake_url, spec, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(lake_writer, "store", killed)
    with pytest.raises(LakeUnreachable) as refused:
        append(url, [1, 2])
    assert "No space left" in refused.value.sentence("en")
    monkeypatch.undo()
    assert open_lake(url).counts() == {"packets": 2, "readings": 0}
    append(url, [1, 2, 3])
    assert open_lake(url).counts() == {"packets": 3, "readings": 3}


def test_it_puts_rows_that_arrive_around_midnight_into_both_days(url: str) -> None:
    midnight = datetime(2026, 11, 23, tzinfo=BEIJING)
    both = pa.concat_tables([packets([1], at=midnight - timedelta(minutes=1)), packets([2], at=midnight)])
    LakeWriter(lake_url=url, app_id="judge.0").append({"packets": both}, last_sequence=2)
    assert open_lake(url).counts(since=date(2026, 11, 23)) == {"packets": 1, "readings": 0}
    assert sequences_of(url) == [1, 2]


def test_it_finds_the_packet_that_a_finding_names(url: str) -> None:
    append(url, [7, 8])
    lake = open_lake(url)
    found = lake.packet(8, 0)
    assert found is not None
    assert (found["mn"], found["segment"], found["data_time"]) == ("A", b"##", NOON + timedelta(seconds=8))
    assert lake.packet(9, 0) is None


def test_it_gives_the_newest_packets_first_and_sees_what_is_appended_later(url: str) -> None:
    append(url, [1, 2], at=NOON - timedelta(days=2))
    lake = open_lake(url)
    assert lake.latest_packets("A", 5)["sequence"].to_list() == [2, 1]
    append(url, [3])
    assert lake.latest_packets("A", 2)["sequence"].to_list() == [3, 2]


def test_it_thins_a_series_but_keeps_its_peak_and_its_marks(url: str) -> None:
    append(url, list(range(1, 101)))
    rows = open_lake(url).readings(mn="A", start=NOON, end=NOON + timedelta(seconds=120), factors=["w01018"], points=6)
    assert rows["count"].sum() == 100
    assert len(rows) <= 7
    assert (rows["high"].max(), rows["low"].min()) == (100.0, 1.0)
    assert "D" in rows["flag"].to_list()


def test_it_reads_a_range_of_data_times_end_excluded(url: str) -> None:
    append(url, list(range(1, 11)))
    start = NOON + timedelta(seconds=3)
    rows = open_lake(url).readings(mn="A", start=start, end=start + timedelta(seconds=4), cns=[2011], measures=["Rtd"])
    assert rows["value"].to_list() == [3.0, 4.0, 5.0, 6.0]


def test_it_merges_small_files_sorted_by_device_and_changes_no_row(url: str) -> None:
    writer = LakeWriter(lake_url=url, app_id="judge.0")
    for sequence in range(1, 13):
        mn = "ABC"[sequence % 3]
        writer.append(
            {"packets": packets([sequence], mn=mn), "readings": readings([sequence], mn=mn)}, last_sequence=sequence
        )
    lake = open_lake(url)
    before = lake.latest_packets("B", 100)
    first = tidy(lake_url=url, today=DAY, retention_hours=0)
    assert [(outcome.files_before, outcome.files_after) for outcome in first] == [(12, 1), (12, 1)]
    assert lake.latest_packets("B", 100).equals(before)
    assert lake.counts() == {"packets": 12, "readings": 12}
    again = tidy(lake_url=url, today=DAY, retention_hours=0)
    assert [outcome.merges for outcome in again] == [0, 0]
    assert len(list(Path(url).glob("packets/day=*/*.parquet"))) == 1


def test_it_leaves_an_open_day_with_few_files_alone_but_not_a_closed_one(url: str) -> None:
    append(url, [1])
    assert SMALL_FILES > 1
    assert [outcome.merges for outcome in tidy(lake_url=url, today=DAY)] == [0, 0]
    assert [outcome.merges for outcome in tidy(lake_url=url, today=DAY + timedelta(days=1))] == [1, 1]


def test_it_still_appends_once_after_a_merge(url: str) -> None:
    writer = LakeWriter(lake_url=url, app_id="judge.0")
    writer.append({"packets": packets([1, 2])}, last_sequence=2)
    tidy(lake_url=url, today=DAY + timedelta(days=1))
    writer.append({"packets": packets([2, 3])}, last_sequence=3)
    assert sequences_of(url) == [1, 2, 3]
    assert contained(lake_url=url, spec=PACKETS, app_id="judge.0") == 3


def test_it_has_nothing_to_tidy_while_there_is_no_table(url: str) -> None:
    assert tidy(lake_url=url, today=DAY) == []


def measured(url: str, *mns: str) -> list[tuple[str, float | None]]:
    table = DayReader(url, mns=mns).measured(DAY)
    return sorted(zip(table["mn"].to_pylist(), table["value"].to_pylist(), strict=True), key=str)


def test_history_is_read_from_files_with_gaps_and_files_without(url: str) -> None:
    whole, gappy = readings([1, 2]), readings([3, 4])
    place = gappy.schema.get_field_index("value")
    gappy = gappy.set_column(place, gappy.schema.field(place), pa.array([None, 4.0]))
    writer = LakeWriter(lake_url=url, app_id="judge.0")
    writer.append({"packets": packets([1, 2]), "readings": whole}, last_sequence=2)
    writer.append({"packets": packets([3, 4]), "readings": gappy}, last_sequence=4)
    assert measured(url, "A") == [("A", 1.0), ("A", 2.0), ("A", 4.0), ("A", None)]
    tidy(lake_url=url, today=DAY + timedelta(days=1))
    assert measured(url, "A") == [("A", 1.0), ("A", 2.0), ("A", 4.0), ("A", None)]


def test_rows_of_neighbours_at_the_edges_of_a_row_group_are_not_handed_on(url: str) -> None:
    writer = LakeWriter(lake_url=url, app_id="judge.0")
    for place, mn in enumerate("ABCD"):
        rows = {"packets": packets([place + 1], mn=mn), "readings": readings([place + 1], mn=mn)}
        writer.append(rows, last_sequence=place + 1)
    tidy(lake_url=url, today=DAY + timedelta(days=1))
    assert measured(url, "B", "C") == [("B", 2.0), ("C", 3.0)]
    assert measured(url, "E") == []
