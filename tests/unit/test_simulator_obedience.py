"""What a simulated device does when it is asked: a pure function, so no line, no clock, no dice."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from qingtian.base.times import BEIJING
from qingtian.stream.hj212 import Edition, Head, Message, Profile, Way, bodies, flag_of, read_message, tolerant, values
from qingtian.stream.hj212.frames import read_frames
from qingtian.stream.simulator import script, spelling, timeline
from qingtian.stream.simulator.archive import Archive
from qingtian.stream.simulator.device import SimulatedDevice, SimulatedFactor
from qingtian.stream.simulator.obedience.obey import Step, obey
from qingtian.stream.simulator.obedience.outcome import Site
from qingtian.stream.simulator.obedience.standing import Standing, at_start
from qingtian.stream.simulator.scenarios import Scenario

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=BEIJING)
AT = NOW.timestamp()
QN = "20261122103000123"
COD = SimulatedFactor(code="w01018", typical=30.0, unit="mg/L", decimals=1, upper=50.0)
LEAD = SimulatedFactor(code="w20120", typical=20.0, unit="µg/L", decimals=0)
DEVICE = SimulatedDevice(mn="010000A8900016F000169DC0", factors=(COD, LEAD))
OLD = replace(DEVICE, mn="88888880000001", edition=Edition.HJ2005)
NEW = replace(DEVICE, edition=Edition.HJ2025, key=b"0123456789ABCDEF")
DEVICES = {Edition.HJ2005: OLD, Edition.HJ2017: DEVICE, Edition.HJ2025: NEW}


class World:
    """A device at an instant, and whoever asks it."""

    def __init__(self, device: SimulatedDevice = DEVICE, scenario: Scenario | None = None) -> None:
        self.device = device
        self.now = AT
        self.standing: Standing = at_start(device, interval_s=30)
        self.scenario = scenario or script.named("normal")
        self.archive = Archive(device, timeline=timeline.Named(scenario=self.scenario, since=AT - 86400), seed=1)
        self.site = Site(device=device, archive=self._remember, clock=self._clock)

    def _remember(self, cn: int, begin: float, end: float, standing: Standing) -> list[bodies.Body]:
        return list(self.archive.between(cn, begin, end, standing, now=self.now))

    def _clock(self, standing: Standing, at: float) -> float:
        return at + standing.clock_ahead(at, since=AT - 86400, offset=self.scenario.clock_offset_s, drift=0.0)

    def ask(self, cn: int, body: bodies.Body | None = None, *, qn: str = QN, **head: object) -> Step:
        fields: dict[str, object] = {"st": "32", "pw": "123456", "mn": self.device.mn}
        fields["flag"] = flag_of(self.device.edition, asks=True)
        known = Head(qn=qn, cn=cn, **{**fields, **head})  # type: ignore[arg-type]
        step = obey(self.site, self.standing, Message(head=known, body=body or bodies.Empty()), now=self.now)
        self.standing = step.standing
        return step

    def said(self, step: Step) -> list[tuple[int, int | None]]:
        """Return CN and QnRtn or ExeRtn of all that was said."""
        return [(saying.cn, getattr(saying.body, "returned", None)) for saying in step.sayings]

    def done(self, cn: int, body: bodies.Body | None = None, **head: object) -> int | None:
        """Ask, and return the ExeRtn."""
        step = self.ask(cn, body, **head)  # type: ignore[arg-type]
        assert self.said(step)[0] == (9011, 1)
        return self.said(step)[-1][1]

    def data(self, cn: int, body: bodies.Body | None = None) -> bodies.Body:
        """Ask, and return the one body of data."""
        step = self.ask(cn, body, qn=f"202611221030{len(self.standing.handled):05d}")
        (found,) = [saying.body for saying in step.sayings if saying.cn == cn]
        return found

    def frames(self, step: Step) -> list[bytes]:
        qns = (f"2026112210310{number:04d}" for number in range(1000))
        return [
            frame
            for saying in step.sayings
            for frame in spelling.frames(self.device, self.standing, saying, next_qn=lambda: next(qns))
        ]


def span(hours: float, *, end: datetime = NOW) -> bodies.Span:
    return bodies.Span(begin=end - timedelta(hours=hours), end=end)


def test_it_tells_its_clock_and_sets_it() -> None:
    world = World(scenario=script.named("wrong_clock"))
    asked = world.data(1011, bodies.AskClock())
    assert isinstance(asked, bodies.Clock)
    assert asked.system_time == NOW + timedelta(seconds=2220)
    assert world.done(1012, bodies.Clock(system_time=NOW)) == 1
    after = world.data(1011, bodies.AskClock())
    assert isinstance(after, bodies.Clock)
    assert after.system_time == NOW


def test_it_takes_a_wrong_time_as_well_as_a_right_one() -> None:
    world = World()
    world.ask(1012, bodies.Clock(system_time=NOW + timedelta(hours=1)))
    asked = world.data(1011, bodies.AskClock())
    assert isinstance(asked, bodies.Clock)
    assert asked.system_time == NOW + timedelta(hours=1)


def test_it_sets_and_tells_intervals_time_outs_and_the_password() -> None:
    world = World()
    assert world.done(1000, bodies.TimeOut(over_time=5, recount=2)) == 1
    assert (world.standing.over_time, world.standing.recount) == (5, 2)
    world.ask(1062, bodies.RealTimeInterval(seconds=60), qn=QN[:-1] + "4")
    assert world.data(1061) == bodies.RealTimeInterval(seconds=60)
    world.ask(1064, bodies.MinuteInterval(minutes=5), qn=QN[:-1] + "5")
    assert world.data(1063) == bodies.MinuteInterval(minutes=5)
    step = world.ask(1072, bodies.NewPassword(password="654321"), qn=QN[:-1] + "6")
    assert [saying.pw for saying in step.sayings] == ["123456", "123456"]
    assert world.said(world.ask(1061, qn=QN[:-1] + "7")) == [(9011, 3)]
    assert world.said(world.ask(1061, qn=QN[:-1] + "8", pw="654321"))[0] == (9011, 1)


@pytest.mark.parametrize(
    ("cn", "body"),
    [
        (1062, bodies.RealTimeInterval(seconds=5)),
        (1064, bodies.MinuteInterval(minutes=7)),
        (1000, bodies.TimeOut(over_time=0, recount=3)),
        (1012, bodies.Plain()),
        (3011, bodies.Calibrate(pol_id="w99999")),
        (2061, bodies.Span(begin=NOW, end=NOW - timedelta(hours=1))),
        (1072, bodies.NewPassword(password="too long a word")),
        (3021, bodies.SetInformation(pol_id="w01018", info_id="i12001", infos={"i12001": "1"})),
    ],
    ids=str,
)
def test_it_tells_that_a_condition_is_not_met(cn: int, body: bodies.Body) -> None:
    world = World()
    assert world.said(world.ask(cn, body)) == [(9011, 1), (9012, 3)]
    assert replace(world.standing, handled=()) == at_start(DEVICE, interval_s=30)


@pytest.mark.parametrize(
    ("head", "returned"),
    [
        ({"pw": "000000"}, 3),
        ({"mn": "010000A8900016F000169DC1"}, 4),
        ({"st": "31"}, 5),
        ({"qn": "1"}, 7),
        ({"cn": 3023}, 8),
        ({"cn": 1021}, 8),
    ],
    ids=str,
)
def test_it_tells_what_of_a_request_is_wrong(head: dict[str, object], returned: int) -> None:
    given = {"cn": 1061, **head}
    assert World().said(World().ask(**given)) == [(9011, returned)]  # type: ignore[arg-type]
    old = {**given, "cn": 3023} if given["cn"] == 1021 else given
    assert World(OLD).said(World(OLD).ask(**old)) == [(9011, 3 if "pw" in head else 2)]  # type: ignore[arg-type]


def test_it_executes_a_request_that_came_again_once_and_answers_it_again() -> None:
    world = World()
    first = world.ask(3015)
    assert world.said(first)[0] == (9011, 1)
    assert world.said(world.ask(3015)) == [(9011, 1)]
    world.now += first.sayings[-1].after
    assert world.said(world.ask(3015)) == [(9011, 1), (9012, 1)]
    assert world.standing.bottle == 1


def test_it_answers_notices_and_stops_what_they_stop() -> None:
    world = World()
    assert world.said(world.ask(2012)) == [(9013, None)]
    assert not world.standing.realtime_on
    assert world.done(2011) == 1
    assert world.standing.realtime_on
    assert world.done(2021, qn=QN[:-1] + "4") == 1
    assert world.standing.equipment_on
    world.ask(2022, qn=QN[:-1] + "5")
    assert not world.standing.equipment_on
    assert world.said(world.ask(2012, pw="000000")) == []


def test_it_is_silent_to_answers() -> None:
    for cn in (9011, 9012, 9013, 9014):
        assert World().said(World().ask(cn)) == []


def test_it_gives_the_hours_asked_for_with_both_ends() -> None:
    step = World().ask(2061, bodies.Span(begin=NOW.replace(hour=6, minute=0), end=NOW.replace(hour=9, minute=0)))
    found = [saying.body.data_time.hour for saying in step.sayings if isinstance(saying.body, values.Values)]
    assert found == [6, 7, 8, 9]
    step = World().ask(2061, bodies.Span(begin=NOW.replace(hour=6, minute=0), end=NOW.replace(hour=6, minute=0)))
    assert World().said(step) == [(9011, 1), (2061, None), (9012, 1)]


def test_it_gives_minutes_days_and_equipment_hours_from_its_memory() -> None:
    assert len(World().ask(2051, span(2)).sayings) == 2 + 12
    assert len(World().ask(2031, span(72)).sayings) == 2 + 2
    (hours,) = [s.body for s in World().ask(2041, span(48)).sayings if isinstance(s.body, values.EquipmentHours)]
    assert set(hours.hours) == {"SB1"}


def test_it_gives_no_hour_that_is_not_over_and_none_beyond_its_memory() -> None:
    assert World().done(2061, span(0.5)) == 100
    assert World().done(2061, span(10, end=NOW - timedelta(days=40))) == 100
    assert World().done(2061, span(99, end=NOW + timedelta(days=4))) == 1


def test_it_remembers_nothing_of_a_time_when_it_was_off() -> None:
    off = replace(script.named("silence"), lasts_s=86400, rests_s=0)
    assert World(scenario=off).done(2061, span(12)) == 100


def test_it_says_the_same_again_that_it_sent_then() -> None:
    world = World()
    (given,) = [s.body for s in world.ask(2061, span(2)).sayings if isinstance(s.body, values.Values)]
    assert given == world.archive.of_period(2061, given.data_time.timestamp(), world.standing)


def test_it_marks_values_while_it_is_calibrated_and_is_busy_meanwhile() -> None:
    world = World()
    step = world.ask(3011, bodies.Calibrate(pol_id="w01018"))
    assert [saying.after for saying in step.sayings] == [0, 300]
    assert world.standing.mark_at("w01018", AT + 299) == "C"
    assert world.standing.mark_at("w01018", AT + 300) == "N"
    assert world.standing.mark_at("w20120", AT + 1) == "N"
    assert world.done(3013, bodies.OnAnalyser(pol_id="w01018"), qn=QN[:-1] + "4") == 5
    assert world.done(3013, bodies.OnAnalyser(pol_id="w20120"), qn=QN[:-1] + "5") == 1
    reading = world.archive.values_at(AT + 10, world.standing, data_time=AT + 10)
    assert [tags["Flag"] for tags in reading.factors.values()] == ["C", "M"]
    minutes = world.archive.of_period(2051, AT, world.standing)
    assert isinstance(minutes, values.Values)
    assert minutes.factors["w01018"]["Flag"] == "C"
    assert world.data(3020, bodies.AskInformation(pol_id="w01018", info_id="i12001")).infos == {"i12001": "3"}  # type: ignore[attr-defined]


def test_it_fills_bottle_after_bottle_until_all_are_full() -> None:
    world = World(replace(DEVICE, haste=1000))
    for bottle in range(1, 25):
        world.now += 1
        retained = world.data(3015)
        assert isinstance(retained, bodies.SampleRetained)
        assert retained.bottle == bottle
    assert world.done(3015) == 3


def test_it_sets_and_tells_the_sampling_cycle_and_the_time_to_result() -> None:
    world = World()
    cycle = bodies.SamplingCycle(pol_id="w01018", start=datetime(2026, 1, 1, 1, 30).time(), hours=4)
    world.ask(3016, cycle)
    assert world.data(3017, bodies.OnAnalyser(pol_id="w01018")) == cycle
    assert world.data(3018, bodies.OnAnalyser(pol_id="w01018")) == bodies.TimeToResult(pol_id="w01018", minutes=40)


def test_it_tells_serial_numbers_parameters_and_its_log() -> None:
    world = World()
    serial = world.data(3019, bodies.OnAnalyser(pol_id="w01018"))
    assert isinstance(serial, bodies.SerialNumber)
    assert len(serial.serials["w01018"]) == 24
    slope = bodies.AskInformation(pol_id="w01018", info_id="i13008")
    assert world.data(3020, slope).infos == {"i13008": "1.0"}  # type: ignore[attr-defined]
    world.ask(3021, bodies.SetInformation(pol_id="w01018", info_id="i13008", infos={"i13008": "0.8"}))
    assert world.data(3020, slope).infos == {"i13008": "0.8"}  # type: ignore[attr-defined]
    log = bodies.AskInformation(pol_id="w01018", info_id="i21001", begin=NOW - timedelta(hours=1), end=NOW)
    assert world.data(3020, log).infos == {"i21001": "//w01018 参数 i13008 由 1.0 改为 0.8//"}  # type: ignore[attr-defined]
    assert world.done(3020, replace(log, end=NOW - timedelta(minutes=5)), qn=QN[:-1] + "9") == 100


def test_it_knows_the_alarms_and_addresses_of_2005() -> None:
    over = replace(script.named("exceedance"), lasts_s=86400, rests_s=0)
    world = World(OLD, scenario=over)
    limits = world.data(1021, bodies.AskFactors(pol_ids=("011",)))
    assert limits == values.AlarmLimits(limits={"011": {"LowValue": "0", "UpValue": "50"}})
    world.ask(1022, values.AlarmLimits(limits={"011": {"UpValue": "60"}}))
    assert world.standing.limits["w01018"]["UpValue"] == "60"
    world.ask(1032, bodies.ReportTarget(target="13900000000"), qn=QN[:-1] + "4")
    assert world.data(1031) == bodies.ReportTarget(target="13900000000")
    assert len(world.ask(2071, span(1)).sayings) == 2 + 6
    assert world.done(1001, bodies.WarnTime(warn_time=5), qn=QN[:-1] + "5") == 1
    assert world.done(3014, bodies.SamplingTimes(pol_id="011", hours=(4, 10)), qn=QN[:-1] + "6") == 1


def test_it_takes_a_new_key() -> None:
    world = World(NEW)
    assert world.done(1014, bodies.NewKey(created=NOW, key="FEDCBA9876543210")) == 1
    assert world.standing.key == b"FEDCBA9876543210"


@pytest.mark.parametrize("device", DEVICES.values(), ids=[str(edition.value) for edition in DEVICES])
def test_its_answers_are_sound_frames_in_the_form_of_its_edition(device: SimulatedDevice) -> None:
    world = World(device)
    step = world.ask(2061, span(4))
    frames = world.frames(step)
    readings = [
        tolerant.read(frame, Profile(key=device.key), way=Way.UP) for raw in frames for frame in read_frames(raw)
    ]
    assert [reading.deviations for reading in readings] == [()] * len(frames)
    messages = [read_message(reading.frame.segment, way=Way.UP) for reading in readings]
    assert [message.head.cn for message in messages] == [9011, 2061, 2061, 2061, 9012]
    for message in (messages[0], messages[-1]):
        assert (message.exchange, message.head.st, message.head.asks) == (QN, "91", False)
        assert (message.head.qn is None) is (device is OLD)
        assert message.head.edition is device.edition
    assert len({message.head.qn for message in messages[1:-1]}) == (1 if device is OLD else 3)
    assert (b"w01018" in frames[1]) is (device is DEVICE)
