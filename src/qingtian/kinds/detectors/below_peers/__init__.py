"""Detector of values far below those of outlets of the same kind 同类对比."""
