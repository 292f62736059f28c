"""The parts of chains that a stretch of entries holds, in arrays: there may be millions of chains."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingtian.office.ledger import kernel_texts, kernels

Fault = tuple[int, str]
"""The first entry of a chain that does not hold: its sequence, and a key of `chains.WHAT`."""

FIRST_ROOM = 1 << 12
NAME_ROOM = 32
WHAT = {kernel_texts.GAP: "gap", kernel_texts.BREAK: "previous"}


@dataclass(kw_only=True)
class Runs:
    """Chains by number, in the order in which they were met; ``used``: how many, and how many bytes of names.

    ``chains`` and ``ends`` are laid out as `kernels` says, ``slots`` finds a chain by its name.
    """

    slots: NDArray[np.int64] = field(default_factory=lambda: np.full(2 * FIRST_ROOM, -1, np.int64))
    names: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(NAME_ROOM * FIRST_ROOM, np.uint8))
    chains: NDArray[np.int64] = field(default_factory=lambda: np.zeros((FIRST_ROOM, kernels.CHAIN_COLUMNS), np.int64))
    ends: NDArray[np.uint64] = field(default_factory=lambda: np.zeros((FIRST_ROOM, 2 * kernels.WORDS), np.uint64))
    used: NDArray[np.int64] = field(default_factory=lambda: np.zeros(2, np.int64))
    faults: dict[int, Fault] = field(default_factory=dict)

    def __len__(self) -> int:
        return int(self.used[0])

    def name(self, chain: int) -> str:
        at, size = self.chains[chain, kernels.NAME_AT], self.chains[chain, kernels.NAME_SIZE]
        return self.names[at : at + size].tobytes().decode(errors="replace")

    def last(self, chain: int) -> int:
        """Return the sequence of the last entry met."""
        return int(self.chains[chain, kernels.LAST_SEQUENCE])

    def blame(self, chain: int, sequence: int, what: str) -> None:
        """Note a fault, unless an earlier one is known."""
        self.faults.setdefault(chain, (sequence, what))

    def make_room(self, *, chains: int, names: int) -> None:
        """Make room for so many more chains and bytes of their names."""
        count, size = self.used.tolist()
        if count + chains > len(self.chains):
            room = max(2 * len(self.chains), count + chains)
            self.chains, self.ends = _grown(self.chains, room), _grown(self.ends, room)
            self._index(room)
        if size + names > len(self.names):
            self.names = _grown(self.names, max(2 * len(self.names), size + names))

    def _index(self, room: int) -> None:
        self.slots = np.full(1 << (2 * room - 1).bit_length(), -1, np.int64)
        kernels.index(self.slots, self.names, self.chains, len(self))

    def trimmed(self) -> Runs:
        """Return them without spare room and index, to be sent to another process; `absorb` takes them."""
        count, size = self.used.tolist()
        parts: dict[str, Any] = {"names": self.names[:size], "chains": self.chains[:count], "ends": self.ends[:count]}
        return Runs(slots=np.full(1, -1, np.int64), used=self.used, faults=self.faults, **parts)

    def absorb(self, later: Runs) -> None:
        """Go on with the runs of the stretch behind this one."""
        count = len(later)
        self.make_room(chains=count, names=int(later.used[1]))
        places, flags = np.zeros(count, np.int64), np.zeros(count, np.int64)
        mine = (self.slots, self.names, self.chains, self.ends, self.used)
        kernels.absorb(*mine, later.names, later.chains, later.ends, places, flags)
        for run in np.flatnonzero(flags).tolist():
            sequence = int(later.chains[run, kernels.FIRST_SEQUENCE])
            self.blame(int(places[run]), sequence, WHAT[int(flags[run])])
        for place, (sequence, what) in later.faults.items():
            self.blame(int(places[place]), sequence, what)


def _grown(array: NDArray[Any], room: int) -> NDArray[Any]:
    larger = np.zeros((room, *array.shape[1:]), array.dtype)
    larger[: len(array)] = array
    return larger
