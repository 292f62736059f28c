"""Detector of lost variance 波动消失."""
