"""Detector of zero and negative values 零值负值 while the plant runs."""
