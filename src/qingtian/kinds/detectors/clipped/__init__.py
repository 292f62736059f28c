"""Detector of values held under a ceiling 封顶."""
