"""The page of an alert names the silences that keep it quiet, and no others of its outlet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.office_world import OUTLET, finding

from qingtian.base import times

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]


@pytest.mark.parametrize(
    ("narrowed", "shown"),
    [
        ({}, True),
        ({"factor": "w01018"}, True),
        ({"detector": "exceedance"}, True),
        ({"factor": "w01018", "detector": "exceedance"}, True),
        ({"factor": "w21003"}, False),
        ({"detector": "flat_line"}, False),
        ({"factor": "w01018", "detector": "flat_line"}, False),
    ],
)
def test_it_shows_a_silence_only_if_it_is_about_this_factor_and_this_detector(
    narrowed: dict[str, str], shown: bool, people: dict[str, Any]
) -> None:
    from django.test import Client

    from qingtian.office.alerts import api
    from qingtian.office.tasks.api import take_finding

    at = times.now() - timedelta(minutes=5)
    taken = take_finding(message=finding(at=at), at=at)
    assert taken is not None
    api.silence(acting_user=people["desk"], outlet_code=OUTLET, hours=4, reason="仪器检修中", at=at, **narrowed)
    client = Client(raise_request_exception=False)
    client.force_login(people["desk"])
    page = client.get(f"/alerts/{taken.episode.pk}/").content.decode()
    assert ("仪器检修中" in page) is shown
    # the desk may only silence what is not silenced yet
    assert ("silence-sheet" in page) is not shown
