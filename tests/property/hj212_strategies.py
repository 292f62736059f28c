"""Generated packets: well-formed ones, ones with the habits of the field, and mangled streams of them."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st

from qingtian.stream.hj212.measures import MEASURES
from qingtian.stream.hj212.segment import Segment, encode_frame

MNS = ("010000A8900016F000169DC0", "88888880000001", "Abc_1-x")

codes = st.sampled_from(["w01018", "a21026", "011", "B01", "LA", "PM25", "abcdefgh", "w1"])
stamps = st.datetimes().map(lambda moment: f"{moment.year:04d}{moment:%m%d%H%M%S}")
numbers = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(10**6), 10**6).map(float),
    st.decimals(min_value=-9999, max_value=9999, places=3).map(float),
)
flags = st.sampled_from(list("NFMSDCTB0123"))
# nothing that a segment uses as a mark, and nothing that looks like a number
words = st.text("abcXYZ清洗管路_.:", min_size=1, max_size=12).filter(lambda text: not text.startswith("."))

factor_tags = st.dictionaries(st.sampled_from(MEASURES), numbers, max_size=5).flatmap(
    lambda tags: st.one_of(st.just(tags), flags.map(lambda flag: {**tags, "Flag": flag}))
)

segments = st.builds(
    Segment,
    qn=st.one_of(st.none(), st.just(""), st.integers(0, 10**17 - 1).map(lambda n: f"{n:017d}")),
    st=st.sampled_from(["21", "22", "31", "32", "A0"]),
    cn=st.sampled_from(["2011", "2051", "2061", "2031", "9014", "1013", "3020"]),
    pw=st.one_of(st.none(), st.sampled_from(["", "123456"])),
    mn=st.one_of(st.none(), st.sampled_from([*MNS, "unknown", ""])),
    flag=st.one_of(st.none(), st.integers(0, 11).map(str)),
    pnum=st.one_of(st.none(), st.integers(1, 9)),
    pno=st.one_of(st.none(), st.integers(1, 9)),
    cp=st.dictionaries(st.sampled_from(["PolId", "RtdInterval", "BeginTime", "SystemTime"]), words, max_size=3).flatmap(
        lambda cp: st.one_of(st.just(cp), stamps.map(lambda stamp: {"DataTime": stamp, **cp}))
    ),
    factors=st.dictionaries(codes, factor_tags.filter(bool), max_size=6),
)

# data areas as a careless or hostile sender may write them
_keys = st.one_of(
    st.builds("{}-{}".format, codes, st.sampled_from([*MEASURES, "Flag", "EFlag", "Info", "td", "-Avg", "ZsCou", ""])),
    st.sampled_from(["DataTime", "PolId", "Flag", "-Rtd", "toolongcode-Rtd", "a b-Rtd", "", "名-Rtd"]),
)
_values = st.one_of(
    numbers.map(repr),
    flags,
    stamps,
    stamps.map(lambda stamp: stamp + "123"),
    st.text("0123456789.+-eE", max_size=24),
    st.sampled_from(
        ["", " 1 ", "//a;w01018-Rtd=5,b//", "//open", "//", "NN", "é", "1,2", "20241301000000", "&&", "##"]
    ),
)
_separators = st.sampled_from([";", ",", ";,", "; ", ",\r\n", ";;"])
_items = st.one_of(
    st.builds("{}={}{}".format, _keys, _values, _separators), st.builds("{}{}".format, _keys, _separators)
)
areas = st.lists(_items, max_size=12).map("".join)
careless = st.builds(
    lambda head, area, tail: f"{head}CP=&&{area}&&{tail}".encode(),
    st.sampled_from(
        [
            "QN=20160801085857223;ST=32;CN=2011;PW=123456;MN=88888880000001;Flag=5;",
            "ST=32;CN=2011;PW=123456;,MN=Abc_1-x;FLAG=0;",
            "QN=1,ST=A0;CN=2051; MN=x;Flag=5",
            "QN=;CN=99999;MN=;Flag=300;PNUM=1;",
            "CN=2011;CN=2051;ST=31;ST=32;",
            "ST=31;MN=88888880000001;CN=;",
            "",
        ]
    ),
    areas,
    st.sampled_from(["", ";", " ", "&", "x"]),
)
raw_segments = st.one_of(careless, st.binary(max_size=60))
frames = st.one_of(segments.map(encode_frame), raw_segments.map(encode_frame))


@st.composite
def mangled(draw: st.DrawFn) -> bytes:
    """Return one frame with something wrong with it, or stray bytes."""
    frame = bytearray(draw(frames))
    match draw(st.integers(0, 6)):
        case 0:
            frame[draw(st.integers(0, len(frame) - 1))] = draw(st.integers(0, 255))
        case 1:
            frame[2:6] = b"%d" % draw(st.integers(0, 9999))
        case 2:
            del frame[draw(st.integers(0, len(frame) - 1)) :]
        case 3:
            place = draw(st.integers(0, len(frame) - 1))
            del frame[place : place + draw(st.integers(1, 9))]
        case 4:
            frame[-6:-2] = draw(st.sampled_from([b"", b"4", b"ffff", b"zzzz", b"12345"]))
        case 5:
            del frame[-2:]
        case _:
            return draw(st.one_of(st.binary(max_size=40), st.text("#0123Q=N\r\n&", max_size=30).map(str.encode)))
    return bytes(frame)


# numbers as senders print them: with and without a point, signed, of one character to many
plain_values = st.one_of(
    st.decimals(min_value=-9999, max_value=99999, places=3).map(str),
    st.integers(-999, 10**9).map(str),
    st.from_regex(r"-?[0-9]{0,9}\.?[0-9]{1,9}", fullmatch=True),
)
layouts = st.lists(
    st.tuples(codes, st.sampled_from([*MEASURES, "Flag"]), st.sampled_from([",", ";"])), min_size=1, max_size=24
)


def packet_of(layout: list[tuple[str, str, str]], values: list[str]) -> bytes:
    """Return a data segment with the keys and separators of ``layout``."""
    items = (
        f"{code}-{tag}={'N' if tag == 'Flag' else value}{separator}"
        for (code, tag, separator), value in zip(layout, values, strict=False)
    )
    area = "DataTime=20261122080000;" + "".join(items)
    return f"QN=20261122080000001;ST=32;CN=2051;PW=123456;MN={MNS[0]};Flag=5;CP=&&{area[:-1]}&&".encode()


# enough to meet every kind of damage, few enough for a suite that is run often
modest = settings(max_examples=50, deadline=None)

streams = st.lists(st.one_of(frames, mangled()), max_size=6).map(b"".join)
cuts = st.lists(st.integers(0, 3000), max_size=8)


def pieces(data: bytes, places: list[int]) -> list[bytes]:
    """Cut ``data`` at these places."""
    edges = [0, *sorted(min(place, len(data)) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]
