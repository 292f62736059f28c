"""Detector of clocks and orders 时钟与时序异常 that cannot be."""
