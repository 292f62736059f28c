"""``python -m qingtian.entry.load.office DEVICES``: put the bench's outlets into the registers and let the desk in.

Prints the key of a session of the duty desk. The plan goes on the log by the dispatcher, as always.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from qingtian.base import times
from qingtian.bus.plans import PlanOutlet
from qingtian.demo import cast, city
from qingtian.entry.load import stage
from qingtian.office import start


def main(devices: int) -> str:
    """Seed the database that the settings name; return the key of the session."""
    start.start()
    # the registers are Django's, so they can be named only after the start
    from qingtian.demo import registers

    registers.put_districts(city.districts())
    registers.put_people([cast.DESK])
    _put_outlets(stage.plan(devices)["outlets"])
    registers.publish(at=times.now())
    return _let_in(cast.DESK.username)


def _put_outlets(outlets: Sequence[PlanOutlet]) -> None:
    from qingtian.office.sites.api import Device, Enterprise, Limit, Outlet

    place = {"district_id": outlets[0]["district"], "grid_id": outlets[0]["grid"], "lon": 113.9, "lat": 22.6}
    firm = Enterprise(code=outlets[0]["enterprise"], name="性能测试企业", synthetic=True, **place)
    firm.save()
    Outlet.objects.bulk_create(
        Outlet(
            code=row["code"],
            name=row["name"],
            enterprise=firm,
            medium=row["medium"],
            standard="bench",
            source_type="bench",
            **place,
        )
        for row in outlets
    )
    Device.objects.bulk_create(
        Device(mn=device["mn"], pw=device["pw"], outlet_id=row["code"]) for row in outlets for device in row["devices"]
    )
    Limit.objects.bulk_create(
        Limit(
            outlet_id=row["code"],
            **{name: value for name, value in limit.items() if name not in ("from", "to")},
        )
        for row in outlets
        for limit in row["limits"]
    )


def _let_in(username: str) -> str:
    from django.conf import settings
    from django.contrib import auth

    from qingtian.office.people.api import User
    from qingtian.office.people.visits import SessionStore

    user = User.objects.get(username=username)
    session = SessionStore()
    session[auth.SESSION_KEY] = str(user.pk)
    session[auth.BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[auth.HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


if __name__ == "__main__":
    print(main(int(sys.argv[1])))
