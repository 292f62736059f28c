"""How many files and connections this process may hold open: an ordinary user begins with 1,024."""

from __future__ import annotations

import resource

OTHERS = 256
"""What a process holds open besides its connections."""


def allow(connections: int) -> int:
    """Raise the soft limit towards what so many connections need, as far as the hard limit lets us; return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + OTHERS
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return soft
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most
