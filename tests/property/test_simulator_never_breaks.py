"""No request, sound or not, breaks a simulated device; what it says is always a sound frame."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st
from tests.property.hj212_strategies import careless, modest
from tests.property.test_hj212_messages_round_trip import body_of

from qingtian.base.times import BEIJING
from qingtian.stream.hj212 import Edition, Head, Message, Profile, TolerantReader, Way, flag_of, read_message
from qingtian.stream.hj212.messages.catalogue import BODIES
from qingtian.stream.hj212.segment import BrokenSegment
from qingtian.stream.simulator import quirks, script, spelling, timeline
from qingtian.stream.simulator.archive import Archive
from qingtian.stream.simulator.device import SimulatedDevice, SimulatedFactor
from qingtian.stream.simulator.obedience.obey import obey
from qingtian.stream.simulator.obedience.outcome import Site
from qingtian.stream.simulator.obedience.standing import Standing, at_start

AT = datetime(2026, 11, 22, 10, 30, tzinfo=BEIJING).timestamp()
MN = {Edition.HJ2005: "88888880000001", Edition.HJ2017: "0A" * 12, Edition.HJ2025: "0B" * 12}
FACTORS = (
    SimulatedFactor(code="w01018", typical=30.0, unit="mg/L", decimals=1, upper=50.0),
    SimulatedFactor(code="a21026", typical=20.0, unit="mg/m3"),
)
PLANS = timeline.Named(scenario=script.named("exceedance"), since=AT - 5000)


def site_of(edition: Edition) -> Site:
    device = SimulatedDevice(mn=MN[edition], factors=FACTORS, edition=edition, memory_days=2)
    archive = Archive(device, timeline=PLANS, seed=1)
    return Site(
        device=device,
        archive=lambda cn, begin, end, standing: archive.between(cn, begin, end, standing, now=AT),
        clock=lambda standing, at: at + standing.clock_error,
    )


def takes(site: Site, standing: Standing, message: Message) -> Standing:
    """Let it obey; read all that it says; return how it stands then."""
    step = obey(site, standing, message, now=AT)
    qns = (f"2026112210300{number:04d}" for number in range(9999))
    reader = TolerantReader(lambda mn: Profile(key=step.standing.key), way=Way.UP)
    for saying in step.sayings:
        frames = spelling.frames(site.device, step.standing, saying, next_qn=lambda: next(qns))
        readings = reader.feed(b"".join(frames))
        assert [reading.ok for reading in readings] == [True] * len(frames)
    return step.standing


@st.composite
def requests(draw: st.DrawFn, edition: Edition) -> Message:
    rows = sorted(
        (cn, body.__name__, body) for (cn, way, of), body in BODIES.items() if way is Way.DOWN and of is edition
    )
    cn, _, body = draw(st.sampled_from(rows))
    head = Head(
        qn=draw(st.sampled_from(["20261122103000123", "20261122103000124", "", None])),
        st=draw(st.sampled_from(["32", "32", "32", "31"])),
        cn=draw(st.sampled_from([cn, cn, cn, 3023, 9014])),
        pw=draw(st.sampled_from(["123456", "123456", "", None])),
        mn=draw(st.sampled_from([MN[edition], MN[edition], "", None])),
        flag=draw(st.sampled_from([flag_of(edition, asks=True), flag_of(edition), None])),
    )
    return Message(head=head, body=draw(body_of(body)))


conversations = st.sampled_from(list(Edition)).flatmap(
    lambda edition: st.tuples(st.just(edition), st.lists(requests(edition), min_size=1, max_size=6))
)


@modest
@given(conversations)
def test_typed_requests_in_any_order(conversation: tuple[Edition, list[Message]]) -> None:
    edition, asked = conversation
    site = site_of(edition)
    standing = at_start(site.device, interval_s=30)
    for message in asked:
        standing = takes(site, standing, message)


@modest
@given(st.sampled_from(list(Edition)), st.lists(careless, max_size=4))
def test_careless_and_hostile_segments(edition: Edition, segments: list[bytes]) -> None:
    site = site_of(edition)
    standing = at_start(site.device, interval_s=30)
    for segment in segments:
        try:
            message = read_message(segment, way=Way.DOWN)
        except BrokenSegment:
            continue
        standing = takes(site, standing, message)


@modest
@given(
    st.sampled_from([name for name in quirks.QUIRKS if name not in (quirks.OVERSIZE, quirks.AS_TEXT)]),
    st.integers(0, 999),
    st.sampled_from([(2011, "Rtd"), (2061, "Avg")]),
)
def test_a_quirk_makes_the_deviation_it_is_named_for_and_none_other(
    name: str, number: int, kind: tuple[int, str]
) -> None:
    cn, tag = kind
    segment = (
        f"QN=20261122103000{number:03d};ST=32;CN={cn};PW=123456;MN={MN[Edition.HJ2017]};Flag=5;"
        f"CP=&&DataTime=20261122100000;w01018-{tag}=40.1,w01018-Flag=N&&"
    ).encode()
    reader = TolerantReader(way=Way.UP)
    readings = [*reader.feed(quirks.dressed(segment, quirks=(name,))), *reader.finish()]
    seen = {code for reading in readings for code in reading.deviations}
    # what makes a message unreadable makes its body so too; a checksum may happen to need no letter or leading zero
    sometimes = name in ("checksum_lower_case", "checksum_short", "data_time_seconds")
    assert seen - {"untyped_body"} == {name} or (sometimes and not seen)
