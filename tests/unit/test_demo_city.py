"""The demo city is the same at every call, plainly invented, and its devices are in order."""

from __future__ import annotations

import re

from qingtian.demo import cast, city, geography
from qingtian.stream.simulator import timeline, values


def test_it_has_577_water_and_600_gas_outlets() -> None:
    media = [firm.kind.medium for firm in city.firms()]
    assert (media.count("water"), media.count("gas")) == (577, 600)


def test_it_names_every_firm_as_invented() -> None:
    assert all(firm.zh.startswith("虚构") and firm.en.startswith("Fictitious") for firm in city.firms())


def test_it_gives_every_device_its_own_mn_of_24_hex_digits() -> None:
    mns = {firm.mn for firm in city.firms()}
    assert len(mns) == 1177
    assert all(re.fullmatch("[0-9A-F]{24}", mn) for mn in mns)


def test_it_lays_every_firm_inside_its_district() -> None:
    assert all(geography.inside(firm.district.code, (firm.lon, firm.lat)) for firm in city.firms())


def test_it_is_the_same_at_every_call() -> None:
    before = city.firms(), city.simulated_devices()
    city.firms.cache_clear()
    city.simulated_devices.cache_clear()
    assert (city.firms(), city.simulated_devices()) == before


def test_it_lets_every_factor_live_within_its_limit() -> None:
    for device in city.simulated_devices():
        for factor in device.factors:
            if factor.upper is not None:
                assert 0 < factor.typical < 0.9 * factor.upper, (device.outlet, factor.code)
            if factor.lower is not None:
                assert factor.typical > factor.lower


def test_it_lets_the_cast_work_where_its_firms_stand() -> None:
    first, second = city.firms()[:2]
    assert (cast.FIRM.enterprise, cast.OTHER_FIRM.enterprise) == (first.code, second.code)
    assert first.place.code == cast.GRID.grid
    assert (first.district.code, second.district.code) == (cast.OFFICER.district, cast.OTHER_OFFICER.district)


def test_some_firms_have_channels_of_production_and_treatment_and_a_few_are_found_with_it_off() -> None:
    units = {device.mn: {factor.code for factor in device.factors} for device in city.simulated_devices()}
    treated = [mn for mn, codes in units.items() if codes & {"g10401", "e40201"}]
    assert len(treated) == 75
    assert all({"g10401", "p10101"} <= units[mn] or {"e40201", "e40101"} <= units[mn] for mn in treated)
    since = 1_790_000_000.0
    off = timeline.untreated(city.simulated_devices(), seed=1, since=since)
    assert len(off) == 3
    assert off <= set(treated)
    lots = timeline.City(seed=1, spans=((since, since + 86400),), untreated=off)
    device = next(one for one in city.simulated_devices() if one.mn in off)
    treatment = next(one for one in device.factors if one.code in ("g10401", "e40201"))
    before, now = (
        values.statistics(device, start=at, seconds=600, timeline=lots, seed=1)[treatment.code].mean
        for at in (since - 10 * 3600, since - 1800)
    )
    assert now < 0.05 * before
