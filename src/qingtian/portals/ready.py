"""What a process that serves pages does before the first: load what they all rest on, and keep the collector off it."""

from __future__ import annotations

import gc

from django.urls import get_resolver

from qingtian.law.machine import shelf

THRESHOLDS = (20_000, 50, 100)
"""A page makes some thousand objects and leaves hardly a cycle: rounds of the collector every few pages are enough."""


def make_ready() -> None:
    """Load the pages and the kinds of matter; what is there now stays for ever, so no round walks through it again.

    One full round over it takes longer than any page.
    """
    # reading the addresses imports every page
    _ = get_resolver().url_patterns
    shelf.discover()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
