"""Qingtian 青天: from the raw packet of a pollution monitor to the closed task, each step provable."""

__version__ = "0.1.0"
