"""The devices the gateway knows, by the newest plan; followed while it runs."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qingtian.bus.plans import PlanSnapshot
from qingtian.stream.gateway.kernels import DoorTable
from qingtian.stream.gateway.profiles import PASSWORD_WRONG, profile_of
from qingtian.stream.hj212.devices import DeviceTable
from qingtian.stream.hj212.editions import VERSION_SHIFT, flag_of
from qingtian.stream.hj212.profile import USUAL, Profile


@dataclass(frozen=True, kw_only=True)
class Registry:
    """Plan ``number`` as the gateway needs it. ``partitions[i]`` is where the packets of device *i* go on the log.

    ``profiles``: only of the devices that have one of their own, by MN. ``versions``: the version bits of the Flag that
    a device is answered with if the plan names its edition, else -1. ``index``: MN → device.
    """

    number: int
    devices: DeviceTable
    partitions: NDArray[np.uint16]
    partition_count: int
    door: DoorTable
    versions: NDArray[np.int32]
    index: Mapping[str, int] = field(repr=False)
    profiles: Mapping[str, Profile] = field(default_factory=dict)

    def profile(self, mn: str) -> Profile:
        return self.profiles.get(mn, USUAL)


def registry(plan: PlanSnapshot, *, partitions: int = 1) -> Registry:
    """Build the registry. A device keeps its partition from plan to plan: it hangs on the MN alone."""
    known = {device["mn"]: device for outlet in reversed(plan["outlets"]) for device in reversed(outlet["devices"])}
    devices = DeviceTable.build(device["mn"] for outlet in plan["outlets"] for device in outlet["devices"])
    places = np.array([zlib.crc32(mn.encode()) % partitions for mn in devices.mns], np.uint16)
    profiles = {mn: found for mn, device in known.items() if (found := profile_of(device)) is not USUAL}
    return Registry(
        number=plan["number"],
        devices=devices,
        partitions=places,
        partition_count=partitions,
        door=DoorTable.build(
            [known[mn]["pw"] for mn in devices.mns], always=[_is_watched(profiles.get(mn)) for mn in devices.mns]
        ),
        # one more, for the frames of no device (index -1)
        versions=np.array([*(_version(profiles.get(mn)) for mn in devices.mns), -1], np.int32),
        index={mn: index for index, mn in enumerate(devices.mns)},
        profiles=profiles,
    )


def _version(profile: Profile | None) -> int:
    return -1 if profile is None or profile.edition is None else flag_of(profile.edition) >> VERSION_SHIFT


def _is_watched(profile: Profile | None) -> bool:
    """Whether every packet of a device must be read in full: its profile may refuse what the usual one does not."""
    return profile is not None and bool(profile.edition or set(profile.verdicts) - {PASSWORD_WRONG})
