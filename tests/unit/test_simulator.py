"""Simulated devices: values, scenarios, messages, what they owe. Time is given, nothing is sent."""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import replace

import numpy as np
import pytest

from qingtian.base import times
from qingtian.stream.hj212.devices import DeviceTable
from qingtian.stream.hj212.editions import Edition
from qingtian.stream.hj212.kernels import frame_chunks
from qingtian.stream.hj212.messages.bodies import Body
from qingtian.stream.hj212.status import BAD_CHECKSUM, OK
from qingtian.stream.simulator import memory, messages, scenarios, script, spelling, timeline, values
from qingtian.stream.simulator.archive import Archive
from qingtian.stream.simulator.device import SimulatedDevice, SimulatedFactor
from qingtian.stream.simulator.fleet import Errand, Fleet
from qingtian.stream.simulator.obedience.obey import Saying
from qingtian.stream.simulator.obedience.standing import at_start
from qingtian.stream.simulator.outbox import Outbox, Record

AT = times.parse_stamp("20261122103000").timestamp()
COD = SimulatedFactor(code="w01018", typical=30.0, unit="mg/L", decimals=1, upper=50.0)
PH = SimulatedFactor(code="w01001", typical=7.5, lower=6.0, upper=9.0)
FLOW = SimulatedFactor(code="w00000", typical=10.0, unit="L/s")
WATER = SimulatedDevice(mn="0A" * 12, factors=(COD, PH, FLOW))
GAS = SimulatedDevice(
    mn="0B" * 12,
    st="31",
    medium="gas",
    factors=(
        SimulatedFactor(code="a21026", typical=20.0, unit="mg/m3", upper=35.0, converted=True),
        SimulatedFactor(code="a19001", typical=10.0, unit="%", decimals=1, spread=0.02),
        SimulatedFactor(code="a00000", typical=3.0, unit="m3/s"),
    ),
)

NORMAL, EXCEEDANCE, FLAT_LINE = script.named("normal"), script.named("exceedance"), script.named("flat_line")


def levels(device: SimulatedDevice, at: float, scenario: scenarios.Scenario = NORMAL) -> dict[str, float]:
    episode = timeline.Named(scenario=scenario, since=AT).at(device, at)
    return values.levels(device, at=at, episode=episode, seed=1)


def test_it_gives_the_same_value_for_the_same_instant_and_another_for_another_seed() -> None:
    assert levels(WATER, AT) == levels(WATER, AT)
    episode = timeline.Named(scenario=NORMAL, since=0).at(WATER, AT)
    assert values.levels(WATER, at=AT, episode=episode, seed=2) != levels(WATER, AT)


def test_it_keeps_a_device_in_order_within_its_limits_and_moving() -> None:
    day = [levels(WATER, AT + 30 * step) for step in range(2880)]
    cod = np.array([sample["w01018"] for sample in day])
    assert 0 < cod.min() < cod.max() < 50.0
    assert 0.02 < cod.std() / cod.mean() < 0.3
    assert all(6.0 < sample["w01001"] < 9.0 for sample in day)


def test_it_lets_one_factor_rise_over_its_limit_within_a_minute_and_come_down_again() -> None:
    before, over = levels(WATER, AT - 1), levels(WATER, AT + 90, EXCEEDANCE)
    after = levels(WATER, AT + EXCEEDANCE.lasts_s + 1, EXCEEDANCE)
    assert before["w01018"] < 50 < over["w01018"]
    assert after["w01018"] < 50
    assert over["w01001"] < 9


def test_it_takes_the_mean_of_the_hour_over_the_limit_as_well() -> None:
    hour = AT // 3600 * 3600
    named = timeline.Named(scenario=EXCEEDANCE, since=hour)
    found = values.statistics(WATER, start=hour, seconds=1200, timeline=named, seed=1)
    assert found["w01018"].mean > 50
    assert found["w01018"].least <= found["w01018"].mean <= found["w01018"].greatest


def test_it_freezes_the_values_of_a_flat_line() -> None:
    assert levels(WATER, AT + 10, FLAT_LINE) == levels(WATER, AT + 5000, FLAT_LINE)
    assert levels(WATER, AT + 10) != levels(WATER, AT + 5000)


def test_it_names_the_scenarios_and_refuses_others() -> None:
    assert set(scenarios.names()) == {
        "normal",
        "exceedance",
        "flat_line",
        "silence",
        "treatment_off",
        "backlog_resend",
        "wrong_clock",
        "broken_checksum",
    }
    with pytest.raises(scenarios.UnknownScenario, match="are: backlog_resend, "):
        script.named("storm")


def accepted(frame: bytes, mn: str) -> int:
    found = frame_chunks(frame, np.array([0, len(frame)]), DeviceTable.build([mn]))
    assert len(found) == 1
    return int(found.status[0])


def frames(device: SimulatedDevice, body: Body, cn: int) -> list[bytes]:
    qns = (f"2026112210300{number:04d}" for number in range(1000))
    standing = at_start(device, interval_s=30)
    return spelling.frames(device, standing, Saying(cn=cn, body=body, qn=None), next_qn=lambda: next(qns))


def archive(device: SimulatedDevice, scenario: scenarios.Scenario = NORMAL) -> Archive:
    return Archive(device, timeline=timeline.Named(scenario=scenario, since=AT), seed=1)


@pytest.mark.parametrize("device", [WATER, GAS])
def test_it_writes_frames_that_the_codec_accepts(device: SimulatedDevice) -> None:
    body = archive(device).values_at(AT, at_start(device, interval_s=30), data_time=AT)
    [frame] = frames(device, body, 2011)
    assert accepted(frame, device.mn) == OK
    assert accepted(messages.broken(frame), device.mn) == BAD_CHECKSUM


def test_it_reports_converted_values_that_fit_the_oxygen() -> None:
    found = messages.realtime(GAS, levels(GAS, AT), lambda code: "N")
    ratio = (21 - float(found["a19001"]["Rtd"])) / (21 - GAS.reference_oxygen)
    assert float(found["a21026"]["Rtd"]) == pytest.approx(float(found["a21026"]["ZsRtd"]) * ratio, rel=0.01)


def test_it_reports_volume_and_mass_of_a_period() -> None:
    found = {factor.code: values.Statistics(factor.typical, 1.0, 40.0) for factor in WATER.factors}
    told = messages.period(WATER, found, hours=1.0, mark_of=lambda code: "N")
    assert told["w00000"]["Cou"] == "36.00"
    assert told["w01018"] == {"Cou": "1.0800", "Min": "1.0", "Avg": "30.0", "Max": "40.0", "Flag": "N"}


def test_it_speaks_of_factors_as_2005_did_in_the_units_of_2005() -> None:
    lead = SimulatedFactor(code="w20120", typical=50.0, unit="µg/L", decimals=0)
    device = replace(WATER, edition=Edition.HJ2005, factors=(COD, lead))
    found = messages.realtime(device, {"w01018": 30.0, "w20120": 50.0}, lambda code: "N")
    assert found == {"011": {"Rtd": "30.0", "Flag": "N"}, "027": {"Rtd": "0.050", "Flag": "N"}}


def test_it_sends_a_message_that_is_too_long_in_parts() -> None:
    factors = tuple(SimulatedFactor(code=f"w{number:05d}", typical=1.0) for number in range(60))
    device = replace(WATER, factors=factors)
    body = archive(device).of_period(2061, AT, at_start(device, interval_s=30))
    parts = frames(device, body, 2061)
    assert len(parts) > 1
    assert all(b";Flag=7;PNUM=%d;PNO=%d;" % (len(parts), number) in part for number, part in enumerate(parts, 1))
    assert all(len(part) <= 1024 + 12 and b"CP=&&DataTime=20261122103000;" in part for part in parts)
    assert sum(part.count(b"-Avg") for part in parts) == 60
    assert len({part[9:26] for part in parts}) == len(parts)
    assert [accepted(part, device.mn) for part in parts] == [OK] * len(parts)


def test_it_bends_the_values_of_named_factors_along_a_curve() -> None:
    bent = scenarios.Scenario(name="t", zh="测试", curve=((0, 1), (600, 3)), factors=("w01018",))
    straight = levels(WATER, AT + 300)
    assert levels(WATER, AT + 300, bent)["w01018"] == pytest.approx(2 * straight["w01018"])
    assert levels(WATER, AT + 300, bent)["w01001"] == straight["w01001"]


def test_it_draws_about_one_device_in_a_hundred_to_exceed_and_only_while_watched() -> None:
    devices = [SimulatedDevice(mn=f"{number:024X}", factors=(COD,)) for number in range(1177)]
    city = timeline.City(seed=3, spans=[(AT, math.inf)])
    exceeding = [city.at(device, AT + 5000).scenario.exceeding for device in devices]
    assert 5 <= sum(exceeding) <= 35
    assert not any(city.at(device, AT - 5000).scenario is not NORMAL for device in devices)
    starts = {episode.start for device in devices if (episode := city.at(device, AT + 5000)).scenario.exceeding}
    assert len(starts) > 3


def test_it_opens_a_city_with_devices_whose_last_hour_is_over() -> None:
    devices = [
        SimulatedDevice(mn=f"{number:024X}", factors=(COD,), medium="gas" if number % 2 else "water")
        for number in range(50)
    ]
    chosen, stuck = timeline.opening(devices, seed=3, since=AT)
    assert (len(chosen), len(stuck), chosen & stuck) == (6, 3, frozenset())
    city = timeline.City(seed=3, spans=[(AT, math.inf)], opening=chosen, stuck=stuck)
    fleet = Fleet(devices, Errand(host="h", port=1), timeline=city, clock=lambda: AT)
    fleet.owe(since=None, first=chosen)
    hour = AT // 3600 * 3600 - 3600
    for logger in fleet.loggers:
        first = logger.outbox.first()
        assert len(logger.outbox) == 24
        if logger.device.mn in chosen:
            assert first.at == hour
            over = values.statistics(logger.device, start=hour, seconds=3600, timeline=city, seed=0)
            assert over["w01018"].mean > 50
        else:
            assert first.at == hour - 23 * 3600
        if logger.device.mn in stuck:
            hours = [hour - 3600 * back for back in range(6)]
            means = [values.statistics(logger.device, start=at, seconds=3600, timeline=city, seed=0) for at in hours]
            assert len({each["w01018"].mean for each in means}) == 1


def test_it_owes_only_what_it_has_not_sent() -> None:
    fleet = Fleet(
        [WATER], Errand(host="h", port=1), timeline=timeline.City(seed=1, spans=[(AT, math.inf)]), clock=lambda: AT
    )
    hour = AT // 3600 * 3600
    fleet.owe(since=hour - 7200 + 60, first=frozenset())
    assert [record.at for record in fleet.loggers[0].outbox] == [hour - 7200, hour - 3600]
    assert fleet.sent_until() == hour - 7200


def test_it_remembers_between_runs(tmp_path: object) -> None:
    from pathlib import Path

    file = Path(str(tmp_path)) / "deep" / "simulator.json"
    known = memory.read(file)
    assert known.sent_until is None
    known.begin(AT)
    known.save(file, now=AT + 60, sent_until=AT + 30)
    again = memory.read(file)
    again.begin(AT + 500)
    assert again.sent_until == AT + 30
    assert again.spans == [(AT, AT + 60), (AT + 500, math.inf)]


async def test_it_sends_the_new_before_the_owed_and_keeps_what_is_not_acknowledged() -> None:
    outbox = Outbox()
    owed, fresh = Record(cn=2061, at=1.0), Record(cn=2011, at=2.0)
    outbox.owe([owed])
    outbox.add(fresh)
    assert outbox.first() is fresh
    assert not outbox.owes()
    outbox.line_lost()
    assert [outbox.first(), outbox.owes(), len(outbox)] == [owed, True, 2]
    outbox.remove(owed)
    assert outbox.first() is fresh
    outbox.remove(fresh)
    assert not await outbox.wait(0.01)


async def test_a_run_of_many_devices_ends_when_its_time_is_over() -> None:
    devices = [SimulatedDevice(mn=f"{number:024X}", factors=(COD,)) for number in range(400)]
    # nobody listens there; every device records, waits, dials
    errand = Errand(host="127.0.0.1", port=1, interval=0.05, seconds=0.5)
    fleet = Fleet(devices, errand, timeline=timeline.Named(scenario=NORMAL, since=0), clock=time.time)
    async with asyncio.timeout(60):
        await fleet.run()
    assert all(len(logger.outbox) for logger in fleet.loggers)
