"""The judge: what is sent again, what is late, wrong clocks, plans that change, what it says of the devices."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.judge_world import START, batch, frame, limit, realtime, snapshot

from qingtian.base import times
from qingtian.stream.findings import checkpoint, plan
from qingtian.stream.findings.checkpoint import CheckpointRefused
from qingtian.stream.findings.detectors import BrokenManifest, Finding, discover, read_manifest
from qingtian.stream.findings.device_states import DeviceStates
from qingtian.stream.findings.judge import Judge
from qingtian.stream.findings.sieve import REMEMBERED

COD = [limit("w01018", upper=50.0)]


def judge_of(outlets: dict[str, list[dict[str, Any]]] | None = None) -> Judge:
    judge = Judge(discover())
    judge.adopt(plan.read(snapshot(outlets or {"A": COD, "B": COD})), received=0)
    return judge


def feed(judge: Judge, frames: list[tuple[bytes, datetime]]) -> list[Finding]:
    return judge.judge([(judge.position + 1, batch(frames))])[0]


def device(judge: Judge, mn: str) -> dict[str, Any]:
    (message,) = DeviceStates(judge).messages(START)
    return next(one for one in message["devices"] if one["mn"] == mn)  # type: ignore[attr-defined]


def test_it_drops_a_packet_that_is_sent_again_and_counts_it() -> None:
    judge = judge_of()
    frames = realtime("A", [60])
    found, stretch = judge.judge([(1, batch(frames * 3))])
    assert found == []
    assert stretch.kept.tolist() == [True, False, False]
    assert (device(judge, "A")["packets"], device(judge, "A")["duplicates"]) == (1, 2)


def test_it_remembers_the_last_packets_of_each_device_only() -> None:
    judge = judge_of()
    frames = realtime("A", list(range(REMEMBERED + 1)))
    feed(judge, frames)
    _, stretch = judge.judge([(2, batch([frames[1], frames[0]]))])
    assert stretch.kept.tolist() == [False, True]


def test_it_does_not_alarm_on_backfilled_data_but_keeps_them() -> None:
    judge = judge_of()
    late = [(one, received + timedelta(hours=2)) for one, received in realtime("A", [60, 60, 60, 60])]
    found, stretch = judge.judge([(1, batch(late))])
    assert found == []
    assert stretch.kept.all()


def test_it_does_not_count_values_older_than_the_last_judged_of_the_series() -> None:
    judge = judge_of()
    first, second, third, fourth = realtime("A", [60, 60, 61, 62])
    assert feed(judge, [fourth, third, second, first]) == []


def test_it_reports_a_clock_that_is_ahead_and_does_not_judge_by_it() -> None:
    judge = judge_of()
    ahead = [(one, received - timedelta(hours=1)) for one, received in realtime("A", [60, 60, 60])]
    assert feed(judge, ahead) == []
    assert device(judge, "A")["clock_offset_s"] == pytest.approx(3599.5)


def test_it_begins_a_row_anew_after_a_long_silence() -> None:
    judge = judge_of()
    assert feed(judge, realtime("A", [60, 60])) == []
    assert feed(judge, realtime("A", [60], start=START + timedelta(hours=1))) == []


def test_it_keeps_packets_of_devices_that_no_plan_has() -> None:
    judge = judge_of()
    _, stretch = judge.judge([(1, batch(realtime("UNKNOWN", [60])))])
    assert [stretch.mns[number] for number in stretch.device] == ["UNKNOWN"]


def test_a_finding_names_limit_plan_and_packets() -> None:
    (opened,) = feed(judge_of(), realtime("A", [60, 61, 62]))
    message = opened.message()
    assert message["event"] == "opened"
    assert message["limit"] == COD[0]
    assert (message["outlet"], message["plan"], message["measure"], message["count"]) == ("O-A", 1, "Rtd", 3)
    assert message["since"] == "2026-11-22T10:00:00+08:00"
    assert message["received_us"] == times.to_microseconds(START + timedelta(seconds=60.5))
    assert message["evidence"]["packets"][-1] == {  # type: ignore[index]
        "sequence": 1,
        "index": 2,
        "qn": "20261122100100000",
        "data_time": "2026-11-22T10:01:00+08:00",
        "value": 62.0,
        "flag": "N",
    }


def test_a_finding_has_the_same_id_in_every_replay_and_another_for_another_run() -> None:
    (once,), (again,) = feed(judge_of(), realtime("A", [60] * 3)), feed(judge_of(), realtime("A", [60] * 3))
    (other,) = feed(judge_of(), realtime("B", [60] * 3))
    assert once.message() == again.message()
    assert other.id != once.id


def test_a_new_plan_carries_the_count_on_under_the_new_limit() -> None:
    judge = judge_of()
    assert feed(judge, realtime("A", [60, 60])) == []
    judge.adopt(plan.read(snapshot({"A": [limit("w01018", upper=55.0)]}, number=2)), received=0)
    (opened,) = feed(judge, realtime("A", [60], start=START + timedelta(minutes=1)))
    assert (opened.count, opened.limit["upper"], opened.plan) == (3, 55.0, 2)


def test_a_plan_without_the_limit_closes_the_run() -> None:
    judge = judge_of()
    (opened,) = feed(judge, realtime("A", [60, 60, 60]))
    (closed,) = judge.adopt(plan.read(snapshot({"A": []}, number=2)), received=77)
    assert (closed.event, closed.finding, closed.received) == ("closed", opened.finding, 77)
    assert closed.zh == "化学需氧量的日均限值50mg/L已从监测方案中撤下，本次高于限值的记录到此为止：共3次，峰值60mg/L。"


def test_a_plan_without_the_outlet_still_closes_its_run() -> None:
    judge = judge_of()
    (opened,) = feed(judge, realtime("A", [60, 60, 60]))
    (closed,) = judge.adopt(plan.read(snapshot({"B": COD}, number=2)), received=77)
    assert (closed.finding, closed.outlet) == (opened.finding, "O-A")


def test_device_states_tell_only_what_changed() -> None:
    judge = judge_of()
    states = DeviceStates(judge)
    feed(judge, realtime("A", [60, 60, 60]))
    (message,) = states.messages(START)
    (only,) = message["devices"]  # type: ignore[misc]
    assert (only["mn"], only["state"], only["values"]) == ("A", "attention", {"w01018": [60.0, "N"]})
    assert list(states.messages(START)) == []
    feed(judge, realtime("B", [1]))
    assert [one["mn"] for message in states.messages(START) for one in message["devices"]] == ["B"]  # type: ignore[attr-defined]


def test_a_breach_of_the_period_level_outranks_a_warning() -> None:
    judge = judge_of({"A": [limit("a21026", upper=35.0, period="hour")]})
    feed(judge, [(frame("A", START, "a21026-Avg=36,a21026-Flag=N", cn=2061), START + timedelta(hours=1))])
    assert device(judge, "A")["state"] == "breach"


def test_a_checkpoint_that_is_cut_is_refused_with_advice(tmp_path: Path) -> None:
    file = checkpoint.path(tmp_path, 0)
    assert checkpoint.read(file) is None
    checkpoint.write(file, judge_of().dump())
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(CheckpointRefused) as refused:
        checkpoint.read(file)
    assert "move the file away" in refused.value.sentence("en")


def test_a_kill_while_writing_leaves_the_old_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = checkpoint.path(tmp_path, 0)
    judge = judge_of()
    checkpoint.write(file, judge.dump())

    def killed(*paths: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(checkpoint.os, "replace", killed)
    judge.skip(99)
    with pytest.raises(KeyboardInterrupt):
        checkpoint.write(file, judge.dump())
    state = checkpoint.read(file)
    assert state is not None
    assert int(state["position"]) == 0


def test_every_detector_folder_is_found_with_its_rules_and_their_sources() -> None:
    found = {detector.manifest.code: detector.manifest for detector in discover()}
    assert "exceedance" in found
    for manifest in found.values():
        assert manifest.zh
        assert manifest.en
        assert all(rule.source for table in manifest.rules.values() for rule in table)


def test_a_manifest_that_lacks_something_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "halfdone"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "manifest.yaml").write_text("code: halfdone\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(BrokenManifest, match="version"):
        read_manifest("halfdone")
