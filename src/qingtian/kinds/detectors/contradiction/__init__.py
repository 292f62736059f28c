"""Detector of impossible relations 逻辑矛盾 between factors and with load, oxygen, flow and power."""
