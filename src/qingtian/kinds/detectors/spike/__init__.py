"""Detector of spikes and short excursions 突变 that load does not explain."""
