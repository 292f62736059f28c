"""No packet of a device can break the gateway's commander: whatever is sound as a frame may say anything."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.commanding_world import MN, World

from qingtian.stream.gateway.answers import Heard
from qingtian.stream.hj212.editions import Edition

AREAS = st.lists(
    st.sampled_from(
        [
            *("QN=20260101080000001", "QN=", "QnRtn=1", "QnRtn=x", "QnRtn=", "ExeRtn=1", "ExeRtn=999999999", "CN=9012"),
            *(
                "DataTime=20260101060000",
                "DataTime=20269901",
                "PolId=w01018",
                "w01018-Avg=1",
                "w01018-",
                "-Avg=1",
                "//,;",
            ),
            *("i11001-Info=//a;b,c//", "i11001-Info=//", "RtdInterval=30", "=", ",", "&", "\x00", "\ufeff清洗"),
        ]
    ),
    max_size=6,
)
HEADS = st.sampled_from(["", "QN={qn};", "QN=;", "QN=x;", "PNUM=2;PNO=1;", "QN={qn};PNUM=2;PNO=3;", "PNUM=0;PNO=0;"])
COMMANDS = st.sampled_from([1061, 2051, 3020, 9011, 9012, 9013, 9014, 9015, 0, 9999])


@settings(deadline=None)
@given(
    cn=COMMANDS,
    asked=st.sampled_from([1061, 2051, 3020, 2012]),
    edition=st.sampled_from(list(Edition)),
    packets=st.lists(st.tuples(HEADS, AREAS, st.sampled_from([b"", b"\xff\xfe", b"\xc7\xe5"])), min_size=1, max_size=5),
)
def test_it_takes_any_packet(
    cn: int, asked: int, edition: Edition, packets: list[tuple[str, list[str], bytes]]
) -> None:
    world = World()
    line = world.connect(edition=edition)
    items = {
        2051: {"BeginTime": "20260101060000", "EndTime": "20260101070000"},
        3020: {"PolId": "w01018", "InfoId": "i11001"},
    }
    command = world.ask(asked, **items.get(asked, {}))
    for head, area, stray in packets:
        text = f"{head.format(qn=command.qn)}ST=32;CN={cn};MN={MN};Flag=4;CP=&&{';'.join(area)}"
        segment = text.encode() + stray + b"&&"
        world.commander.heard(Heard(mn=MN, cn=cn, qn="", flag=4, segment=segment, arrived_us=0), line)
        world.wait(1)
    for told in world.told:
        assert told.message()
    world.wait(1000)
    assert world.commander.waiting == 0
