"""``qingtian decode``, called as a person calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.hj212_shared import expected_error, packets

from qingtian.entry.cli import main
from qingtian.stream.hj212.repair import modbus
from qingtian.stream.hj212.segment import encode_frame

KEYS = ["offset", "ok", "error", "qn", "st", "cn", "pw", "mn", "flag", "pnum", "pno", "cp", "factors"]
GOOD = encode_frame(
    b"QN=20160801085857223;ST=32;CN=2011;PW=123456;MN=A1;Flag=7;PNUM=2;PNO=1;"
    b"CP=&&DataTime=20160801085857;w01018-Rtd=1.25,w01018-Flag=N&&"
)


def decode(data: bytes, *options: str, folder: Path) -> tuple[int, list[dict[str, Any]]]:
    file, out = folder / "packets", folder / "lines"
    file.write_bytes(data)
    with out.open("wb") as lines:
        done = subprocess.run(
            [sys.executable, "-m", "qingtian", "decode", *options, str(file)], stdout=lines, check=False
        )
    return done.returncode, [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def test_it_prints_one_object_a_packet(tmp_path: Path) -> None:
    code, (packet,) = decode(GOOD, folder=tmp_path)
    assert code == 0
    assert list(packet) == KEYS
    assert packet == {
        "offset": 0,
        "ok": True,
        "error": None,
        "qn": "20160801085857223",
        "st": "32",
        "cn": "2011",
        "pw": "123456",
        "mn": "A1",
        "flag": "7",
        "pnum": 2,
        "pno": 1,
        "cp": {"DataTime": "20160801085857"},
        "factors": {"w01018": {"Rtd": 1.25, "Flag": "N"}},
    }


def test_it_says_what_is_wrong_and_goes_on(tmp_path: Path) -> None:
    broken = encode_frame(b"ST=32;CN=2011")
    code, packets = decode(b"hello" + GOOD + broken + GOOD.replace(b"1.25", b"1.26") + GOOD, folder=tmp_path)
    assert code == 1
    assert [packet["error"] for packet in packets] == ["garbage", None, "broken_segment", "bad_checksum", None]
    assert packets[3]["mn"] == "A1"
    assert packets[3]["factors"] == {}


def test_it_reads_a_pipe_of_any_length() -> None:
    count = 3000
    done = subprocess.run(
        [sys.executable, "-m", "qingtian", "decode", "-"], input=GOOD * count, capture_output=True, check=False
    )
    assert done.returncode == 0
    offsets = [json.loads(line)["offset"] for line in done.stdout.splitlines()]
    assert offsets == [number * len(GOOD) for number in range(count)]


def test_a_file_that_is_not_there_is_a_misuse(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decode", "/nowhere/at/all"]) == 2
    assert "/nowhere/at/all" in capsys.readouterr().err


def test_it_reads_all_real_packets(tmp_path: Path) -> None:
    known = packets()
    code, lines = decode(b"\r\n".join(packet["packet"].encode() for packet in known), folder=tmp_path)
    place, at = 0, {}
    for packet in known:
        at[place] = expected_error(packet)
        place += len(packet["packet"].encode()) + 2
    told = {line["offset"]: line["error"] for line in lines}
    assert code == 1
    assert {offset: told.get(offset, "missing") for offset in at} == at
    # the receiver's test data write one frame three times in one go
    assert [line["ok"] for line in lines if line["offset"] not in at] == [True] * (len(lines) - len(at))


MODBUS = b"##0077QN=20170516010101001;ST=22;CN=1011;PW=123456;MN=ABCDEFG1234567;Flag=1;CP=&&&&" + b"%04X\r\n" % modbus(
    b"QN=20170516010101001;ST=22;CN=1011;PW=123456;MN=ABCDEFG1234567;Flag=1;CP=&&&&"
)


def test_the_tolerant_reader_takes_what_the_strict_one_refuses(tmp_path: Path) -> None:
    code, (packet,) = decode(MODBUS, folder=tmp_path)
    assert (code, packet["error"]) == (1, "bad_checksum")
    code, (packet,) = decode(MODBUS, "--tolerant", folder=tmp_path)
    assert (code, packet["error"], packet["cn"]) == (0, None, "1011")
    assert list(packet) == KEYS
    code, (packet,) = decode(MODBUS, "--tolerant", "--refuse", "checksum_modbus", folder=tmp_path)
    assert (code, packet["error"]) == (1, "bad_checksum")


def test_deviations_come_last_and_change_no_verdict(tmp_path: Path) -> None:
    code, (packet,) = decode(MODBUS, "--deviations", folder=tmp_path)
    assert (code, list(packet)) == (1, [*KEYS, "deviations"])
    assert (packet["error"], packet["deviations"]) == ("bad_checksum", ["checksum_modbus"])
    code, (packet,) = decode(MODBUS.strip(), "--tolerant", "--deviations", folder=tmp_path)
    assert (code, packet["deviations"]) == (0, ["missing_crlf", "checksum_modbus"])


def test_a_deviation_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decode", "--tolerant", "--refuse", "everything", "-"]) == 1
    assert "everything" in capsys.readouterr().err
