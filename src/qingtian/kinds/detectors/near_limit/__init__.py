"""Detector of values near the limit 临近超标, and of days that will probably end over it."""
