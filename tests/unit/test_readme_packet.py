"""The packet that the readme has a newcomer send is sound, and is one of the demo's first device."""

from __future__ import annotations

from pathlib import Path

import pytest

from qingtian.demo import city
from qingtian.entry import cli

ROOT = Path(__file__).parents[2]


def packet(readme: str) -> str:
    (line,) = [line for line in (ROOT / readme).read_text(encoding="utf-8").splitlines() if "echo '##" in line]
    return line.split("'")[1]


def test_both_readmes_have_the_packet_of_the_demos_first_outlet() -> None:
    assert packet("README.md") == packet("README.zh-CN.md")
    (first,) = [firm for firm in city.firms() if firm.outlet_code == "SZ-W-0001"]
    assert f"MN={first.mn};" in packet("README.md")
    assert f"PW={city.PASSWORD_OF_DEVICES};" in packet("README.md")


def test_it_can_be_read_as_it_stands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "packets.txt"
    file.write_text(packet("README.md") + "\n", encoding="utf-8")
    assert cli.main(["decode", str(file)]) == 0
    assert '"ok":true' in capsys.readouterr().out
