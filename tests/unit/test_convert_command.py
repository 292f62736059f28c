"""``qingtian convert``: raw bytes and captures to lines, tables and columns; the progress bar."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.hj212_shared import packets
from tests.unit.test_capture import ethernet, pcap

from qingtian.entry.cli import main
from qingtian.entry.convert.rows import COLUMNS
from qingtian.entry.progress import Progress
from qingtian.stream.capture.packets import SYN
from qingtian.stream.hj212.segment import encode_frame

GOOD = encode_frame(
    b"QN=20260101084000001;ST=32;CN=2011;PW=123456;MN=88888880000001;Flag=5;"
    b"CP=&&DataTime=20260101084000;w01018-Rtd=40.1,w01018-Flag=N;w21003-SampleTime=20260101083000,w21003-Rtd=0&&"
)


def convert(data: bytes, *words: str, folder: Path, output: str) -> tuple[int, Path]:
    source, target = folder / "in", folder / output
    source.write_bytes(data)
    return main(["convert", str(source), "-o", str(target), *words]), target


def test_raw_bytes_become_one_line_a_packet(tmp_path: Path) -> None:
    code, target = convert(GOOD + b"noise", folder=tmp_path, output="out.jsonl")
    first, second = map(json.loads, target.read_text(encoding="utf-8").splitlines())
    assert code == 1
    assert (first["mn"], first["factors"]["w01018"]["Rtd"], first["deviations"]) == ("88888880000001", 40.1, [])
    assert (second["error"], second["deviations"]) == ("garbage", ["stray_bytes"])


def test_a_table_has_one_row_a_value_and_no_password(tmp_path: Path) -> None:
    code, target = convert(GOOD, folder=tmp_path, output="out.csv")
    text = target.read_text(encoding="utf-8-sig")
    head, *body = csv.reader(io.StringIO(text))
    assert code == 0
    assert tuple(head) == COLUMNS
    told = [row[head.index("factor") :] for row in body]
    assert told == [
        ["w01018", "Rtd", "40.1", "", "N"],
        ["w21003", "SampleTime", "", "20260101083000", ""],
        ["w21003", "Rtd", "0.0", "", ""],
    ]
    assert "123456" not in text


def test_parquet_keeps_zero_and_nothing_apart(tmp_path: Path) -> None:
    code, target = convert(GOOD * 9000 + b"noise", folder=tmp_path, output="out.parquet")
    table = pq.read_table(target)
    assert code == 1
    assert table.num_rows == 27001
    assert table.column("value").to_pylist()[:3] == [40.1, None, 0.0]
    assert table.column("error").to_pylist()[-1] == "garbage"


def test_a_capture_is_put_together_by_stream(tmp_path: Path) -> None:
    cut = len(GOOD) // 2
    frames = [
        ethernet(b"", sequence=99, flags=SYN),
        ethernet(GOOD[cut:], sequence=100 + cut),
        ethernet(GOOD[:cut], sequence=100),
        ethernet(GOOD[:cut], sequence=100),
    ]
    code, target = convert(pcap(frames), folder=tmp_path, output="out.jsonl")
    (line,) = map(json.loads, target.read_text(encoding="utf-8").splitlines())
    assert code == 0
    assert (line["source"], line["target"], line["ok"]) == ("10.0.0.1:40000", "10.0.0.2:9212", True)
    assert line["at"] == "2023-11-15T06:13:22.000005+08:00"


def test_strict_refuses_what_is_usually_read(tmp_path: Path) -> None:
    swapped = GOOD[:-6] + GOOD[-4:-2] + GOOD[-6:-4] + b"\r\n"
    assert convert(swapped, folder=tmp_path, output="a.jsonl")[0] == 0
    assert convert(swapped, "--strict", folder=tmp_path, output="b.jsonl")[0] == 1


def test_statistics_tell_how_each_device_deviates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    odd = encode_frame(b"QN=20260101084000001;ST=32;CN=2011;PW=1;MN=A1;Flag=5;CP=&&DataTime=20260101084000;x1-Rtd=1&&")
    code, _ = convert(GOOD + odd * 3, "--statistics", folder=tmp_path, output="out.jsonl")
    told = capsys.readouterr().err
    assert code == 0
    assert "4 packets, of which 0 refused and 3 deviating" in told
    assert "A1  unknown_factor  3 of 3" in told
    assert "88888880000001" not in told


def test_all_real_packets_are_converted(tmp_path: Path) -> None:
    data = b"\r\n".join(packet["packet"].encode() for packet in packets())
    _, target = convert(data, folder=tmp_path, output="out.jsonl")
    lines = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert len(lines) >= len(packets())
    assert sum(not line["ok"] for line in lines) == 5


def test_misuse_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", "/nowhere/at/all"]) == 2
    assert convert(GOOD, folder=tmp_path, output="out.xls")[0] == 2
    assert main(["convert", str(tmp_path / "in"), "--format", "parquet"]) == 2
    code, _ = convert(b"\x0a\x0d\x0d\x0a" + b"\0" * 40, folder=tmp_path, output="out.csv")
    assert code == 1
    assert "pcapng" in capsys.readouterr().err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_bar_shows_how_far_it_is_and_is_silent_in_a_pipe() -> None:
    times = iter([0.0, *[2.0] * 9])
    terminal = Terminal()
    bar = Progress(4 << 20, stream=terminal, clock=lambda: next(times))
    bar.tell(1 << 20)
    bar.finish("done")
    assert "   0%  0.0 MiB" in terminal.getvalue()
    assert " 25%  1.0 MiB  0.5 MiB/s  0:06" in terminal.getvalue()
    assert terminal.getvalue().endswith("done\n")
    pipe = io.StringIO()
    quiet = Progress(None, stream=pipe, clock=lambda: 0.0)
    quiet.tell(5)
    quiet.finish("done")
    assert pipe.getvalue() == "done\n"
