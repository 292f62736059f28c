"""Packets as they arrived and the readings in them, as columns on their way to the judge and the lake."""
