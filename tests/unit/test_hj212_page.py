"""docs/hj212.md: its tables are those of the codec, its example runs and prints what it says."""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import sys
from pathlib import Path

import pytest

from qingtian.entry.reference import TABLES, filled, main
from qingtian.stream import hj212
from qingtian.stream.hj212.checksum import checksum
from qingtian.stream.hj212.reference import ERRORS
from qingtian.stream.hj212.status import NAMES

PAGE = Path(__file__).parents[2] / "docs" / "hj212.md"


def text() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_the_tables_of_the_page_are_those_of_the_codec() -> None:
    assert filled(text()) == text(), "run: python -m qingtian.entry.reference docs/hj212.md"
    for name in TABLES:
        assert f"<!-- table: {name} -->" in text()


def test_every_command_error_and_deviation_is_on_the_page() -> None:
    assert {code for code, _, _ in ERRORS} == set(NAMES) - {"ok"}
    for code in [*(f"| {cn:04d} |" for cn in hj212.COMMANDS), *(f"| `{code}` |" for code in hj212.DEVIATIONS)]:
        assert code in text()


def test_the_example_of_the_page_prints_what_the_page_says() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", text(), re.DOTALL)
    (printed,) = re.findall(r"```text\n(.*?)```", text(), re.DOTALL)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, str(PAGE), "exec"), {"__name__": "example"})
    assert out.getvalue() == printed


def test_the_first_packet_of_the_page_is_a_sound_one() -> None:
    (frame,) = re.findall(r"^ {7}(##\d{4}.*)$", text(), re.MULTILINE)
    reader = hj212.TolerantReader()
    (reading,) = [*reader.feed(frame.encode() + b"\r\n"), *reader.finish()]
    assert (reading.ok, reading.deviations) == (True, ())


def test_the_check_values_of_the_page_hold() -> None:
    segment = re.findall(r"^`(QN=\S+&&)`, gives `(\w{4})`", text(), re.MULTILINE)
    assert [f"{checksum(raw.encode()):04X}" for raw, _ in segment] == [crc for _, crc in segment] == ["1C80"]
    assert checksum(b"123456789") == 0x2F80


def test_the_face_of_the_codec_never_loads_numba() -> None:
    script = "import sys; from qingtian.stream import hj212; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
    assert all(hasattr(hj212, name) for name in hj212.__all__)


def test_a_page_is_made_anew_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- table: errors -->\nold\n<!-- end -->\nrest\n", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["reference", str(page)])
    assert main() == 0
    assert "old" not in page.read_text(encoding="utf-8")
    assert page.read_text(encoding="utf-8").endswith("<!-- end -->\nrest\n")
