"""What is done behind the start: by real programs, and nothing ends when one of them fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from qingtian.base.settings import from_environment
from qingtian.entry.supervisor import Supervisor


def supervisor(folder: Path) -> Supervisor:
    """One that thinks its engines run elsewhere; these steps ask for none."""
    told = {
        "QINGTIAN_DATA": str(folder),
        "QINGTIAN_LANG": "en",
        "QINGTIAN_NATS_URL": "nats://127.0.0.1:1",
        "QINGTIAN_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
        "QINGTIAN_DATABASE_OWNER_URL": "postgresql://nobody@127.0.0.1:1/nothing",
    }
    return Supervisor(settings=from_environment(told))


def test_a_step_behind_the_start_that_fails_is_told_and_the_rest_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = supervisor(tmp_path)
    one._step_behind("qingtian.no_such_module")
    told = capsys.readouterr().out
    assert "No module named" in told
    assert "(the rest goes on)" in told


def test_one_that_is_done_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # the module that prints the zen of Python ends by itself
    supervisor(tmp_path)._step_behind("this")
    assert "this done" in capsys.readouterr().out
