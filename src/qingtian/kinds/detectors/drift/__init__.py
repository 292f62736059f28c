"""Detector of slow drift 漂移 against what load explains."""
